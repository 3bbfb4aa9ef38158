-- A table with AFTER ROW triggers: all rows of a statement at the first of them, before those triggers change rows again.
CREATE TRIGGER audit_capture_early_insert AFTER INSERT ON @table@ REFERENCING NEW TABLE AS audit_new
  FOR EACH ROW EXECUTE FUNCTION @extschema@.audit_capture_changes(@id@, @options@);
CREATE TRIGGER audit_capture_early_update AFTER UPDATE ON @table@ REFERENCING OLD TABLE AS audit_old NEW TABLE AS audit_new
  FOR EACH ROW EXECUTE FUNCTION @extschema@.audit_capture_changes(@id@, @options@);
CREATE TRIGGER audit_capture_early_delete AFTER DELETE ON @table@ REFERENCING OLD TABLE AS audit_old
  FOR EACH ROW EXECUTE FUNCTION @extschema@.audit_capture_changes(@id@, @options@);
ALTER TABLE @table@ ENABLE ALWAYS TRIGGER audit_capture_early_insert;
ALTER TABLE @table@ ENABLE ALWAYS TRIGGER audit_capture_early_update;
ALTER TABLE @table@ ENABLE ALWAYS TRIGGER audit_capture_early_delete;
