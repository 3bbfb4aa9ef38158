-- The open and stored objects of workspace $1 are locked: a step of another transaction ends first.
SELECT FROM @extschema@.audit_cold_objects WHERE workspace_id = $1 AND state IN ('open', 'stored') FOR UPDATE
