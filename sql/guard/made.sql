-- The index or statistics that a command made: whether it uses a function, an operator, an operator class or a type that is not built in.
-- (What is built in has no entries in pg_depend.) No row when it made none.
SELECT EXISTS (
  SELECT FROM pg_catalog.pg_depend AS d
  WHERE d.classid = c.classid AND d.objid = c.objid AND d.refclassid IN (
    'pg_catalog.pg_proc'::regclass, 'pg_catalog.pg_operator'::regclass, 'pg_catalog.pg_opclass'::regclass, 'pg_catalog.pg_opfamily'::regclass,
    'pg_catalog.pg_type'::regclass))
FROM pg_catalog.pg_event_trigger_ddl_commands() AS c
WHERE c.classid IN ('pg_catalog.pg_class'::regclass, 'pg_catalog.pg_statistic_ext'::regclass)
