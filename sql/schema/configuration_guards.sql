-- =====================================================================================================================
-- A table of configuration: never deleted, and every change is an event.
-- =====================================================================================================================
CREATE OR REPLACE TRIGGER audit_configuration_changed AFTER INSERT OR UPDATE ON @extschema@.@table@
  FOR EACH ROW EXECUTE FUNCTION @extschema@.audit_configuration_changed();
CREATE OR REPLACE TRIGGER audit_configuration_guard BEFORE DELETE ON @extschema@.@table@
  FOR EACH ROW EXECUTE FUNCTION @extschema@.audit_configuration_guard();
CREATE OR REPLACE TRIGGER audit_configuration_truncate_guard BEFORE TRUNCATE ON @extschema@.@table@
  FOR EACH STATEMENT EXECUTE FUNCTION @extschema@.audit_configuration_guard();
-- Who writes as a replica leaves the event too; what replication and dumps bring comes with its own.
ALTER TABLE @extschema@.@table@ ENABLE ALWAYS TRIGGER audit_configuration_changed;
ALTER TABLE @extschema@.@table@ ENABLE ALWAYS TRIGGER audit_configuration_guard;
ALTER TABLE @extschema@.@table@ ENABLE ALWAYS TRIGGER audit_configuration_truncate_guard;
