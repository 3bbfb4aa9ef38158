-- @until@: where it is done again, only events that are not younger than the first time ($3).
-- All events of a workspace in one partition go, but for those that vouch for a deletion ($2); how many, month by month.
WITH removed AS (
  DELETE FROM ONLY @leaf@ AS event
  WHERE event.workspace_id = $1@until@
    AND NOT (event.action_type = ANY ($2) AND EXISTS (
      SELECT FROM @extschema@.audit_deletion_log AS entry WHERE entry.id = event.resource_id AND entry.workspace_id = $1))
  RETURNING event.created_at
)
SELECT extract(year FROM month)::int4, extract(month FROM month)::int4, count(*), min(created_at), max(created_at)
FROM (SELECT created_at, date_trunc('month', created_at AT TIME ZONE 'UTC') AS month FROM removed) AS by_month
GROUP BY month
