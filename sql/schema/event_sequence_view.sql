-- The newest event of each workspace, derived from the trail and so never stale. An INSERT stores a floor.
CREATE OR REPLACE VIEW @extschema@.audit_event_sequence AS
SELECT policy.workspace_id, latest.last_event_id, latest.last_created_at
FROM @extschema@.audit_retention_policies AS policy
CROSS JOIN LATERAL (
  SELECT known.last_event_id, known.last_created_at
  FROM (
    SELECT newest.id AS last_event_id, newest.created_at AS last_created_at
    FROM @extschema@.audit_newest_event(policy.workspace_id) AS newest
    UNION ALL
    SELECT floor.last_event_id, floor.last_created_at
    FROM @extschema@.audit_sequence_floors AS floor WHERE floor.workspace_id = policy.workspace_id
  ) AS known
  ORDER BY known.last_created_at DESC
  LIMIT 1
) AS latest;
COMMENT ON VIEW @extschema@.audit_event_sequence IS 'The newest event of each workspace, or its floor if that is later. A floor is a time before which a workspace takes no event with a supplied time. INSERT a row to set one.';
COMMENT ON COLUMN @extschema@.audit_event_sequence.workspace_id IS 'The workspace.';
COMMENT ON COLUMN @extschema@.audit_event_sequence.last_event_id IS 'Its newest event.';
COMMENT ON COLUMN @extschema@.audit_event_sequence.last_created_at IS 'That event''s created_at.';
