-- Why a table ($1) cannot be tracked: it belongs to the trail, or its tree is tracked already (the name of the tracked table), or another table
-- has its resource_type ($2). $3, $4: its schema and name.
WITH RECURSIVE above AS (
  SELECT $1 AS oid
  UNION
  SELECT link.inhparent FROM above JOIN pg_catalog.pg_inherits AS link ON link.inhrelid = above.oid
), below AS (
  SELECT $1 AS oid
  UNION
  SELECT link.inhrelid FROM below JOIN pg_catalog.pg_inherits AS link ON link.inhparent = below.oid
), tracked AS (
  SELECT class.oid, format('%I.%I', tracking.table_schema, tracking.table_name) AS name
  FROM @tracking@ AS tracking
  JOIN pg_catalog.pg_namespace AS schema ON schema.nspname = tracking.table_schema
  JOIN pg_catalog.pg_class AS class ON class.relnamespace = schema.oid AND class.relname = tracking.table_name
  WHERE tracking.untracked_at IS NULL AND class.oid <> $1
)
SELECT EXISTS (
         SELECT FROM pg_catalog.pg_trigger AS t JOIN pg_catalog.pg_proc AS f ON f.oid = t.tgfoid
         JOIN pg_catalog.pg_depend AS d ON d.classid = 'pg_catalog.pg_proc'::regclass AND d.objid = f.oid AND d.deptype = 'e'
         JOIN pg_catalog.pg_extension AS e ON d.refclassid = 'pg_catalog.pg_extension'::regclass AND e.oid = d.refobjid
         WHERE t.tgrelid = $1 AND e.extname = 'audit_ext' AND f.proname <> 'audit_capture_changes'),
       (SELECT min(name) FROM tracked JOIN above USING (oid)),
       (SELECT min(name) FROM tracked JOIN below USING (oid)),
       (SELECT min(format('%I.%I', schema.nspname, class.relname)) FROM below JOIN pg_catalog.pg_class AS class USING (oid)
        JOIN pg_catalog.pg_namespace AS schema ON schema.oid = class.relnamespace WHERE class.relkind NOT IN ('r', 'p')),
       (SELECT min(format('%I.%I', tracking.table_schema, tracking.table_name)) FROM @tracking@ AS tracking
        WHERE tracking.untracked_at IS NULL AND tracking.resource_type = $2
          AND (tracking.table_schema, tracking.table_name) <> ($3, $4))
