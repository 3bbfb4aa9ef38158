-- What stands in the catalogs: the extension owns code and nothing else; every public object has a comment; functions have the
-- signatures of the contract and are not overloaded; definers' functions pin their search_path or resolve nothing by it.
\i tests/golden/prelude.sql
CREATE EXTENSION audit_ext;
CREATE VIEW test.member AS SELECT d.classid::regclass AS kind, d.objid FROM pg_depend d JOIN pg_extension e ON d.refclassid = 'pg_extension'::regclass AND d.refobjid = e.oid AND d.deptype = 'e' WHERE e.extname = 'audit_ext';
SELECT DISTINCT kind FROM test.member ORDER BY 1;
SELECT count(*) AS "members in pg_extension_config_dump" FROM pg_extension, unnest(extconfig) WHERE extname = 'audit_ext';

-- Columns of the two tables, in their order.
SELECT a.ordinal_position AS no, a.column_name, a.udt_name, a.is_nullable, b.column_name = a.column_name AND b.udt_name = a.udt_name AND b.is_nullable = a.is_nullable AS "archive the same"
FROM information_schema.columns a JOIN information_schema.columns b ON b.ordinal_position = a.ordinal_position AND b.table_name = 'audit_events_archive' WHERE a.table_name = 'audit_events' ORDER BY 1;
-- No column of any table has a type of the extension.
SELECT count(*) FROM pg_attribute a JOIN test.member m ON m.kind = 'pg_type'::regclass AND m.objid = a.atttypid;

-- Functions a client calls.
SELECT p.oid::regprocedure AS function, pg_get_function_result(p.oid) AS result, p.provolatile, p.proisstrict AS strict, p.prosecdef AS definer, p.proconfig
FROM pg_proc p JOIN test.member m ON m.kind = 'pg_proc'::regclass AND m.objid = p.oid WHERE p.prorettype NOT IN ('trigger'::regtype, 'event_trigger'::regtype) ORDER BY p.proname;
SELECT pg_get_function_arguments('insert_audit_event'::regproc) AS insert_audit_event;
SELECT pg_get_function_arguments('get_audit_trail'::regproc) AS get_audit_trail;
SELECT pg_get_function_arguments('create_monthly_audit_partition'::regproc) AS create_monthly_audit_partition, pg_get_function_arguments('insert_audit_events'::regproc) AS insert_audit_events;
SELECT pg_get_function_arguments('audit_grant'::regproc) AS audit_grant, pg_get_function_arguments('audit_set_membership_source'::regproc) AS audit_set_membership_source;
SELECT p.proname AS overloaded FROM pg_proc p JOIN test.member m ON m.objid = p.oid GROUP BY 1 HAVING count(*) > 1;

-- Without a comment: nothing.
SELECT 'relation ' || test.masked(c.relname) AS "without a comment" FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v') AND obj_description(c.oid, 'pg_class') IS NULL
UNION ALL SELECT format('column %s.%s', test.masked(c.relname), a.attname) FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
  WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v') AND col_description(c.oid, a.attnum) IS NULL
UNION ALL SELECT 'function ' || p.proname FROM pg_proc p JOIN test.member m ON m.objid = p.oid AND m.kind = 'pg_proc'::regclass WHERE obj_description(p.oid, 'pg_proc') IS NULL ORDER BY 1;
SELECT obj_description(oid, 'pg_extension') IS NOT NULL AS "the extension has one" FROM pg_extension WHERE extname = 'audit_ext';

-- Triggers: names start with audit, apart from the one of the guide; the guards are ENABLE ALWAYS, the others plain.
SELECT DISTINCT tgrelid::regclass::text COLLATE "C" AS "table", tgname, tgenabled FROM pg_trigger JOIN pg_class c ON c.oid = tgrelid WHERE NOT tgisinternal AND NOT c.relispartition ORDER BY 1, 2;
