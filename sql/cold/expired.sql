-- The released objects of workspace $1 whose month ended before $2: object, year and month, events, first and last time, and the list of the entry of their release.
SELECT object.object_id, extract(year FROM object.month)::int4, extract(month FROM object.month)::int4, object.event_count,
  object.first_created_at, object.last_created_at, entry.event_list_id
FROM @extschema@.audit_cold_objects AS object
LEFT JOIN @extschema@.audit_deletion_log AS entry ON entry.id = object.release_log_id
WHERE object.workspace_id = $1 AND object.state = 'released' AND (object.month + interval '1 month') AT TIME ZONE 'UTC' <= $2
ORDER BY object.month, object.first_created_at, object.object_id
