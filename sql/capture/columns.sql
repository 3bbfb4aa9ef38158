-- Tracked tables of these trackings ($2), their options, the columns they have now, and whether they are at or below a table ($1; 0: none).
WITH RECURSIVE below AS (
  SELECT $1 AS oid
  UNION
  SELECT link.inhrelid FROM below JOIN pg_catalog.pg_inherits AS link ON link.inhparent = below.oid
)
SELECT tracking.id::text, tracking.workspace_column::text,
       pg_catalog.to_json(tracking.ignored_columns)::text, pg_catalog.to_json(tracking.masked_columns)::text,
       (SELECT pg_catalog.json_agg(a.attname)::text FROM pg_catalog.pg_attribute AS a
        WHERE a.attrelid = class.oid AND a.attnum > 0 AND NOT a.attisdropped),
       EXISTS (SELECT FROM below WHERE below.oid = class.oid)
FROM @tracking@ AS tracking
JOIN pg_catalog.pg_namespace AS schema ON schema.nspname = tracking.table_schema
JOIN pg_catalog.pg_class AS class
  ON class.relnamespace = schema.oid AND class.relname = tracking.table_name AND class.relkind IN ('r', 'p')
WHERE tracking.untracked_at IS NULL AND tracking.id::text = ANY ($2)
