-- Whether this node has the least group of those with a copy of a shard ($1).
SELECT own.groupid = (SELECT pg_catalog.min(copy.groupid) FROM pg_catalog.pg_dist_placement AS copy WHERE copy.shardid = $1)
FROM pg_catalog.pg_dist_local_group AS own
