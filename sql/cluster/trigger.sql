CREATE TRIGGER @name@ @fires@ ON @extschema@.@table@ FOR EACH @level@ EXECUTE FUNCTION @extschema@.@function@()
