-- The released objects of workspace $1, locked, so that steps of others end first.
SELECT object_id FROM @extschema@.audit_cold_objects WHERE workspace_id = $1 AND state = 'released'
ORDER BY object_id
FOR UPDATE
