-- The released object of workspace $1 and month $2 with $3 events from ($4, $5) to ($6, $7), and whether it was adopted.
SELECT object.object_id, object.is_adopted
FROM @extschema@.audit_cold_objects AS object
WHERE object.workspace_id = $1 AND object.month = $2::date AND object.state = 'released' AND object.event_count = $3
  AND (object.first_created_at, object.first_id, object.last_created_at, object.last_id) = ($4, $5, $6, $7)
LIMIT 1
