-- The event of a step of a request, by who the row says took it; an erasure of that person's events leaves no metadata. A day is left to a clock that is set back.
SELECT FROM (
  SELECT metadata FROM @extschema@.audit_events
  WHERE workspace_id = $1 AND resource_type = 'audit_deletion_requests' AND resource_id = $2 AND action_type = $3 AND created_at >= $4 - interval '1 day'
  UNION ALL
  SELECT metadata FROM @extschema@.audit_events_archive
  WHERE workspace_id = $1 AND resource_type = 'audit_deletion_requests' AND resource_id = $2 AND action_type = $3 AND created_at >= $4 - interval '1 day') AS event
WHERE metadata IS NULL OR metadata #>> '{audit_ext,session_user}' = $5
LIMIT 1
