-- What workspace $1 has: all events but those that vouch for a deletion ($2); the live ones that are no system events, how many and the sums of the halves of their ids
-- (as src/trail/export/whole.rs makes them); and how many events are in released objects of cold storage alone. One statement has one snapshot. @until@: as in offboard.sql ($3).
SELECT count(*) FILTER (WHERE NOT voucher.is_one), count(*) FILTER (WHERE is_recorded),
  format('%s %s', coalesce(sum(('x' || left(hex, 16))::bit(64)::int8) FILTER (WHERE is_recorded), 0), coalesce(sum(('x' || right(hex, 16))::bit(64)::int8) FILTER (WHERE is_recorded), 0)),
  (SELECT coalesce(sum(object.event_count - (SELECT count(*) FROM @extschema@.audit_cold_loans AS loan WHERE loan.object_id = object.object_id)), 0)::int8
   FROM @extschema@.audit_cold_objects AS object WHERE object.workspace_id = $1 AND object.state = 'released')
FROM (
  SELECT id, action_type, resource_id, deleted_at FROM @extschema@.audit_events AS event WHERE workspace_id = $1@until@
  UNION ALL
  SELECT id, action_type, resource_id, deleted_at FROM @extschema@.audit_events_archive AS event WHERE workspace_id = $1@until@
) AS event
CROSS JOIN LATERAL (SELECT replace(event.id::text, '-', '') AS hex, event.deleted_at IS NULL AND NOT starts_with(event.action_type, 'AUDIT_') AS is_recorded) AS one
CROSS JOIN LATERAL (
  SELECT event.action_type = ANY ($2) AND EXISTS (
    SELECT FROM @extschema@.audit_deletion_log AS entry WHERE entry.id = event.resource_id AND entry.workspace_id = $1) AS is_one
) AS voucher
