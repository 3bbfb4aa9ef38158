-- Objects of cold storage, with what their steps are decided by.
SELECT object.object_id, object.workspace_id, object.month::timestamp AT TIME ZONE 'UTC', object.store, object.path, object.state, object.replaces,
  object.opened_at, object.opened_by_pid, object.opened_by_backend_start, object.release_log_id, object.event_count
FROM @extschema@.audit_cold_objects AS object
