-- The entries of workspace $1, oldest first, with their columns as their ids are made of them; the session prints times in UTC.
SELECT id, event_list_id, event_count, is_irrevocable,
  ARRAY['acting_role', 'approval_ticket_id', 'deleted_at', 'deleted_by_role', 'deleted_by_user_id', 'deletion_authority', 'deletion_reason',
    'event_ids_sha256', 'newest_event_at', 'oldest_event_at', 'subject_user_id', 'workspace_id'],
  ARRAY[acting_role, approval_ticket_id, deleted_at::text, deleted_by_role, deleted_by_user_id::text, deletion_authority, deletion_reason,
    encode(event_ids_sha256, 'hex'), newest_event_at::text, oldest_event_at::text, subject_user_id::text, workspace_id::text]
FROM @extschema@.audit_deletion_log WHERE workspace_id = $1 ORDER BY deleted_at, id
