-- Whether an event of list $2, of workspace $1, is by or about one of the held users $3: a row if so.
SELECT FROM @table@ AS event JOIN unnest($2) AS listed (id) ON listed.id = event.id
WHERE event.workspace_id = $1 AND (event.created_by_user_id = ANY ($3) OR event.resource_id = ANY ($3))
LIMIT 1
