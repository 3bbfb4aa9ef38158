-- Whether a CHECK or an index of a table uses a function, operator, type or operator class of somebody else: those can be given another meaning
-- without the table knowing. What PostgreSQL brings is pinned, and no dependency on it is written down.
SELECT 1 FROM pg_catalog.pg_depend AS d
WHERE d.refclassid OPERATOR(pg_catalog.=) ANY (ARRAY['pg_catalog.pg_proc', 'pg_catalog.pg_operator', 'pg_catalog.pg_type', 'pg_catalog.pg_opclass']::pg_catalog.regclass[]::pg_catalog.oid[])
  AND (d.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_constraint'::pg_catalog.regclass::pg_catalog.oid
      AND EXISTS (SELECT FROM pg_catalog.pg_constraint AS c WHERE c.oid OPERATOR(pg_catalog.=) d.objid AND c.conrelid OPERATOR(pg_catalog.=) @table@)
    OR d.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_class'::pg_catalog.regclass::pg_catalog.oid
      AND EXISTS (SELECT FROM pg_catalog.pg_index AS i WHERE i.indexrelid OPERATOR(pg_catalog.=) d.objid AND i.indrelid OPERATOR(pg_catalog.=) @table@))
LIMIT 1
