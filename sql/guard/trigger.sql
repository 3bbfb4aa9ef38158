-- A trigger of the trail, as the catalogue describes it.
CREATE OR REPLACE TRIGGER @name@ @fires@ ON @table@
  FOR EACH @level@ EXECUTE FUNCTION @extschema@.@function@(@argument@);
