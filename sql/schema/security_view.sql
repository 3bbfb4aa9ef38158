-- Events that matter for security, without what only their seals need. A gateway's user sees their own workspaces only, and a gateway without a user none (audit_may_read).
CREATE OR REPLACE VIEW @extschema@.vw_security_audit WITH (security_barrier = true) AS
SELECT event.id, event.created_at, event.created_by_user_id, event.action_type, event.resource_type, event.resource_id, event.workspace_id,
  event.old_values, event.new_values, event.changed_fields, event.ip_address, event.user_agent, event.request_id, event.tags, event.metadata,
  event.deleted_at, event.deleted_by_user_id, event.deletion_reason
FROM @extschema@.audit_events AS event
WHERE (
    event.action_type ~* '(sign(ed)?.?(in|out|up)|log(ged)?.?(in|out)|auth|password|mfa|2fa|otp|session|permission|role|member|invit|grant|revoke|access|key|token|secret|export|delet|policy|retention|hold)'
    OR pg_catalog.starts_with(event.action_type, 'AUDIT_')
    OR event.tags @> ARRAY['security']
  )
  AND @extschema@.audit_may_read(event.workspace_id);
COMMENT ON VIEW @extschema@.vw_security_audit IS 'Hot events that matter for security: sign-in, permissions, roles, membership, keys, exports, deletions, policies, events of the audit trail itself, and events tagged security.';
COMMENT ON COLUMN @extschema@.vw_security_audit.id IS 'As in audit_events.';
COMMENT ON COLUMN @extschema@.vw_security_audit.created_at IS 'As in audit_events.';
COMMENT ON COLUMN @extschema@.vw_security_audit.created_by_user_id IS 'As in audit_events.';
COMMENT ON COLUMN @extschema@.vw_security_audit.action_type IS 'As in audit_events.';
COMMENT ON COLUMN @extschema@.vw_security_audit.resource_type IS 'As in audit_events.';
COMMENT ON COLUMN @extschema@.vw_security_audit.resource_id IS 'As in audit_events.';
COMMENT ON COLUMN @extschema@.vw_security_audit.workspace_id IS 'As in audit_events.';
COMMENT ON COLUMN @extschema@.vw_security_audit.old_values IS 'As in audit_events.';
COMMENT ON COLUMN @extschema@.vw_security_audit.new_values IS 'As in audit_events.';
COMMENT ON COLUMN @extschema@.vw_security_audit.changed_fields IS 'As in audit_events.';
COMMENT ON COLUMN @extschema@.vw_security_audit.ip_address IS 'As in audit_events.';
COMMENT ON COLUMN @extschema@.vw_security_audit.user_agent IS 'As in audit_events.';
COMMENT ON COLUMN @extschema@.vw_security_audit.request_id IS 'As in audit_events.';
COMMENT ON COLUMN @extschema@.vw_security_audit.tags IS 'As in audit_events.';
COMMENT ON COLUMN @extschema@.vw_security_audit.metadata IS 'As in audit_events.';
COMMENT ON COLUMN @extschema@.vw_security_audit.deleted_at IS 'As in audit_events.';
COMMENT ON COLUMN @extschema@.vw_security_audit.deleted_by_user_id IS 'As in audit_events.';
COMMENT ON COLUMN @extschema@.vw_security_audit.deletion_reason IS 'As in audit_events.';
