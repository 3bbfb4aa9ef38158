-- Where a batch ends: the place of the event behind it, if the workspace has so many that are due.
SELECT event.created_at, event.id
FROM ONLY @leaf@ AS event
WHERE event.workspace_id = $1 AND (event.created_at, event.id) >= ($2, $3) AND event.created_at < $4
ORDER BY event.created_at, event.id
OFFSET $5 LIMIT 1
