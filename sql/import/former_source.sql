-- The source of a former import of this name.
SELECT source FROM @extschema@.audit_imports WHERE name = $1
