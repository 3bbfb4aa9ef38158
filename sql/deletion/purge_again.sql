-- The events of one partition that are in list $2 and of workspace $1, up to $3, go once more, but for those that vouch for a deletion ($4), and those on loan from cold objects
-- that stay; how many, month by month.
WITH purged AS (
  DELETE FROM ONLY @leaf@ AS event
  USING unnest($2) AS listed (id)
  WHERE event.id = listed.id AND event.workspace_id = $1 AND event.created_at <= $3
    AND NOT (event.action_type = ANY ($4) AND EXISTS (
      SELECT FROM @extschema@.audit_deletion_log AS entry WHERE entry.id = event.resource_id AND entry.workspace_id = $1))
    AND NOT EXISTS (SELECT FROM @extschema@.audit_cold_loans AS loan
      WHERE loan.workspace_id = $1 AND loan.created_at = event.created_at AND loan.event_id = event.id)
  RETURNING event.created_at
)
SELECT extract(year FROM month)::int4, extract(month FROM month)::int4, count(*), min(created_at), max(created_at)
FROM (SELECT created_at, date_trunc('month', created_at AT TIME ZONE 'UTC') AS month FROM purged) AS by_month
GROUP BY month
