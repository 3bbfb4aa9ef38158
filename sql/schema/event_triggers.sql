-- =====================================================================================================================
-- The event triggers of the DDL guard. ENABLE ALWAYS, so that they fire under session_replication_role = replica too.
-- =====================================================================================================================
CREATE EVENT TRIGGER audit_ddl_command_start ON ddl_command_start
  EXECUTE FUNCTION @extschema@.audit_ddl_command_start();
CREATE EVENT TRIGGER audit_ddl_command_end ON ddl_command_end
  EXECUTE FUNCTION @extschema@.audit_ddl_command_end();
CREATE EVENT TRIGGER audit_sql_drop ON sql_drop
  EXECUTE FUNCTION @extschema@.audit_sql_drop();
ALTER EVENT TRIGGER audit_ddl_command_start ENABLE ALWAYS;
ALTER EVENT TRIGGER audit_ddl_command_end ENABLE ALWAYS;
ALTER EVENT TRIGGER audit_sql_drop ENABLE ALWAYS;
COMMENT ON EVENT TRIGGER audit_ddl_command_start IS 'Refuses DDL on the audit trail.';
COMMENT ON EVENT TRIGGER audit_ddl_command_end IS 'Judges DDL on the audit trail again by what it touched, and records what was allowed.';
COMMENT ON EVENT TRIGGER audit_sql_drop IS 'Refuses to drop a part of the audit trail.';
