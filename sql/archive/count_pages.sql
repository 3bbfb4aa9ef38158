-- Events per workspace in a range of pages.
SELECT event.workspace_id, count(*), min(event.created_at), max(event.created_at)
FROM ONLY @leaf@ AS event
WHERE event.ctid >= $1::tid AND event.ctid < $2::tid
GROUP BY event.workspace_id
