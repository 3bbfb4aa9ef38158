-- The shard that a table is ($1, its name $2), as Citus knows it: its id, and whether it is the copy of a reference table.
SELECT shard.shardid, part.partmethod = 'n' AND part.repmodel = 't'
FROM pg_catalog.pg_dist_shard AS shard
JOIN pg_catalog.pg_dist_partition AS part ON part.logicalrelid = shard.logicalrelid
WHERE shard.shardid = pg_catalog.substring($2, '_([0-9]{1,18})$')::bigint AND pg_catalog.relation_is_a_known_shard($1)
