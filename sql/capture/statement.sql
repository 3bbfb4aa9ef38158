-- A table that stands alone: once per statement, from transition tables.
CREATE TRIGGER audit_capture_insert AFTER INSERT ON @table@ REFERENCING NEW TABLE AS audit_new
  FOR EACH STATEMENT EXECUTE FUNCTION @extschema@.audit_capture_changes(@id@, @options@);
CREATE TRIGGER audit_capture_update AFTER UPDATE ON @table@ REFERENCING OLD TABLE AS audit_old NEW TABLE AS audit_new
  FOR EACH STATEMENT EXECUTE FUNCTION @extschema@.audit_capture_changes(@id@, @options@);
CREATE TRIGGER audit_capture_delete AFTER DELETE ON @table@ REFERENCING OLD TABLE AS audit_old
  FOR EACH STATEMENT EXECUTE FUNCTION @extschema@.audit_capture_changes(@id@, @options@);
ALTER TABLE @table@ ENABLE ALWAYS TRIGGER audit_capture_insert;
ALTER TABLE @table@ ENABLE ALWAYS TRIGGER audit_capture_update;
ALTER TABLE @table@ ENABLE ALWAYS TRIGGER audit_capture_delete;
