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

-- Configuration: never deleted, and every change is an event.
CREATE OR REPLACE TRIGGER audit_policy_before_update BEFORE UPDATE ON @extschema@.audit_retention_policies
  FOR EACH ROW EXECUTE FUNCTION @extschema@.audit_policy_before_update();
CREATE OR REPLACE TRIGGER audit_configuration_changed AFTER INSERT OR UPDATE ON @extschema@.audit_retention_policies
  FOR EACH ROW EXECUTE FUNCTION @extschema@.audit_configuration_changed('AUDIT_RETENTION_POLICY_CHANGED', 'workspace_id');
CREATE OR REPLACE TRIGGER audit_configuration_guard BEFORE DELETE ON @extschema@.audit_retention_policies
  FOR EACH ROW EXECUTE FUNCTION @extschema@.audit_configuration_guard();
CREATE OR REPLACE TRIGGER audit_configuration_truncate_guard BEFORE TRUNCATE ON @extschema@.audit_retention_policies
  FOR EACH STATEMENT EXECUTE FUNCTION @extschema@.audit_configuration_guard();
ALTER TABLE @extschema@.audit_retention_policies ENABLE ALWAYS TRIGGER audit_configuration_guard;
ALTER TABLE @extschema@.audit_retention_policies ENABLE ALWAYS TRIGGER audit_configuration_truncate_guard;

CREATE OR REPLACE TRIGGER audit_configuration_changed AFTER INSERT OR UPDATE ON @extschema@.audit_sequence_floors
  FOR EACH ROW EXECUTE FUNCTION @extschema@.audit_configuration_changed('AUDIT_SEQUENCE_FLOOR_SET', 'workspace_id');
CREATE OR REPLACE TRIGGER audit_configuration_guard BEFORE DELETE ON @extschema@.audit_sequence_floors
  FOR EACH ROW EXECUTE FUNCTION @extschema@.audit_configuration_guard();
CREATE OR REPLACE TRIGGER audit_configuration_truncate_guard BEFORE TRUNCATE ON @extschema@.audit_sequence_floors
  FOR EACH STATEMENT EXECUTE FUNCTION @extschema@.audit_configuration_guard();
ALTER TABLE @extschema@.audit_sequence_floors ENABLE ALWAYS TRIGGER audit_configuration_guard;
ALTER TABLE @extschema@.audit_sequence_floors ENABLE ALWAYS TRIGGER audit_configuration_truncate_guard;

CREATE OR REPLACE TRIGGER audit_configuration_changed AFTER INSERT OR UPDATE ON @extschema@.audit_membership_source
  FOR EACH ROW EXECUTE FUNCTION @extschema@.audit_configuration_changed('AUDIT_MEMBERSHIP_SOURCE_CHANGED', 'singleton');
CREATE OR REPLACE TRIGGER audit_configuration_guard BEFORE DELETE ON @extschema@.audit_membership_source
  FOR EACH ROW EXECUTE FUNCTION @extschema@.audit_configuration_guard();
CREATE OR REPLACE TRIGGER audit_configuration_truncate_guard BEFORE TRUNCATE ON @extschema@.audit_membership_source
  FOR EACH STATEMENT EXECUTE FUNCTION @extschema@.audit_configuration_guard();
ALTER TABLE @extschema@.audit_membership_source ENABLE ALWAYS TRIGGER audit_configuration_guard;
ALTER TABLE @extschema@.audit_membership_source ENABLE ALWAYS TRIGGER audit_configuration_truncate_guard;

CREATE OR REPLACE TRIGGER audit_configuration_changed AFTER INSERT OR UPDATE ON @extschema@.audit_access
  FOR EACH ROW EXECUTE FUNCTION @extschema@.audit_configuration_changed('AUDIT_ACCESS_CHANGED', 'role_name');
CREATE OR REPLACE TRIGGER audit_configuration_guard BEFORE DELETE ON @extschema@.audit_access
  FOR EACH ROW EXECUTE FUNCTION @extschema@.audit_configuration_guard();
CREATE OR REPLACE TRIGGER audit_configuration_truncate_guard BEFORE TRUNCATE ON @extschema@.audit_access
  FOR EACH STATEMENT EXECUTE FUNCTION @extschema@.audit_configuration_guard();
ALTER TABLE @extschema@.audit_access ENABLE ALWAYS TRIGGER audit_configuration_guard;
ALTER TABLE @extschema@.audit_access ENABLE ALWAYS TRIGGER audit_configuration_truncate_guard;
