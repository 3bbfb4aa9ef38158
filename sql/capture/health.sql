-- What keeps changes of tracked tables from being captured, or from being followed, and what is left out by nature: status, problem, hint.
-- $1: names of the event triggers that follow them.
SELECT 'fail' AS status,
       format('%I.%I: %s', tracked.table_schema, tracked.table_name, CASE tracked.capture
         WHEN 'no table' THEN 'there is no such table'
         WHEN 'missing' THEN 'a capture trigger of the table, a partition or a child is missing'
         ELSE 'a capture trigger of the table, a partition or a child is disabled, or has a condition' END),
       CASE tracked.capture
         WHEN 'no table' THEN 'If it was renamed while event triggers were off, track it again under its name.'
         ELSE 'Call audit_track_table() with its options again, or audit_setup(): both put the triggers back.' END
FROM @extschema@.audit_tracked_tables AS tracked WHERE tracked.capture <> 'active'
UNION ALL
SELECT 'warn', format('%I.%I: there is no column %I with keys of workspaces',
                      tracked.table_schema, tracked.table_name, tracked.workspace_column),
       'Call audit_track_table() with p_workspace_column; until then the workspace comes from the request or the default.'
FROM @extschema@.audit_tracked_tables AS tracked
WHERE tracked.workspace_column IS NOT NULL AND tracked.capture <> 'no table' AND NOT EXISTS (
  SELECT FROM pg_catalog.pg_attribute AS a
  JOIN pg_catalog.pg_class AS class ON class.oid = a.attrelid AND class.relname = tracked.table_name
  JOIN pg_catalog.pg_namespace AS schema ON schema.oid = class.relnamespace AND schema.nspname = tracked.table_schema
  JOIN pg_catalog.pg_type AS type ON type.oid = a.atttypid
  JOIN pg_catalog.pg_type AS base ON base.oid = coalesce(nullif(type.typbasetype, 0), type.oid)
  WHERE a.attname = tracked.workspace_column AND a.attnum > 0 AND NOT a.attisdropped
    -- Arrays, records and documents are no keys.
    AND base.typcategory NOT IN ('A', 'C') AND base.oid NOT IN ('pg_catalog.json'::regtype, 'pg_catalog.jsonb'::regtype))
UNION ALL
SELECT 'ok', format('%I.%I: virtual generated columns are not stored and not recorded: %s', tracked.table_schema, tracked.table_name,
                      pg_catalog.string_agg(a.attname::text, ', ' ORDER BY a.attnum)), ''
FROM @extschema@.audit_tracked_tables AS tracked
JOIN pg_catalog.pg_namespace AS schema ON schema.nspname = tracked.table_schema
JOIN pg_catalog.pg_class AS class ON class.relnamespace = schema.oid AND class.relname = tracked.table_name
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = class.oid AND a.attgenerated = 'v' AND NOT a.attisdropped
WHERE a.attname <> ALL (tracked.ignored_columns)
GROUP BY tracked.table_schema, tracked.table_name
UNION ALL
SELECT 'fail', format('the event trigger %s is missing or disabled: tracked tables are not followed through ALTER and DROP', wanted.name),
       'Call audit_setup() to put it back; ALTER EVENT TRIGGER ... ENABLE ALWAYS if it is disabled.'
FROM unnest($1) AS wanted (name)
WHERE NOT EXISTS (
  SELECT FROM pg_catalog.pg_event_trigger AS e WHERE e.evtname = wanted.name AND e.evtenabled IN ('O', 'A'))
ORDER BY 2
