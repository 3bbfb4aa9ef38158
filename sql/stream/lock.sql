-- Where a stream stands, unless somebody else is at work on it.
SELECT incarnation, root_place, log_place, batch_id, end_incarnation, end_root_place, end_log_place, batch_events
FROM @extschema@.audit_stream_cursors WHERE stream_id = $1 FOR UPDATE SKIP LOCKED
