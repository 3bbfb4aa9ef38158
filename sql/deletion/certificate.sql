-- What is known of an irrevocable deletion, as JSON text, whether an event proves it, and of which workspace it is; the session's time zone is UTC.
-- The whole of an erasure in all workspaces counts what its parts do. The removal was recorded as an event of its workspace, not before it (a day is left to a clock that is set back). That event is never removed.
SELECT pg_catalog.jsonb_build_object(
  'deletion_log_id', log.id,
  'deleted_at', log.deleted_at,
  'workspace_id', log.workspace_id,
  'subject_user_id', log.subject_user_id,
  'authority', log.deletion_authority,
  'reason', log.deletion_reason,
  'approval_ticket_id', log.approval_ticket_id,
  'deleted_by', pg_catalog.jsonb_build_object(
    'user_id', log.deleted_by_user_id, 'role', log.deleted_by_role, 'acting_role', log.acting_role),
  -- Whoever calls reapply_audit_deletions() brings an entry along that says who deleted at first.
  'reapplied', (
    SELECT pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object('at', event.created_at, 'by', event.metadata -> 'audit_ext' -> 'session_user') ORDER BY event.created_at)
    FROM (
      SELECT workspace_id, resource_id, created_at, action_type, metadata FROM @extschema@.audit_events
      UNION ALL
      SELECT workspace_id, resource_id, created_at, action_type, metadata FROM @extschema@.audit_events_archive) AS event
    WHERE event.workspace_id = log.workspace_id AND event.resource_id = log.id AND event.action_type = 'AUDIT_DELETION_REAPPLIED'),
  'parent_id', log.parent_id,
  'parts', parts.list,
  'held_workspaces', pg_catalog.to_jsonb(log.held_workspaces),
  'event_count', log.event_count + coalesce(parts.event_count, 0),
  'oldest_event_at', least(log.oldest_event_at, parts.oldest_event_at),
  'newest_event_at', greatest(log.newest_event_at, parts.newest_event_at),
  'events_by_month', coalesce((
    SELECT pg_catalog.jsonb_object_agg(pg_catalog.to_char(month, 'YYYY-MM'), event_count)
    FROM (SELECT months.month, pg_catalog.sum(months.event_count) AS event_count FROM @extschema@.audit_deletion_months AS months
      WHERE months.deletion_log_id = log.id OR months.deletion_log_id = ANY (parts.ids) GROUP BY months.month) AS by_month), '{}'),
  'request', (
    SELECT pg_catalog.jsonb_build_object(
      'id', request.id, 'requested_at', request.requested_at,
      'requested_by', pg_catalog.jsonb_build_object('user_id', request.requested_by_user_id, 'role', request.requested_by_role),
      'approved_at', request.decided_at,
      'approved_by', pg_catalog.jsonb_build_object('user_id', request.decided_by_user_id, 'role', request.decided_by_role))
    FROM @extschema@.audit_deletion_requests AS request WHERE request.deletion_log_id = coalesce(log.parent_id, log.id)),
  'cold', (
    -- A file concerns it if events were taken from it, or if it was condemned before it was searched. Successors that were given up held the same events.
    SELECT pg_catalog.jsonb_build_object(
      'objects_searched', count(*) FILTER (WHERE file.is_own AND erasure.is_done AND file.released_at IS NOT NULL AND NOT concerned.only_by_file),
      'objects_pending', count(*) FILTER (WHERE file.is_own AND NOT erasure.is_done),
      'events_erased', coalesce(pg_catalog.sum(erasure.event_count) FILTER (WHERE file.is_own), 0),
      'files_to_remove', count(DISTINCT file.object_id) FILTER (WHERE concerned.is_so AND file.state = 'condemned'),
      'files_removed', count(DISTINCT file.object_id) FILTER (WHERE concerned.is_so AND file.state = 'gone'))
    FROM @extschema@.audit_cold_erasures AS erasure
    CROSS JOIN LATERAL (
      SELECT true AS is_own, object.object_id, object.state, object.released_at, object.condemned_at
      FROM @extschema@.audit_cold_objects AS object WHERE object.object_id = erasure.object_id
      UNION ALL
      SELECT false, successor.object_id, successor.state, NULL, NULL
      FROM @extschema@.audit_cold_objects AS successor
      WHERE successor.replaces = erasure.object_id AND successor.released_at IS NULL AND successor.state IN ('condemned', 'gone')
    ) AS file
    CROSS JOIN LATERAL (
      SELECT coalesce(erasure.event_count > 0 OR erasure.done_at >= file.condemned_at, NOT file.is_own) AS is_so,
        coalesce(erasure.event_count = 0 AND erasure.pending_at >= file.condemned_at, false) AS only_by_file
    ) AS concerned
    WHERE log.id IN (erasure.deletion_log_id, erasure.carried_out_log_id)
      OR erasure.deletion_log_id = ANY (parts.ids) OR erasure.carried_out_log_id = ANY (parts.ids)),
  'scrubbed_at', (
    SELECT pg_catalog.max(scrub.scrubbed_at)
    FROM @extschema@.audit_deletion_scrubs AS scrub WHERE scrub.deletion_log_id IN (log.id, log.parent_id))
)::text, EXISTS (
  SELECT FROM (
    SELECT workspace_id, resource_id, created_at, resource_type, action_type FROM @extschema@.audit_events
    UNION ALL
    SELECT workspace_id, resource_id, created_at, resource_type, action_type FROM @extschema@.audit_events_archive) AS event
  WHERE event.workspace_id = log.workspace_id AND event.resource_id = log.id AND event.created_at >= log.deleted_at - interval '1 day'
    AND event.resource_type ~ '^audit_deletion_log/[0-9a-f]{64}$'
    AND event.action_type = CASE WHEN log.subject_user_id IS NULL THEN 'AUDIT_EVENTS_PURGED' ELSE 'AUDIT_EVENTS_ERASED' END),
  log.workspace_id
FROM @extschema@.audit_deletion_log AS log
CROSS JOIN LATERAL (
  SELECT pg_catalog.array_agg(part.id) AS ids, pg_catalog.sum(part.event_count) AS event_count,
    min(part.oldest_event_at) AS oldest_event_at, max(part.newest_event_at) AS newest_event_at,
    pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object(
      'deletion_log_id', part.id, 'workspace_id', part.workspace_id, 'event_count', part.event_count) ORDER BY part.workspace_id, part.id) AS list
  FROM @extschema@.audit_deletion_log AS part WHERE part.parent_id = log.id) AS parts
WHERE log.id = $1 AND log.is_irrevocable
