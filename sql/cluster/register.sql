INSERT INTO @extschema@.audit_cluster_nodes (id, system_identifier, node_group, since) VALUES ($1, $2, $3, $4)
