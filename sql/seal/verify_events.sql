-- All events of workspace $1, or of all workspaces, in no order: what a leaf is made of, and what it is not.
SELECT workspace_id, id, created_at, seal_key, seal_xid, deleted_at, deleted_by_user_id, deletion_reason, action_type, resource_type, resource_id, @columns@
FROM @extschema@.audit_events WHERE $1 IS NULL OR workspace_id = $1
UNION ALL
SELECT workspace_id, id, created_at, seal_key, seal_xid, deleted_at, deleted_by_user_id, deletion_reason, action_type, resource_type, resource_id, @columns@
FROM @extschema@.audit_events_archive WHERE $1 IS NULL OR workspace_id = $1
