-- Statement triggers are not inherited: each partition and each child has its own.
CREATE TRIGGER audit_capture_truncate AFTER TRUNCATE ON @table@
  FOR EACH STATEMENT EXECUTE FUNCTION @extschema@.audit_capture_changes(@id@, @options@);
ALTER TABLE @table@ ENABLE ALWAYS TRIGGER audit_capture_truncate;
