-- The relations (true) and functions (false) that a command altered.
SELECT c.objid, c.classid = 'pg_catalog.pg_class'::regclass
FROM pg_catalog.pg_event_trigger_ddl_commands() AS c
WHERE c.classid IN ('pg_catalog.pg_class'::regclass, 'pg_catalog.pg_proc'::regclass)
