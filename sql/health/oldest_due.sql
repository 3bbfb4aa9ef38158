-- The oldest event of a workspace in a partition that is due and not kept hot on purpose.
SELECT event.created_at
FROM ONLY @leaf@ AS event
WHERE event.workspace_id = $1 AND event.created_at < $2
  AND NOT EXISTS (
    SELECT FROM @extschema@.audit_restored_events AS restored
    WHERE restored.event_id = event.id AND restored.keep_hot_until > clock_timestamp())
ORDER BY event.created_at
LIMIT 1
