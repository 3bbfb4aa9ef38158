-- The stored objects of workspace $1 that hold rows of its archive, locked, so that steps of others end first; and the month of each. In the order in which
-- an erasure locks them.
SELECT object_id, month::timestamp AT TIME ZONE 'UTC'
FROM @extschema@.audit_cold_objects WHERE workspace_id = $1 AND state = 'stored' AND replaces IS NULL
ORDER BY object_id
FOR UPDATE
