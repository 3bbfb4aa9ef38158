-- Somebody asks that a node is retired, or it is ($8).
INSERT INTO @extschema@.audit_cluster_nodes (id, system_identifier, node_group, since, requested_by, requested_by_role, retired_at, retired_by_role, reason)
VALUES ($1, $2, $3, $4, CASE WHEN NOT $8 THEN $5 END, CASE WHEN NOT $8 THEN $6 END, CASE WHEN $8 THEN $4 END, CASE WHEN $8 THEN $6 END, $7)
