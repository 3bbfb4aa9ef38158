-- A batch of a workspace's events leaves the hot table for the archive, in one statement: none can be lost or doubled.
WITH moved AS (
  DELETE FROM ONLY @leaf@ AS event
  WHERE event.workspace_id = $1 AND event.created_at >= $2 AND (event.created_at, event.id) < ($3, $4)
    AND (@stays@) IS NOT TRUE
  RETURNING @columns@
)
INSERT INTO @extschema@.audit_events_archive (@columns@) SELECT @columns@ FROM moved
