-- What durability/check.sql does not show and a release can change: functions with their text and comments, types, casts, members.
SET timezone = 'UTC';
\pset format unaligned
SELECT oid::regprocedure AS function, pg_get_functiondef(oid) AS definition, obj_description(oid, 'pg_proc') AS comment
FROM pg_proc WHERE proname ~ 'audit|partition' AND pronamespace = 'public'::regnamespace ORDER BY oid::regprocedure::text;
SELECT typname, typtype, format_type(typbasetype, typtypmod), typnotnull, obj_description(oid, 'pg_type') AS comment
FROM pg_type WHERE typnamespace = 'public'::regnamespace AND typtype <> 'c' AND typcategory <> 'A' ORDER BY 1;
SELECT format('CAST (%s AS %s)', castsource::regtype, casttarget::regtype) AS "cast", castfunc::regproc, castcontext FROM pg_cast WHERE oid >= 16384 ORDER BY 1;
SELECT pg_describe_object(classid, objid, objsubid) AS member FROM pg_depend
WHERE refclassid = 'pg_extension'::regclass AND deptype = 'e' AND refobjid = (SELECT oid FROM pg_extension WHERE extname = 'audit_ext') ORDER BY 1;
SELECT conname, conrelid::regclass, obj_description(oid, 'pg_constraint') AS comment FROM pg_constraint
WHERE connamespace = 'public'::regnamespace AND obj_description(oid, 'pg_constraint') IS NOT NULL ORDER BY 1, 2::text;
SELECT tgname, tgrelid::regclass, obj_description(oid, 'pg_trigger') AS comment FROM pg_trigger WHERE obj_description(oid, 'pg_trigger') IS NOT NULL ORDER BY 1, 2::text;
SELECT oid::regclass AS index, obj_description(oid, 'pg_class') AS comment FROM pg_class WHERE relkind IN ('i', 'I', 'S') AND obj_description(oid, 'pg_class') IS NOT NULL
AND relnamespace = 'public'::regnamespace ORDER BY 1::text;
