-- The lists of what deletions took of workspace $1 that is of time $2 or later, and the time of the oldest event of each, in this order.
SELECT entry.event_list_id, entry.oldest_event_at
FROM @extschema@.audit_deletion_log AS entry
WHERE entry.workspace_id = $1 AND entry.event_list_id IS NOT NULL AND coalesce(entry.newest_event_at >= $2, true)
ORDER BY entry.oldest_event_at NULLS FIRST
