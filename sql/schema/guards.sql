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
-- A restore takes rows from here; at its end each must be stored among the hot events.
CREATE OR REPLACE TRIGGER audit_events_restore_begin BEFORE DELETE ON @extschema@.audit_events_archive
  FOR EACH STATEMENT EXECUTE FUNCTION @extschema@.audit_events_restore();
CREATE OR REPLACE TRIGGER audit_events_restore_end AFTER DELETE ON @extschema@.audit_events_archive
  FOR EACH STATEMENT EXECUTE FUNCTION @extschema@.audit_events_restore();
CREATE OR REPLACE TRIGGER audit_events_truncate_guard BEFORE TRUNCATE ON @extschema@.audit_events_archive
  FOR EACH STATEMENT EXECUTE FUNCTION @extschema@.audit_events_guard();
ALTER TABLE @extschema@.audit_events_archive ENABLE ALWAYS TRIGGER audit_events_guard;
ALTER TABLE @extschema@.audit_events_archive ENABLE ALWAYS TRIGGER audit_events_truncate_guard;
ALTER TABLE @extschema@.audit_events_archive ENABLE ALWAYS TRIGGER audit_events_restore_begin;
ALTER TABLE @extschema@.audit_events_archive ENABLE ALWAYS TRIGGER audit_events_restore_end;

CREATE OR REPLACE TRIGGER audit_deletion_log_guard BEFORE UPDATE OR DELETE ON @extschema@.audit_deletion_log
  FOR EACH ROW EXECUTE FUNCTION @extschema@.audit_deletion_log_guard();
CREATE OR REPLACE TRIGGER audit_deletion_log_truncate_guard BEFORE TRUNCATE ON @extschema@.audit_deletion_log
  FOR EACH STATEMENT EXECUTE FUNCTION @extschema@.audit_deletion_log_guard();
ALTER TABLE @extschema@.audit_deletion_log ENABLE ALWAYS TRIGGER audit_deletion_log_guard;
ALTER TABLE @extschema@.audit_deletion_log ENABLE ALWAYS TRIGGER audit_deletion_log_truncate_guard;

-- A policy tells when it was changed, and remembers terms that must still be kept. UPDATE is ALWAYS: nobody may shorten a policy
-- unnoticed; INSERT is plain: a subscriber and a data-only restore take rows as they are.
CREATE OR REPLACE TRIGGER audit_policy_before_update BEFORE UPDATE ON @extschema@.audit_retention_policies
  FOR EACH ROW EXECUTE FUNCTION @extschema@.audit_policy_before_update();
CREATE OR REPLACE TRIGGER audit_policy_before_insert BEFORE INSERT ON @extschema@.audit_retention_policies
  FOR EACH ROW EXECUTE FUNCTION @extschema@.audit_policy_before_update();
ALTER TABLE @extschema@.audit_retention_policies ENABLE ALWAYS TRIGGER audit_policy_before_update;

-- Holds are written by their functions only; INSERT is plain, so that a subscriber and a data-only restore take rows as they are.
CREATE OR REPLACE TRIGGER audit_holds_insert_guard BEFORE INSERT ON @extschema@.audit_legal_holds
  FOR EACH ROW EXECUTE FUNCTION @extschema@.audit_functions_only_guard('place_audit_hold()');
CREATE OR REPLACE TRIGGER audit_holds_update_guard BEFORE UPDATE ON @extschema@.audit_legal_holds
  FOR EACH ROW EXECUTE FUNCTION @extschema@.audit_functions_only_guard('release_audit_hold()');
ALTER TABLE @extschema@.audit_legal_holds ENABLE ALWAYS TRIGGER audit_holds_update_guard;

-- So are requests for deletion.
CREATE OR REPLACE TRIGGER audit_requests_insert_guard BEFORE INSERT ON @extschema@.audit_deletion_requests
  FOR EACH ROW EXECUTE FUNCTION @extschema@.audit_functions_only_guard('request_audit_deletion() or request_audit_purge()');
CREATE OR REPLACE TRIGGER audit_requests_update_guard BEFORE UPDATE ON @extschema@.audit_deletion_requests
  FOR EACH ROW EXECUTE FUNCTION @extschema@.audit_functions_only_guard('approve_audit_deletion(), execute_audit_deletion() or reject_audit_deletion()');
ALTER TABLE @extschema@.audit_deletion_requests ENABLE ALWAYS TRIGGER audit_requests_update_guard;

-- What goes with the deletion log is append-only like it.
CREATE OR REPLACE TRIGGER audit_deletion_log_guard BEFORE UPDATE OR DELETE ON @extschema@.audit_deletion_months
  FOR EACH ROW EXECUTE FUNCTION @extschema@.audit_deletion_log_guard();
CREATE OR REPLACE TRIGGER audit_deletion_log_truncate_guard BEFORE TRUNCATE ON @extschema@.audit_deletion_months
  FOR EACH STATEMENT EXECUTE FUNCTION @extschema@.audit_deletion_log_guard();
CREATE OR REPLACE TRIGGER audit_deletion_log_guard BEFORE UPDATE OR DELETE ON @extschema@.audit_deletion_scrubs
  FOR EACH ROW EXECUTE FUNCTION @extschema@.audit_deletion_log_guard();
CREATE OR REPLACE TRIGGER audit_deletion_log_truncate_guard BEFORE TRUNCATE ON @extschema@.audit_deletion_scrubs
  FOR EACH STATEMENT EXECUTE FUNCTION @extschema@.audit_deletion_log_guard();
ALTER TABLE @extschema@.audit_deletion_months ENABLE ALWAYS TRIGGER audit_deletion_log_guard;
ALTER TABLE @extschema@.audit_deletion_months ENABLE ALWAYS TRIGGER audit_deletion_log_truncate_guard;
ALTER TABLE @extschema@.audit_deletion_scrubs ENABLE ALWAYS TRIGGER audit_deletion_log_guard;
ALTER TABLE @extschema@.audit_deletion_scrubs ENABLE ALWAYS TRIGGER audit_deletion_log_truncate_guard;

-- The log is written by its functions only, as a claim that something was removed on somebody's authority; INSERT is plain, as with holds.
CREATE OR REPLACE TRIGGER audit_deletion_log_insert_guard BEFORE INSERT ON @extschema@.audit_deletion_log
  FOR EACH ROW EXECUTE FUNCTION @extschema@.audit_functions_only_guard('delete_user_audit_events_compliant(), purge_expired_audit_events() or the retention jobs');
CREATE OR REPLACE TRIGGER audit_deletion_log_insert_guard BEFORE INSERT ON @extschema@.audit_deletion_months
  FOR EACH ROW EXECUTE FUNCTION @extschema@.audit_functions_only_guard('delete_user_audit_events_compliant() or purge_expired_audit_events()');
CREATE OR REPLACE TRIGGER audit_deletion_log_insert_guard BEFORE INSERT ON @extschema@.audit_deletion_scrubs
  FOR EACH ROW EXECUTE FUNCTION @extschema@.audit_functions_only_guard('audit_scrub()');

-- What the archive job remembers, it writes and forgets itself.
CREATE OR REPLACE TRIGGER audit_archive_runs_insert_guard BEFORE INSERT ON @extschema@.audit_archive_runs
  FOR EACH ROW EXECUTE FUNCTION @extschema@.audit_functions_only_guard('archive_old_audit_events()');
CREATE OR REPLACE TRIGGER audit_archive_runs_guard BEFORE UPDATE OR DELETE ON @extschema@.audit_archive_runs
  FOR EACH ROW EXECUTE FUNCTION @extschema@.audit_functions_only_guard('archive_old_audit_events()');
CREATE OR REPLACE TRIGGER audit_archive_runs_truncate_guard BEFORE TRUNCATE ON @extschema@.audit_archive_runs
  FOR EACH STATEMENT EXECUTE FUNCTION @extschema@.audit_functions_only_guard('archive_old_audit_events()');
CREATE OR REPLACE TRIGGER audit_restored_events_insert_guard BEFORE INSERT ON @extschema@.audit_restored_events
  FOR EACH ROW EXECUTE FUNCTION @extschema@.audit_functions_only_guard('restore_audit_events()');
CREATE OR REPLACE TRIGGER audit_restored_events_guard BEFORE UPDATE OR DELETE ON @extschema@.audit_restored_events
  FOR EACH ROW EXECUTE FUNCTION @extschema@.audit_functions_only_guard('restore_audit_events()');
CREATE OR REPLACE TRIGGER audit_restored_events_truncate_guard BEFORE TRUNCATE ON @extschema@.audit_restored_events
  FOR EACH STATEMENT EXECUTE FUNCTION @extschema@.audit_functions_only_guard('restore_audit_events()');
ALTER TABLE @extschema@.audit_archive_runs ENABLE ALWAYS TRIGGER audit_archive_runs_guard;
ALTER TABLE @extschema@.audit_archive_runs ENABLE ALWAYS TRIGGER audit_archive_runs_truncate_guard;
ALTER TABLE @extschema@.audit_restored_events ENABLE ALWAYS TRIGGER audit_restored_events_guard;
ALTER TABLE @extschema@.audit_restored_events ENABLE ALWAYS TRIGGER audit_restored_events_truncate_guard;

-- The salt is drawn once; a dump may bring an older one.
CREATE OR REPLACE TRIGGER audit_salt_insert_guard BEFORE INSERT ON @extschema@.audit_resource_salt
  FOR EACH ROW EXECUTE FUNCTION @extschema@.audit_functions_only_guard('audit_setup(): it draws the salt once');
CREATE OR REPLACE TRIGGER audit_salt_guard BEFORE UPDATE OR DELETE ON @extschema@.audit_resource_salt
  FOR EACH ROW EXECUTE FUNCTION @extschema@.audit_functions_only_guard('audit_setup(): it draws the salt once');
CREATE OR REPLACE TRIGGER audit_salt_truncate_guard BEFORE TRUNCATE ON @extschema@.audit_resource_salt
  FOR EACH STATEMENT EXECUTE FUNCTION @extschema@.audit_functions_only_guard('audit_setup(): it draws the salt once');
ALTER TABLE @extschema@.audit_resource_salt ENABLE ALWAYS TRIGGER audit_salt_guard;
ALTER TABLE @extschema@.audit_resource_salt ENABLE ALWAYS TRIGGER audit_salt_truncate_guard;
