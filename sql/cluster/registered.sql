-- The nodes whose trails the cluster has, by their system identifier, and whether they are retired, as the newest row says.
SELECT DISTINCT ON (node.system_identifier) node.system_identifier, node.node_group, node.retired_at IS NOT NULL
FROM @nodes@ AS node ORDER BY node.system_identifier, node.since DESC
