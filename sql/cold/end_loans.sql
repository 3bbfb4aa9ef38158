-- The loans of object $1 end; which events were lent.
DELETE FROM @extschema@.audit_cold_loans AS loan USING @extschema@.audit_cold_objects AS object
WHERE object.object_id = $1 AND loan.object_id = object.object_id
  AND loan.workspace_id = object.workspace_id AND loan.created_at BETWEEN object.first_created_at AND object.last_created_at
RETURNING loan.event_id
