-- =====================================================================================================================
-- Capture: changes of application tables become events.
-- =====================================================================================================================
CREATE FUNCTION audit_track_table(
  p_table regclass,
  p_workspace_column name DEFAULT 'workspace_id',
  p_resource_type text DEFAULT NULL,
  p_ignored_columns name[] DEFAULT '{}',
  p_masked_columns name[] DEFAULT '{}'
) RETURNS void
LANGUAGE c VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'audit_ext_track_table';
COMMENT ON FUNCTION audit_track_table(regclass, name, text, name[], name[]) IS
'Records every change of the table from now on, partitions and children included: an event INSERT, UPDATE or DELETE for each row, and one TRUNCATE for a statement. Called again it changes the options. Rows that are there already get no event. It locks the table against writers until the transaction ends; called again, against readers too. For operators who own the table, and for the owner of the extension.
p_workspace_column: the column that holds a row''s workspace; NULL when there is none. A value that is no uuid stands for audit_resource_id(''workspace'', value::text), and is kept in metadata under workspace_key.
p_resource_type: resource_type of the events; the table''s name when left out.
p_ignored_columns: columns that do not appear in events.
p_masked_columns: columns whose changes are recorded without their values.
Errors: 42809 for what is no permanent table, and for tables of the system and of the audit trail; 42703 for a column that is not there; 42804 for a workspace column of arrays, records or JSON; 22023 for options that contradict each other; 42501 for somebody else''s table.';

CREATE FUNCTION audit_untrack_table(p_table regclass) RETURNS void
LANGUAGE c VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'audit_ext_untrack_table';
COMMENT ON FUNCTION audit_untrack_table(regclass) IS
'Stops recording changes of the table. Events recorded so far stay. It locks the table against readers and writers until the transaction ends. For operators who own the table, and for the owner of the extension.
Errors: 22023 when the table is not tracked; 42501 for somebody else''s table.';

CREATE FUNCTION audit_capture_changes() RETURNS trigger
LANGUAGE c VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'audit_ext_capture_changes';
COMMENT ON FUNCTION audit_capture_changes() IS
'Trigger: records the changes of a tracked table; put in place by audit_track_table(). Rows are converted with the rights of whoever changes them.';

CREATE FUNCTION audit_capture_altered() RETURNS event_trigger
LANGUAGE c VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'audit_ext_capture_altered';
COMMENT ON FUNCTION audit_capture_altered() IS
'Event trigger: records ALTER of tracked tables (AUDIT_TRACKED_TABLE_ALTERED), follows renames and new partitions.';

CREATE FUNCTION audit_capture_dropped() RETURNS event_trigger
LANGUAGE c VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'audit_ext_capture_dropped';
COMMENT ON FUNCTION audit_capture_dropped() IS
'Event trigger: records that a tracked table (AUDIT_TRACKED_TABLE_DROPPED) or a capture trigger (AUDIT_CAPTURE_TRIGGER_DROPPED) was dropped.';
