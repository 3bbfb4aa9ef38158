-- =====================================================================================================================
-- The DDL guard: what every DDL command meets.
-- =====================================================================================================================
CREATE FUNCTION audit_ddl_command_start() RETURNS event_trigger
LANGUAGE c VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'audit_ext_ddl_command_start';
COMMENT ON FUNCTION audit_ddl_command_start() IS
'Event trigger: refuses DDL on tables, views, indexes and functions of the audit trail before it runs (23001), but for a short list of what maintenance needs.';

CREATE FUNCTION audit_ddl_command_end() RETURNS event_trigger
LANGUAGE c VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'audit_ext_ddl_command_end';
COMMENT ON FUNCTION audit_ddl_command_end() IS
'Event trigger: judges a DDL command again by what it touched (23001), and records what was allowed as AUDIT_DDL_* events.';

CREATE FUNCTION audit_sql_drop() RETURNS event_trigger
LANGUAGE c VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'audit_ext_sql_drop';
COMMENT ON FUNCTION audit_sql_drop() IS
'Event trigger: refuses a command that dropped a part of the audit trail (23001).';
