-- The lists of what deletions took of workspace $1 that is of time $2 or later, a part a row.
SELECT part.entries
FROM @extschema@.audit_deletion_log AS entry JOIN @extschema@.audit_deletion_events AS part ON part.list_id = entry.event_list_id
WHERE entry.workspace_id = $1 AND coalesce(entry.newest_event_at >= $2, true)
