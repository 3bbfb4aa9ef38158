-- A table with parents, children or AFTER ROW triggers: row by row. Partitions get the trigger from their parent.
CREATE TRIGGER audit_capture_row AFTER INSERT OR UPDATE OR DELETE ON @table@
  FOR EACH ROW EXECUTE FUNCTION @extschema@.audit_capture_changes(@id@, @options@);
ALTER TABLE @table@ ENABLE ALWAYS TRIGGER audit_capture_row;
