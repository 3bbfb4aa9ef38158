-- Whether a live event that an erasure would take is by or about a held user: a row if so. @until@: as in erase.sql ($5).
SELECT FROM @table@ AS event
WHERE event.workspace_id = $1 AND (event.created_by_user_id = $2 OR ($3 AND event.resource_id = $2))
  AND event.deleted_at IS NULL AND (event.created_by_user_id = $4 OR event.resource_id = $4)@until@
LIMIT 1
