-- The nodes of the cluster: group, where they are, in the order of their groups.
SELECT node.groupid, node.nodename, node.nodeport
FROM pg_catalog.pg_dist_node AS node WHERE node.noderole = 'primary' AND node.isactive ORDER BY node.groupid
