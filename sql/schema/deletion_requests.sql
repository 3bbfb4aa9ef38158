-- =====================================================================================================================
-- Requests for deletion: one person asks, another approves. Written by their functions only; every step is an audit event.
-- =====================================================================================================================
CREATE TABLE IF NOT EXISTS @extschema@.audit_deletion_requests (
  id                         uuid        PRIMARY KEY DEFAULT gen_random_uuid(),
  kind                       text        NOT NULL,
  workspace_id               uuid        NOT NULL,
  subject_user_id            uuid,
  include_events_about_user  boolean     NOT NULL DEFAULT false,
  deletion_authority         text        NOT NULL,
  reason                     text,
  state                      text        NOT NULL DEFAULT 'pending',
  requested_at               timestamptz NOT NULL DEFAULT clock_timestamp(),
  requested_by_user_id       uuid        NOT NULL,
  requested_by_role          text        NOT NULL,
  requested_by_role_oid      oid,
  expires_at                 timestamptz NOT NULL,
  decided_at                 timestamptz,
  decided_by_user_id         uuid,
  decided_by_role            text,
  approval_ticket_id         text,
  rejection_reason           text,
  execute_after              timestamptz,
  executed_at                timestamptz,
  executed_by_user_id        uuid,
  executed_by_role           text,
  deletion_log_id            uuid,
  skip_held                  boolean     NOT NULL DEFAULT false,
  CONSTRAINT check_kind_known CHECK (kind IN ('erasure', 'person_erasure', 'purge', 'cold', 'offboarding')),
  -- An erasure is of one person's events; a purge of all that is past its period, a release of all stored cold objects.
  CONSTRAINT check_subject_of_kind CHECK ((kind IN ('erasure', 'person_erasure')) = (subject_user_id IS NOT NULL)),
  CONSTRAINT check_only_persons_skip CHECK (NOT skip_held OR kind = 'person_erasure'),
  CONSTRAINT check_state_known CHECK (state IN ('pending', 'cooling_off', 'executed', 'rejected', 'expired')),
  CONSTRAINT check_request_authority_not_empty CHECK (btrim(deletion_authority, E' \t\n\r\f\x0b') <> ''),
  -- Nothing is executed that was not approved by somebody else, with a ticket.
  CONSTRAINT check_approved_by_another CHECK (
    state NOT IN ('cooling_off', 'executed') OR (decided_by_user_id IS NOT NULL AND decided_by_user_id <> requested_by_user_id
      AND decided_at IS NOT NULL AND decided_by_role IS NOT NULL AND execute_after IS NOT NULL
      AND approval_ticket_id IS NOT NULL AND btrim(approval_ticket_id, E' \t\n\r\f\x0b') <> '')),
  CONSTRAINT check_executed_complete CHECK (
    (state = 'executed') = (num_nonnulls(executed_at, executed_by_user_id, executed_by_role, deletion_log_id) = 4)
    AND num_nonnulls(executed_at, executed_by_user_id, executed_by_role, deletion_log_id) IN (0, 4)),
  CONSTRAINT check_rejection_says_why CHECK (
    (state = 'rejected') = (rejection_reason IS NOT NULL) AND btrim(rejection_reason, E' \t\n\r\f\x0b') <> '')
);
CREATE INDEX IF NOT EXISTS audit_deletion_requests_open_idx
  ON @extschema@.audit_deletion_requests (expires_at) WHERE state IN ('pending', 'cooling_off');
CREATE INDEX IF NOT EXISTS audit_deletion_requests_entry_idx
  ON @extschema@.audit_deletion_requests (deletion_log_id) WHERE deletion_log_id IS NOT NULL;
COMMENT ON TABLE @extschema@.audit_deletion_requests IS 'Requests for erasure of a person''s events, in a workspace or in all, purge or off-boarding of a workspace, or release of its stored cold objects, with who asked, who decided and what followed. Written by request_audit_deletion(), request_audit_person_deletion(), request_audit_purge(), request_audit_cold_release(), request_audit_offboarding(), approve_audit_deletion(), execute_audit_deletion() and reject_audit_deletion().';
COMMENT ON COLUMN @extschema@.audit_deletion_requests.id IS 'The request.';
COMMENT ON COLUMN @extschema@.audit_deletion_requests.kind IS 'erasure of a person''s payload in a workspace, person_erasure: in all workspaces, offboarding: removal of all events of a workspace, purge of events past their period, or cold: release of stored cold objects.';
COMMENT ON COLUMN @extschema@.audit_deletion_requests.workspace_id IS 'The workspace; the nil UUID for person_erasure.';
COMMENT ON COLUMN @extschema@.audit_deletion_requests.subject_user_id IS 'The person whose events are to be erased; NULL for a purge, an off-boarding and a cold release.';
COMMENT ON COLUMN @extschema@.audit_deletion_requests.include_events_about_user IS 'Also events whose resource is the person.';
COMMENT ON COLUMN @extschema@.audit_deletion_requests.deletion_authority IS 'The law or rule that demands it.';
COMMENT ON COLUMN @extschema@.audit_deletion_requests.reason IS 'Why, in words.';
COMMENT ON COLUMN @extschema@.audit_deletion_requests.state IS 'pending, cooling_off (approved), executed, rejected or expired.';
COMMENT ON COLUMN @extschema@.audit_deletion_requests.requested_at IS 'When it was asked for.';
COMMENT ON COLUMN @extschema@.audit_deletion_requests.requested_by_user_id IS 'Who asked: the gateway''s user, else an id made of the session user''s name.';
COMMENT ON COLUMN @extschema@.audit_deletion_requests.requested_by_role IS 'The session user who asked.';
COMMENT ON COLUMN @extschema@.audit_deletion_requests.requested_by_role_oid IS 'The OID of that role; NULL where a gateway''s user asked. A role that was renamed is still refused as its own approver. After a restore another role may have this OID; it is then refused, too.';
COMMENT ON COLUMN @extschema@.audit_deletion_requests.expires_at IS 'When it can no longer be approved, or once approved no longer be executed.';
COMMENT ON COLUMN @extschema@.audit_deletion_requests.decided_at IS 'When it was approved or rejected.';
COMMENT ON COLUMN @extschema@.audit_deletion_requests.decided_by_user_id IS 'Who approved or rejected it.';
COMMENT ON COLUMN @extschema@.audit_deletion_requests.decided_by_role IS 'The session user who approved or rejected it.';
COMMENT ON COLUMN @extschema@.audit_deletion_requests.approval_ticket_id IS 'The ticket of the approval.';
COMMENT ON COLUMN @extschema@.audit_deletion_requests.rejection_reason IS 'Why it was rejected.';
COMMENT ON COLUMN @extschema@.audit_deletion_requests.execute_after IS 'When the cooling-off period ends.';
COMMENT ON COLUMN @extschema@.audit_deletion_requests.executed_at IS 'When it was carried out.';
COMMENT ON COLUMN @extschema@.audit_deletion_requests.executed_by_user_id IS 'Who carried it out.';
COMMENT ON COLUMN @extschema@.audit_deletion_requests.executed_by_role IS 'The session user who carried it out.';
COMMENT ON COLUMN @extschema@.audit_deletion_requests.deletion_log_id IS 'The entry in audit_deletion_log.';
COMMENT ON COLUMN @extschema@.audit_deletion_requests.skip_held IS 'Of person_erasure: held workspaces are left out, instead of standing in the way.';
