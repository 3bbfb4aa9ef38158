-- A table with parents or children: row by row, where the row is stored. Partitions get the trigger from their parent.
CREATE TRIGGER audit_capture_row AFTER INSERT OR UPDATE OR DELETE ON @table@
  FOR EACH ROW EXECUTE FUNCTION @extschema@.audit_capture_changes(@id@, @options@);
ALTER TABLE @table@ ENABLE ALWAYS TRIGGER audit_capture_row;
