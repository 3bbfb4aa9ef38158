-- The nodes without a copy of a reference table ($1), in the order of their groups.
SELECT node.groupid, node.nodename, node.nodeport
FROM pg_catalog.pg_dist_node AS node
WHERE node.noderole = 'primary' AND node.isactive AND NOT EXISTS (
  SELECT FROM pg_catalog.pg_dist_shard AS shard JOIN pg_catalog.pg_dist_placement AS copy ON copy.shardid = shard.shardid
  WHERE shard.logicalrelid = $1 AND copy.groupid = node.groupid)
ORDER BY node.groupid
