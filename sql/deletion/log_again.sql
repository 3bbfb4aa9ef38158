-- Logs a deletion of a journal under its own id $1, with its columns $2 as a text of JSON, and a list of its own where $3 says that it has one; nothing if the log has it.
INSERT INTO @extschema@.audit_deletion_log (id, event_list_id, deleted_at, deleted_by_user_id, deleted_by_role, acting_role, workspace_id, subject_user_id, deletion_authority,
  deletion_reason, approval_ticket_id, event_count, oldest_event_at, newest_event_at, is_irrevocable, event_ids_sha256, kind, parent_id, include_events_about_user, cutoff, held_workspaces)
SELECT $1, CASE WHEN $3 THEN gen_random_uuid() END, (entry ->> 'deleted_at')::timestamptz, (entry ->> 'deleted_by_user_id')::uuid, entry ->> 'deleted_by_role', entry ->> 'acting_role',
  (entry ->> 'workspace_id')::uuid, (entry ->> 'subject_user_id')::uuid, entry ->> 'deletion_authority', entry ->> 'deletion_reason', entry ->> 'approval_ticket_id',
  (entry ->> 'event_count')::int8, (entry ->> 'oldest_event_at')::timestamptz, (entry ->> 'newest_event_at')::timestamptz, (entry ->> 'is_irrevocable')::boolean,
  decode(entry ->> 'event_ids_sha256', 'hex'), entry ->> 'kind', (entry ->> 'parent_id')::uuid, (entry ->> 'include_events_about_user')::boolean,
  (entry ->> 'cutoff')::timestamptz, (entry ->> 'held_workspaces')::uuid[]
FROM (SELECT $2::jsonb AS entry) AS one
ON CONFLICT DO NOTHING
RETURNING event_list_id, deleted_at, cutoff, oldest_event_at, newest_event_at
