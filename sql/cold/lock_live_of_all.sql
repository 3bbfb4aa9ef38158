-- The objects of workspaces $1 that may hold what an erasure takes, locked by id, so that steps of others end first.
SELECT FROM @extschema@.audit_cold_objects WHERE workspace_id = ANY ($1) AND state IN ('open', 'stored', 'released')
ORDER BY object_id
FOR UPDATE
