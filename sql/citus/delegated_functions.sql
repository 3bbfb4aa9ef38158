-- Functions of the extension that Citus sends to the node of an argument.
SELECT entry.objid::pg_catalog.regprocedure::text
FROM pg_catalog.pg_dist_object AS entry
JOIN pg_catalog.pg_depend AS d
  ON d.classid = entry.classid AND d.objid = entry.objid AND d.deptype = 'e' AND d.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass
JOIN pg_catalog.pg_extension AS e ON e.oid = d.refobjid AND e.extname = 'audit_ext'
WHERE entry.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass AND entry.distribution_argument_index IS NOT NULL
ORDER BY 1
