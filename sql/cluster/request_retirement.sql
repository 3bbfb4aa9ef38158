INSERT INTO @extschema@.audit_cluster_nodes (id, system_identifier, node_group, since, requested_by, requested_by_role, reason)
VALUES ($1, $2, $3, $4, $5, $6, $7)
