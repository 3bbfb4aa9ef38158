-- Off-boarded workspaces in which events are recorded: status, detail, hint. Asked only where one is off-boarded, for to plan it all partitions are looked at.
SELECT 'warn', format('events are recorded in %s off-boarded workspaces, first %s', count(*), min(workspace_id::text)),
       'Stop the application from recording there, or off-board again: export the workspace, and request_audit_offboarding().'
FROM @extschema@.audit_retention_policies AS policy
WHERE offboarded_at IS NOT NULL AND EXISTS (
  SELECT FROM @extschema@.audit_events AS event
  WHERE event.workspace_id = policy.workspace_id AND event.created_at > policy.offboarded_at AND NOT starts_with(event.action_type, 'AUDIT_'))
HAVING count(*) > 0
