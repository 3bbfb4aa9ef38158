-- An event trigger of the trail. ENABLE ALWAYS, so that it fires under session_replication_role = replica too.
CREATE EVENT TRIGGER @name@ ON @event@ EXECUTE FUNCTION @extschema@.@name@();
ALTER EVENT TRIGGER @name@ ENABLE ALWAYS;
COMMENT ON EVENT TRIGGER @name@ IS @comment@;
