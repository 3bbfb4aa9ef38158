-- What was lent from object $1 is of object $2, which holds the same events.
UPDATE @extschema@.audit_cold_loans AS loan SET object_id = $2 FROM @extschema@.audit_cold_objects AS object
WHERE object.object_id = $1 AND loan.object_id = object.object_id
  AND loan.workspace_id = object.workspace_id AND loan.created_at BETWEEN object.first_created_at AND object.last_created_at
