-- Archived events of workspace $1 from $2 to $3 that were lent ($4) go back to cold storage; how many, month by month.
WITH returned AS (
  DELETE FROM ONLY @leaf@ AS event
  WHERE event.workspace_id = $1 AND event.created_at BETWEEN $2 AND $3 AND event.id = ANY ($4)
  RETURNING event.created_at
)
SELECT extract(year FROM month)::int4, extract(month FROM month)::int4, count(*), min(created_at), max(created_at)
FROM (SELECT created_at, date_trunc('month', created_at AT TIME ZONE 'UTC') AS month FROM returned) AS by_month
GROUP BY month
