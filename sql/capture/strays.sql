-- Capture triggers on tables that are tracked no more, partitions that were detached included, and those tables.
WITH RECURSIVE member AS (
  SELECT class.oid
  FROM @tracking@ AS tracking
  JOIN pg_catalog.pg_namespace AS schema ON schema.nspname = tracking.table_schema
  JOIN pg_catalog.pg_class AS class ON class.relnamespace = schema.oid AND class.relname = tracking.table_name
  WHERE tracking.untracked_at IS NULL
  UNION
  SELECT link.inhrelid FROM member AS parent JOIN pg_catalog.pg_inherits AS link ON link.inhparent = parent.oid
)
SELECT format('DROP TRIGGER %I ON %I.%I', t.tgname, schema.nspname, class.relname), t.tgrelid
FROM pg_catalog.pg_trigger AS t
JOIN pg_catalog.pg_proc AS f ON f.oid = t.tgfoid
JOIN pg_catalog.pg_class AS class ON class.oid = t.tgrelid
JOIN pg_catalog.pg_namespace AS schema ON schema.oid = class.relnamespace
WHERE f.proname = 'audit_capture_changes' AND f.pronamespace = @schema@ AND t.tgparentid = 0
  AND NOT EXISTS (SELECT FROM member WHERE member.oid = t.tgrelid)
  -- A tracking that this server never had is of another node of a Citus cluster, whose coordinator ($1) puts and takes triggers for all.
  AND ($1 OR EXISTS (
    SELECT FROM @tracking@ AS tracking WHERE tracking.id::text = pg_catalog.encode(pg_catalog.substr(t.tgargs, 1, 36), 'escape')))
