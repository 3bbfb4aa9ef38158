-- Archived events of workspace $1 from ($2, $3) to ($4, $5) leave for cold storage, but for those on loan, those that no file takes ($6) and those that
-- vouch for a deletion ($7); how many, month by month.
WITH released AS (
  DELETE FROM ONLY @leaf@ AS event
  WHERE event.workspace_id = $1 AND event.created_at BETWEEN $2 AND $4 AND (event.created_at, event.id) >= ($2, $3) AND (event.created_at, event.id) <= ($4, $5)
    AND event.id <> ALL ($6)
    AND NOT EXISTS (SELECT FROM @extschema@.audit_cold_loans AS loan
      WHERE loan.workspace_id = $1 AND loan.created_at = event.created_at AND loan.event_id = event.id)
    AND NOT (event.action_type = ANY ($7) AND EXISTS (
      SELECT FROM @extschema@.audit_deletion_log AS entry WHERE entry.id = event.resource_id
        AND @vouches@))
  RETURNING event.created_at
)
SELECT extract(year FROM month)::int4, extract(month FROM month)::int4, count(*), min(created_at), max(created_at)
FROM (SELECT created_at, date_trunc('month', created_at AT TIME ZONE 'UTC') AS month FROM released) AS by_month
GROUP BY month
