-- Every table that is to be captured by the trackings $1, or by all of them (NULL); its shape, the capture triggers it has of its own (not from a parent),
-- whether one of them fires only under conditions, not for replicas or with other arguments than the rest, their arguments, each once, and the triggers that are not ours.
WITH RECURSIVE tracking AS (
  SELECT tracking.*, class.oid
  FROM @tracking@ AS tracking
  JOIN pg_catalog.pg_namespace AS schema ON schema.nspname = tracking.table_schema
  JOIN pg_catalog.pg_class AS class
    ON class.relnamespace = schema.oid AND class.relname = tracking.table_name AND class.relkind IN ('r', 'p')
  WHERE tracking.untracked_at IS NULL AND ($1 IS NULL OR tracking.id::text = ANY ($1))
), member AS (
  SELECT tracking.id, tracking.oid, true AS is_root FROM tracking
  UNION
  SELECT parent.id, link.inhrelid, false FROM member AS parent JOIN pg_catalog.pg_inherits AS link ON link.inhparent = parent.oid
), trigger AS NOT MATERIALIZED (
  SELECT t.tgrelid, t.tgname, t.tgparentid, t.tgtype::integer, t.tgisinternal, t.tgqual IS NOT NULL OR t.tgattr::text <> '' OR t.tgenabled = 'O' AS is_limited, t.tgargs,
         f.proname = 'audit_capture_changes' AND f.pronamespace = @schema@ AS is_ours
  FROM pg_catalog.pg_trigger AS t JOIN pg_catalog.pg_proc AS f ON f.oid = t.tgfoid
)
SELECT tracking.id::text, format('%I.%I', schema.nspname, class.relname), tracking.resource_type, tracking.workspace_column::text,
       pg_catalog.to_json(tracking.ignored_columns)::text, pg_catalog.to_json(tracking.masked_columns)::text,
       NOT member.is_root AND class.relispartition,
       EXISTS (SELECT FROM pg_catalog.pg_inherits WHERE member.oid IN (inhrelid, inhparent)),
       -- Neither BEFORE (2) nor INSTEAD OF (64), for each row (1).
       EXISTS (SELECT FROM trigger WHERE tgrelid = member.oid AND NOT is_ours AND NOT tgisinternal AND tgtype & 67 = 1),
       coalesce((SELECT pg_catalog.json_agg(tgname::text)::text FROM trigger WHERE tgrelid = member.oid AND is_ours AND tgparentid = 0), '[]'),
       member.oid,
       (SELECT coalesce(bool_or(is_limited), false) OR count(DISTINCT tgargs) > 1 FROM trigger WHERE tgrelid = member.oid AND is_ours AND tgparentid = 0),
       (SELECT pg_catalog.string_agg(DISTINCT tgargs, '') FROM trigger WHERE tgrelid = member.oid AND is_ours AND tgparentid = 0),
       (SELECT pg_catalog.json_agg(tgname::text)::text FROM trigger WHERE tgrelid = member.oid AND NOT is_ours AND tgparentid = 0 AND NOT tgisinternal)
FROM member
JOIN tracking ON tracking.id = member.id
JOIN pg_catalog.pg_class AS class ON class.oid = member.oid
JOIN pg_catalog.pg_namespace AS schema ON schema.oid = class.relnamespace
ORDER BY tracking.id, member.is_root DESC, member.oid
