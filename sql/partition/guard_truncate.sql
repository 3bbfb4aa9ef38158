CREATE OR REPLACE TRIGGER audit_events_truncate_guard BEFORE TRUNCATE ON @partition@
  FOR EACH STATEMENT EXECUTE FUNCTION @extschema@.audit_events_guard();
ALTER TABLE @partition@ ENABLE ALWAYS TRIGGER audit_events_truncate_guard;
