-- The live events of one partition that are in list $4 and by person $2 of workspace $1 ($3: or about the person), up to $5, lose their payload once more and are marked as
-- they were; how many, month by month. The same columns as PAYLOAD in crates/core/src/event/column.rs.
WITH erased AS (
  UPDATE ONLY @leaf@ AS event
  SET deleted_at = $6, deleted_by_user_id = $7, deletion_reason = $8,
      old_values = NULL, new_values = NULL, changed_fields = NULL, ip_address = NULL, user_agent = NULL,
      request_id = NULL, tags = NULL, metadata = NULL
  FROM unnest($4) AS listed (id)
  WHERE event.id = listed.id AND event.workspace_id = $1 AND (event.created_by_user_id = $2 OR ($3 AND event.resource_id = $2))
    AND event.created_at <= $5 AND event.deleted_at IS NULL
  RETURNING event.created_at
)
SELECT extract(year FROM month)::int4, extract(month FROM month)::int4, count(*), min(created_at), max(created_at)
FROM (SELECT created_at, date_trunc('month', created_at AT TIME ZONE 'UTC') AS month FROM erased) AS by_month
GROUP BY month
