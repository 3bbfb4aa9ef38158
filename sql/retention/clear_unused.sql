-- Policies that are as they appeared, of workspaces about which nothing else is known. Each look into the trail ends with the first event it finds; events of the
-- audit trail itself do not count, for the purge that emptied a workspace is one. The nil workspace is the trail's own.
DELETE FROM @extschema@.audit_retention_policies AS policy
WHERE policy.workspace_id <> '00000000-0000-0000-0000-000000000000' AND policy.hot_retention_days = @hot_days@ AND policy.warm_archive_days = @warm_days@ AND policy.cold_retention_days IS NULL AND NOT policy.is_compliance_mode
  AND policy.compliance_reason IS NULL AND NOT policy.requires_approval AND policy.archive_by = 'event'
  AND policy.approval_expiry_days = @approval_expiry_days@ AND policy.cooling_off_days = @cooling_off_days@
  AND policy.protected_until IS NULL AND policy.protected_days IS NULL AND policy.offboarded_at IS NULL
  AND NOT EXISTS (SELECT FROM @extschema@.audit_legal_holds AS hold WHERE hold.workspace_id = policy.workspace_id)
  AND NOT EXISTS (SELECT FROM @extschema@.audit_deletion_requests AS request WHERE request.workspace_id = policy.workspace_id)
  AND NOT EXISTS (SELECT FROM @extschema@.audit_sequence_floors AS floor WHERE floor.workspace_id = policy.workspace_id)
  AND (SELECT true FROM @extschema@.audit_events AS event
       WHERE event.workspace_id = policy.workspace_id AND NOT pg_catalog.starts_with(event.action_type, 'AUDIT_') LIMIT 1) IS NULL
  AND (SELECT true FROM @extschema@.audit_events_archive AS event
       WHERE event.workspace_id = policy.workspace_id AND NOT pg_catalog.starts_with(event.action_type, 'AUDIT_') LIMIT 1) IS NULL
