-- The objects of workspace $1 that may hold what an erasure takes, locked, so that steps of others end first: each with whether it is not released yet, and the object
-- that it is to replace.
SELECT object_id, state <> 'released', replaces
FROM @extschema@.audit_cold_objects WHERE workspace_id = $1 AND state IN ('open', 'stored', 'released')
ORDER BY object_id
FOR UPDATE
