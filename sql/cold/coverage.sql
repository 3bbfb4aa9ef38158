-- The files that hold events of workspace $1, in the order of their events.
SELECT object.month, object.event_count, object.first_created_at, object.last_created_at, object.object_id
FROM @extschema@.audit_cold_objects AS object
WHERE object.workspace_id = $1 AND object.state = 'released'
ORDER BY object.first_created_at, object.first_id
