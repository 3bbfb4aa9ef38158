-- =====================================================================================================================
-- Defaults and triggers of the trail. Immutability and TRUNCATE guards are ENABLE ALWAYS, so that they hold under
-- session_replication_role = replica; order and membership are plain, so that a subscriber or a data-only restore takes
-- honest rows as they are. Partitions inherit row triggers; each has a TRUNCATE guard of its own.
-- =====================================================================================================================
ALTER TABLE @extschema@.audit_events ALTER COLUMN id SET DEFAULT @extschema@.audit_event_id();
ALTER TABLE @extschema@.audit_events ALTER COLUMN created_at SET DEFAULT @extschema@.audit_event_time();

CREATE OR REPLACE TRIGGER audit_events_before_insert BEFORE INSERT ON @extschema@.audit_events
  FOR EACH ROW EXECUTE FUNCTION @extschema@.audit_events_before_insert();
CREATE OR REPLACE TRIGGER check_audit_workspace_membership BEFORE INSERT ON @extschema@.audit_events
  FOR EACH ROW EXECUTE FUNCTION @extschema@.check_audit_workspace_membership();
CREATE OR REPLACE TRIGGER audit_events_guard BEFORE UPDATE OR DELETE ON @extschema@.audit_events
  FOR EACH ROW EXECUTE FUNCTION @extschema@.audit_events_guard();
CREATE OR REPLACE TRIGGER audit_events_truncate_guard BEFORE TRUNCATE ON @extschema@.audit_events
  FOR EACH STATEMENT EXECUTE FUNCTION @extschema@.audit_events_guard();
ALTER TABLE @extschema@.audit_events ENABLE ALWAYS TRIGGER audit_events_guard;
ALTER TABLE @extschema@.audit_events ENABLE ALWAYS TRIGGER audit_events_truncate_guard;

CREATE OR REPLACE TRIGGER audit_events_before_insert BEFORE INSERT ON @extschema@.audit_events_archive
  FOR EACH ROW EXECUTE FUNCTION @extschema@.audit_events_archive_before_insert();
CREATE OR REPLACE TRIGGER audit_events_guard BEFORE UPDATE OR DELETE ON @extschema@.audit_events_archive
  FOR EACH ROW EXECUTE FUNCTION @extschema@.audit_events_guard();
CREATE OR REPLACE TRIGGER audit_events_truncate_guard BEFORE TRUNCATE ON @extschema@.audit_events_archive
  FOR EACH STATEMENT EXECUTE FUNCTION @extschema@.audit_events_guard();
ALTER TABLE @extschema@.audit_events_archive ENABLE ALWAYS TRIGGER audit_events_guard;
ALTER TABLE @extschema@.audit_events_archive ENABLE ALWAYS TRIGGER audit_events_truncate_guard;

CREATE OR REPLACE TRIGGER audit_deletion_log_guard BEFORE UPDATE OR DELETE ON @extschema@.audit_deletion_log
  FOR EACH ROW EXECUTE FUNCTION @extschema@.audit_deletion_log_guard();
CREATE OR REPLACE TRIGGER audit_deletion_log_truncate_guard BEFORE TRUNCATE ON @extschema@.audit_deletion_log
  FOR EACH STATEMENT EXECUTE FUNCTION @extschema@.audit_deletion_log_guard();
ALTER TABLE @extschema@.audit_deletion_log ENABLE ALWAYS TRIGGER audit_deletion_log_guard;
ALTER TABLE @extschema@.audit_deletion_log ENABLE ALWAYS TRIGGER audit_deletion_log_truncate_guard;

-- A policy tells when it was changed.
CREATE OR REPLACE TRIGGER audit_policy_before_update BEFORE UPDATE ON @extschema@.audit_retention_policies
  FOR EACH ROW EXECUTE FUNCTION @extschema@.audit_policy_before_update();
