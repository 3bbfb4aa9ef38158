-- =====================================================================================================================
-- Trigger functions: what every path into the tables meets.
-- =====================================================================================================================
CREATE FUNCTION audit_events_before_insert() RETURNS trigger
LANGUAGE c VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'audit_ext_events_before_insert';
COMMENT ON FUNCTION audit_events_before_insert() IS
'Trigger: gives an event its id, keeps the named constraints and the order of callers'' own times (23514, check_audit_event_sequence), computes changed_fields.';

CREATE FUNCTION audit_events_archive_before_insert() RETURNS trigger
LANGUAGE c VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'audit_ext_archive_before_insert';
COMMENT ON FUNCTION audit_events_archive_before_insert() IS
'Trigger: refuses INSERT into the archive (23001) of anything but an event that has just left the hot table.';

CREATE FUNCTION check_audit_workspace_membership() RETURNS trigger
LANGUAGE c VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'audit_ext_check_membership';
COMMENT ON FUNCTION check_audit_workspace_membership() IS
'Trigger: refuses events by users who are no members of the workspace (23514), once a source is named with audit_set_membership_source().';

CREATE FUNCTION audit_events_guard() RETURNS trigger
LANGUAGE c VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'audit_ext_events_guard';
COMMENT ON FUNCTION audit_events_guard() IS
'Trigger: refuses UPDATE, DELETE and TRUNCATE of audit events to everybody (23001, Audit events are immutable).';

CREATE FUNCTION audit_deletion_log_guard() RETURNS trigger
LANGUAGE c VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'audit_ext_deletion_log_guard';
COMMENT ON FUNCTION audit_deletion_log_guard() IS
'Trigger: refuses UPDATE, DELETE and TRUNCATE of the deletion log, and of other tables that only grow, to everybody (23001).';

CREATE FUNCTION audit_configuration_guard() RETURNS trigger
LANGUAGE c VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'audit_ext_configuration_guard';
COMMENT ON FUNCTION audit_configuration_guard() IS
'Trigger: refuses DELETE and TRUNCATE of every table whose changes are recorded as AUDIT_* events (23001).';

CREATE FUNCTION audit_configuration_changed() RETURNS trigger
LANGUAGE c VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'audit_ext_configuration_changed';
COMMENT ON FUNCTION audit_configuration_changed() IS
'Trigger: records every change of configuration as an AUDIT_* event with old and new values, also under session_replication_role = replica. Logical replication and dumps bring the event along with the change.';

CREATE FUNCTION audit_policy_before_update() RETURNS trigger
LANGUAGE c VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'audit_ext_policy_before_update';
COMMENT ON FUNCTION audit_policy_before_update() IS
'Trigger, also before INSERT: sets updated_at of a retention policy and keeps workspace_id, created_at and offboarded_at. If the new terms would let events be purged earlier, the former ones stay in force for 30 days.';

CREATE FUNCTION audit_events_restore() RETURNS trigger
LANGUAGE c VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'audit_ext_restore_frame';
COMMENT ON FUNCTION audit_events_restore() IS
'Trigger: at the end of a DELETE of the archive, every event that left must be stored unchanged in the hot table (23001).';

CREATE FUNCTION audit_functions_only_guard() RETURNS trigger
LANGUAGE c VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'audit_ext_functions_only_guard';
COMMENT ON FUNCTION audit_functions_only_guard() IS
'Trigger: refuses INSERT, UPDATE, DELETE and TRUNCATE of a table that only functions of the extension write (23001).';

CREATE FUNCTION audit_event_sequence_insert() RETURNS trigger
LANGUAGE c VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'audit_ext_event_sequence_insert';
COMMENT ON FUNCTION audit_event_sequence_insert() IS
'Trigger: stores a floor put into audit_event_sequence; it must lie between the newest event of the workspace and now (22023).';

CREATE FUNCTION audit_cold_object_step() RETURNS trigger
LANGUAGE c VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'audit_ext_cold_object_step';
COMMENT ON FUNCTION audit_cold_object_step() IS
'Trigger: refuses an UPDATE that takes an object of cold storage a step back, or changes what is known of its file (23001).';
