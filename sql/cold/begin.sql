-- An object that is open from now on; nothing if another one of its workspace and month is under way.
INSERT INTO @extschema@.audit_cold_objects (object_id, workspace_id, month, store, path, replaces, is_adopted,
  opened_by_user_id, opened_by_role, opened_by_pid, opened_by_backend_start)
VALUES ($1, $2, $3::date, $4, $5, $6, $7, $8, $9, $10, $11)
ON CONFLICT DO NOTHING
