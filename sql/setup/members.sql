-- Relations, views, sequences and event triggers that are members of the extension: there must be none.
SELECT pg_catalog.pg_describe_object(d.classid, d.objid, 0)
FROM pg_catalog.pg_extension AS e
JOIN pg_catalog.pg_depend AS d ON d.refclassid = 'pg_catalog.pg_extension'::regclass AND d.refobjid = e.oid AND d.deptype = 'e'
WHERE e.extname = 'audit_ext'
  AND d.classid IN ('pg_catalog.pg_class'::regclass, 'pg_catalog.pg_event_trigger'::regclass, 'pg_catalog.pg_trigger'::regclass)
