-- Tracked tables are followed through ALTER and DROP.
CREATE EVENT TRIGGER @name@ ON @event@ EXECUTE FUNCTION @extschema@.@name@();
ALTER EVENT TRIGGER @name@ ENABLE ALWAYS;
COMMENT ON EVENT TRIGGER @name@ IS @comment@;
