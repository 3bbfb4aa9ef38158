-- Tables that the running command touched and that are captured, or have captured ones above or below them; and by which trackings.
WITH RECURSIVE captured AS (
  SELECT DISTINCT t.tgrelid AS oid, pg_catalog.encode(pg_catalog.substr(t.tgargs, 1, 36), 'escape') AS id
  FROM pg_catalog.pg_trigger AS t JOIN pg_catalog.pg_proc AS f ON f.oid = t.tgfoid
  WHERE f.proname = 'audit_capture_changes' AND f.pronamespace = @schema@
), touched AS (
  SELECT command.command_tag, command.object_identity,
         CASE WHEN command.classid = 'pg_catalog.pg_trigger'::regclass
              THEN (SELECT tgrelid FROM pg_catalog.pg_trigger WHERE oid = command.objid) ELSE command.objid END AS oid
  FROM pg_catalog.pg_event_trigger_ddl_commands() AS command
  WHERE command.classid IN ('pg_catalog.pg_class'::regclass, 'pg_catalog.pg_trigger'::regclass)
), above AS (
  SELECT touched.oid AS start, touched.oid FROM touched
  UNION
  SELECT above.start, link.inhparent FROM above JOIN pg_catalog.pg_inherits AS link ON link.inhrelid = above.oid
), below AS (
  SELECT touched.oid AS start, touched.oid FROM touched
  UNION
  SELECT below.start, link.inhrelid FROM below JOIN pg_catalog.pg_inherits AS link ON link.inhparent = below.oid
), concerned AS (
  SELECT near.start, pg_catalog.json_agg(DISTINCT captured.id)::text AS ids
  FROM (TABLE above UNION TABLE below) AS near JOIN captured USING (oid) GROUP BY near.start
)
SELECT DISTINCT format('%I.%I', schema.nspname, class.relname), touched.command_tag, touched.object_identity,
       (SELECT pg_catalog.json_object_agg(a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod) ORDER BY a.attnum)::text
        FROM pg_catalog.pg_attribute AS a WHERE a.attrelid = touched.oid AND a.attnum > 0 AND NOT a.attisdropped),
       concerned.ids
FROM touched
JOIN concerned ON concerned.start = touched.oid
JOIN pg_catalog.pg_class AS class ON class.oid = touched.oid AND class.relkind IN ('r', 'p')
JOIN pg_catalog.pg_namespace AS schema ON schema.oid = class.relnamespace
ORDER BY 1, 2, 3
