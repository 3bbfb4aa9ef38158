-- Archived events of a workspace before a time go for good; those by and about held users stay.
WITH gone AS (
  DELETE FROM ONLY @leaf@ AS event
  WHERE event.workspace_id = $1 AND event.created_at < $2
    AND event.created_by_user_id <> ALL ($3) AND (event.resource_id IS NULL OR event.resource_id <> ALL ($3))
  RETURNING event.created_at
)
SELECT count(*), min(gone.created_at), max(gone.created_at) FROM gone
