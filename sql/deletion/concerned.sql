-- The workspaces that an erasure of person $1 concerns, in ascending order: those with a live event by the person ($2: or about the person), hot or archived, and those
-- with files of cold storage, which alone tell whose events they hold. One statement has one snapshot, so no event that changes tables is missed.
WITH by_person AS MATERIALIZED (
  SELECT workspace_id FROM @extschema@.audit_events WHERE created_by_user_id = $1 OR ($2 AND resource_id = $1)
  UNION
  SELECT workspace_id FROM @extschema@.audit_events_archive WHERE created_by_user_id = $1 OR ($2 AND resource_id = $1)
), concerned AS (
  SELECT workspace_id FROM by_person
  WHERE EXISTS (
    SELECT FROM @extschema@.audit_events AS event
    WHERE event.workspace_id = by_person.workspace_id AND (event.created_by_user_id = $1 OR ($2 AND event.resource_id = $1)) AND event.deleted_at IS NULL)
  OR EXISTS (
    SELECT FROM @extschema@.audit_events_archive AS event
    WHERE event.workspace_id = by_person.workspace_id AND (event.created_by_user_id = $1 OR ($2 AND event.resource_id = $1)) AND event.deleted_at IS NULL)
  UNION
  SELECT workspace_id FROM @extschema@.audit_cold_objects WHERE state IN ('released', 'condemned')
)
SELECT coalesce(array_agg(workspace_id ORDER BY workspace_id), '{}') FROM concerned
