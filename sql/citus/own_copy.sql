-- This node's copy of a reference table ($1), qualified; nothing where it has none.
SELECT CASE class.relnamespace::pg_catalog.regnamespace::text WHEN 'public' THEN 'public.' ELSE '' END || pg_catalog.shard_name(shard.logicalrelid, shard.shardid)
FROM pg_catalog.pg_dist_shard AS shard
JOIN pg_catalog.pg_class AS class ON class.oid = shard.logicalrelid
JOIN pg_catalog.pg_dist_placement AS copy ON copy.shardid = shard.shardid
JOIN pg_catalog.pg_dist_local_group AS own ON own.groupid = copy.groupid
WHERE shard.logicalrelid = $1
