-- =====================================================================================================================
-- Retention policies: one row per workspace, appearing with its first event.
-- =====================================================================================================================
CREATE TABLE IF NOT EXISTS @extschema@.audit_retention_policies (
  workspace_id        uuid        PRIMARY KEY,
  hot_retention_days  integer     NOT NULL DEFAULT 90,
  warm_archive_days   integer     NOT NULL DEFAULT 365,
  cold_retention_days integer,
  is_compliance_mode  boolean     NOT NULL DEFAULT false,
  compliance_reason   text,
  created_at          timestamptz NOT NULL DEFAULT clock_timestamp(),
  updated_at          timestamptz NOT NULL DEFAULT clock_timestamp(),
  requires_approval   boolean     NOT NULL DEFAULT false,
  archive_by          text        NOT NULL DEFAULT 'event',
  approval_expiry_days  integer   NOT NULL DEFAULT 30,
  cooling_off_days    integer     NOT NULL DEFAULT 0,
  protected_until     timestamptz,
  protected_days      integer,
  offboarded_at       timestamptz,
  -- An event is hot for a day at least, and never leaves the archive before it has left the hot table.
  CONSTRAINT check_hot_retention_days_positive CHECK (hot_retention_days >= 1),
  CONSTRAINT check_warm_archive_days_not_before_hot CHECK (warm_archive_days >= hot_retention_days),
  -- An event is purged no earlier than it may go cold.
  CONSTRAINT check_cold_retention_days_not_before_warm CHECK (cold_retention_days >= warm_archive_days),
  -- Whoever keeps events for ever says under which rule.
  CONSTRAINT check_compliance_reason_given
    CHECK (NOT is_compliance_mode OR (compliance_reason IS NOT NULL AND btrim(compliance_reason, E' \t\n\r\f\x0b') <> '')),
  CONSTRAINT check_archive_by_known CHECK (archive_by IN ('event', 'month')),
  -- A request that nobody decides does not stand for ever.
  CONSTRAINT check_approval_expiry_days_positive CHECK (approval_expiry_days >= 1),
  CONSTRAINT check_cooling_off_days_not_negative CHECK (cooling_off_days >= 0),
  CONSTRAINT check_protected_days_positive CHECK (protected_days >= 1)
);
COMMENT ON TABLE @extschema@.audit_retention_policies IS 'How long the events of a workspace stay hot, archived and in cold storage. A workspace without a row has the defaults. Rows cannot be deleted; every change is an audit event.';
COMMENT ON COLUMN @extschema@.audit_retention_policies.workspace_id IS 'The workspace.';
COMMENT ON COLUMN @extschema@.audit_retention_policies.hot_retention_days IS 'Days from created_at that an event stays in audit_events.';
COMMENT ON COLUMN @extschema@.audit_retention_policies.warm_archive_days IS 'Days from created_at after which an archived event may be purged, or go to cold storage where cold_retention_days is set.';
COMMENT ON COLUMN @extschema@.audit_retention_policies.cold_retention_days IS 'Days from created_at after which an event may be purged, archived or cold. NULL: nothing goes to cold storage, and warm_archive_days counts.';
COMMENT ON COLUMN @extschema@.audit_retention_policies.is_compliance_mode IS 'Events are archived and never purged. An erasure is still possible.';
COMMENT ON COLUMN @extschema@.audit_retention_policies.compliance_reason IS 'The rule that demands compliance mode, for example GDPR, HIPAA, SOC2.';
COMMENT ON COLUMN @extschema@.audit_retention_policies.created_at IS 'When the policy appeared.';
COMMENT ON COLUMN @extschema@.audit_retention_policies.updated_at IS 'When the policy was changed last.';
COMMENT ON COLUMN @extschema@.audit_retention_policies.requires_approval IS 'Deletion only through a request that somebody else approves.';
COMMENT ON COLUMN @extschema@.audit_retention_policies.archive_by IS 'event: each event when it is old enough; month: whole UTC months.';
COMMENT ON COLUMN @extschema@.audit_retention_policies.approval_expiry_days IS 'Days after which a request for deletion that nobody decided expires.';
COMMENT ON COLUMN @extschema@.audit_retention_policies.cooling_off_days IS 'Days between the approval of a deletion and its execution; 0: it is executed with the approval.';
COMMENT ON COLUMN @extschema@.audit_retention_policies.protected_until IS 'Set by the server for 30 days when a change would let events be purged earlier: until then the former terms still hold.';
COMMENT ON COLUMN @extschema@.audit_retention_policies.protected_days IS 'Until protected_until nothing younger than so many days is purged. If it is NULL and protected_until is set, nothing is purged: the workspace has left compliance mode.';
COMMENT ON COLUMN @extschema@.audit_retention_policies.offboarded_at IS 'Set by the server when all events of the workspace were removed (request_audit_offboarding()). Events that come later are recorded, and audit_health() warns of them.';
