-- Tracked tables follow their names: the triggers say which tracking a table belongs to, the topmost of a tree is the table meant.
UPDATE @tracking@ AS tracking SET table_schema = live.schema_name, table_name = live.table_name
FROM (
  SELECT DISTINCT ON (id) id, schema.nspname AS schema_name, class.relname AS table_name
  FROM (
    SELECT t.tgrelid, pg_catalog.encode(pg_catalog.substr(t.tgargs, 1, 36), 'escape') AS id
    FROM pg_catalog.pg_trigger AS t JOIN pg_catalog.pg_proc AS f ON f.oid = t.tgfoid
    WHERE f.proname = 'audit_capture_changes' AND f.pronamespace = @schema@
  ) AS captured
  JOIN pg_catalog.pg_class AS class ON class.oid = captured.tgrelid
  JOIN pg_catalog.pg_namespace AS schema ON schema.oid = class.relnamespace
  ORDER BY id, EXISTS (SELECT FROM pg_catalog.pg_inherits WHERE inhrelid = class.oid), class.oid
) AS live
WHERE live.id = tracking.id::text AND tracking.untracked_at IS NULL
  AND NOT EXISTS (
    SELECT FROM pg_catalog.pg_class AS class JOIN pg_catalog.pg_namespace AS schema ON schema.oid = class.relnamespace
    WHERE schema.nspname = tracking.table_schema AND class.relname = tracking.table_name AND class.relkind IN ('r', 'p'))
