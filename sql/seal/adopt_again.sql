-- Events of one partition that the logs lack get the mark of this transaction and keep their key; by workspace, as sql/seal/adopt.sql.
WITH adopted AS (
  UPDATE ONLY @leaf@ AS event SET seal_xid = $1
  WHERE event.id = ANY ($2) AND event.seal_key IS NOT NULL AND event.seal_xid IS NOT NULL
  RETURNING event.workspace_id, event.created_at
)
SELECT workspace_id, count(*), min(created_at), max(created_at), 0::bigint, NULL::timestamptz, NULL::timestamptz
FROM adopted
GROUP BY workspace_id
