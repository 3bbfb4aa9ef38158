-- Whether a CHECK or an index of a table ($1) uses a function, operator, type or operator class of somebody else: those can be given another meaning
-- without the table knowing. What PostgreSQL brings is pinned, and no dependency on it is written down. Asked whenever a partition is prepared, so it
-- goes from the few parts of the table to what they depend on.
SELECT 1 FROM (
  SELECT 'pg_catalog.pg_constraint'::pg_catalog.regclass::pg_catalog.oid AS kind, c.oid AS part FROM pg_catalog.pg_constraint AS c WHERE c.conrelid OPERATOR(pg_catalog.=) $1
  UNION ALL
  SELECT 'pg_catalog.pg_class'::pg_catalog.regclass::pg_catalog.oid, i.indexrelid FROM pg_catalog.pg_index AS i WHERE i.indrelid OPERATOR(pg_catalog.=) $1
) AS own JOIN pg_catalog.pg_depend AS d ON d.classid OPERATOR(pg_catalog.=) own.kind AND d.objid OPERATOR(pg_catalog.=) own.part
WHERE d.refclassid OPERATOR(pg_catalog.=) ANY (ARRAY['pg_catalog.pg_proc', 'pg_catalog.pg_operator', 'pg_catalog.pg_type', 'pg_catalog.pg_opclass']::pg_catalog.regclass[]::pg_catalog.oid[])
LIMIT 1
