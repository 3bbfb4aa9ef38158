-- The events of workspace $1 that tell of the deletion of entry $2, hot and archived.
SELECT id FROM @extschema@.audit_events WHERE workspace_id = $1 AND resource_id = $2 AND action_type = ANY ($3)
UNION ALL
SELECT id FROM @extschema@.audit_events_archive WHERE workspace_id = $1 AND resource_id = $2 AND action_type = ANY ($3)
