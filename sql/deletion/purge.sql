-- Archived events of a workspace before a time go for good, but for those by and about held users, those that vouch for a deletion, and those on loan from cold
-- objects that stay; how many, month by month.
WITH purged AS (
  DELETE FROM ONLY @leaf@ AS event
  WHERE event.workspace_id = $1 AND event.created_at < $2
    AND event.created_by_user_id <> ALL ($3) AND (event.resource_id IS NULL OR event.resource_id <> ALL ($3))
    AND NOT (event.action_type = ANY ($4) AND EXISTS (
      SELECT FROM @extschema@.audit_deletion_log AS entry WHERE entry.id = event.resource_id
        AND @vouches@))
    AND NOT EXISTS (SELECT FROM @extschema@.audit_cold_loans AS loan
      WHERE loan.workspace_id = $1 AND loan.created_at = event.created_at AND loan.event_id = event.id)
  RETURNING event.created_at
)
SELECT extract(year FROM month)::int4, extract(month FROM month)::int4, count(*), min(created_at), max(created_at)
FROM (SELECT created_at, date_trunc('month', created_at AT TIME ZONE 'UTC') AS month FROM purged) AS by_month
GROUP BY month
