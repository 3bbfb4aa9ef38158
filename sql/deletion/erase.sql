-- @until@: where it is done again, only events that are not younger than the first time ($8).
-- A person's live events of one partition lose their payload and are marked, but for those by and about held users; how many, month by month. The same columns as PAYLOAD in crates/core/src/event/column.rs.
WITH erased AS (
  UPDATE ONLY @leaf@ AS event
  SET deleted_at = $4, deleted_by_user_id = $5, deletion_reason = $6,
      old_values = NULL, new_values = NULL, changed_fields = NULL, ip_address = NULL, user_agent = NULL,
      request_id = NULL, tags = NULL, metadata = NULL
  WHERE event.workspace_id = $1 AND (event.created_by_user_id = $2 OR ($3 AND event.resource_id = $2))
    AND event.deleted_at IS NULL@until@
    AND event.created_by_user_id <> ALL ($7) AND (event.resource_id IS NULL OR event.resource_id <> ALL ($7))
  RETURNING event.created_at
)
SELECT extract(year FROM month)::int4, extract(month FROM month)::int4, count(*), min(created_at), max(created_at)
FROM (SELECT created_at, date_trunc('month', created_at AT TIME ZONE 'UTC') AS month FROM erased) AS by_month
GROUP BY month
