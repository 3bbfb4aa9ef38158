-- How many events of workspace $1 between two keys, ($2, $3) and ($4, $5), are in the database, but for what was lent from
-- files of released objects and those that vouch for a deletion ($6).
SELECT count(*)
FROM (
  SELECT id, created_at, action_type, resource_id FROM @extschema@.audit_events
  WHERE workspace_id = $1 AND (created_at, id) >= ($2, $3) AND (created_at, id) <= ($4, $5)
  UNION ALL
  SELECT id, created_at, action_type, resource_id FROM @extschema@.audit_events_archive
  WHERE workspace_id = $1 AND (created_at, id) >= ($2, $3) AND (created_at, id) <= ($4, $5)
) AS event
WHERE NOT EXISTS (SELECT FROM @extschema@.audit_cold_loans AS loan JOIN @extschema@.audit_cold_objects AS object ON object.object_id = loan.object_id
    WHERE loan.workspace_id = $1 AND loan.created_at = event.created_at AND loan.event_id = event.id AND object.state = 'released')
  AND NOT (event.action_type = ANY ($6) AND EXISTS (
    SELECT FROM @extschema@.audit_deletion_log AS entry WHERE entry.id = event.resource_id
        AND @vouches@))
