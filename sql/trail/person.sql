-- What there is by person $1 ($2: and about the person) in each workspace and month of UTC, hot and archived; erased events are left out. One statement
-- has one snapshot.
WITH event AS (
  SELECT workspace_id, created_at, created_by_user_id, false AS is_archived FROM @extschema@.audit_events
  WHERE (created_by_user_id = $1 OR ($2 AND resource_id = $1)) AND deleted_at IS NULL
  UNION ALL
  SELECT workspace_id, created_at, created_by_user_id, true FROM @extschema@.audit_events_archive
  WHERE (created_by_user_id = $1 OR ($2 AND resource_id = $1)) AND deleted_at IS NULL
)
SELECT workspace_id, extract(year FROM created_at AT TIME ZONE 'UTC')::int4, extract(month FROM created_at AT TIME ZONE 'UTC')::int4,
  count(*), count(*) FILTER (WHERE created_by_user_id = $1), count(*) FILTER (WHERE is_archived), min(created_at), max(created_at)
FROM event
GROUP BY 1, 2, 3
ORDER BY 1, 2, 3
