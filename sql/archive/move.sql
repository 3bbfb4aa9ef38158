-- A batch of a workspace's events leaves the hot table for the archive, in one statement: none can be lost or doubled.
WITH moved AS (
  DELETE FROM ONLY @leaf@ AS event
  WHERE event.workspace_id = $1 AND event.created_at >= $2 AND (event.created_at, event.id) < ($3, $4)
    -- Events may be restored beside a run, so this snapshot must say whether any were. They are looked up one by one: the planner, going by old
    -- statistics, would join them in a way that is quadratic.
    AND (EXISTS (SELECT FROM @extschema@.audit_restored_events)
      AND (SELECT restored.keep_hot_until FROM @extschema@.audit_restored_events AS restored WHERE restored.event_id = event.id) > $5) IS NOT TRUE
  RETURNING @columns@
)
INSERT INTO @extschema@.audit_events_archive (@columns@) SELECT @columns@ FROM moved
