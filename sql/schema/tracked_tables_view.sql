-- Tracked tables and whether every change of them is captured: of the table, its partitions and its children.
CREATE OR REPLACE VIEW @extschema@.audit_tracked_tables AS
WITH RECURSIVE member AS (
  SELECT tracking.id, class.oid
  FROM @extschema@.audit_tracking AS tracking
  JOIN pg_namespace AS schema ON schema.nspname = tracking.table_schema
  JOIN pg_class AS class ON class.relnamespace = schema.oid AND class.relname = tracking.table_name AND class.relkind IN ('r', 'p')
  WHERE tracking.untracked_at IS NULL
  UNION
  SELECT parent.id, link.inhrelid FROM member AS parent JOIN pg_inherits AS link ON link.inhparent = parent.oid
), capture AS (
  -- INSERT, DELETE, UPDATE and TRUNCATE are the bits 4, 8, 16 and 32 of a trigger's type.
  SELECT trigger.tgrelid, trigger.tgtype::integer & 60 AS events,
         trigger.tgenabled = 'A' AND trigger.tgqual IS NULL AND trigger.tgattr::text = '' AS enabled
  FROM pg_trigger AS trigger JOIN pg_proc AS function ON function.oid = trigger.tgfoid
  WHERE function.proname = 'audit_capture_changes' AND function.pronamespace = '@extschema@'::regnamespace
), coverage AS (
  SELECT member.id, member.oid,
         coalesce(bit_or(capture.events), 0) AS present,
         coalesce(bit_or(capture.events) FILTER (WHERE capture.enabled), 0) AS enabled
  FROM member LEFT JOIN capture ON capture.tgrelid = member.oid
  GROUP BY member.id, member.oid
)
SELECT tracking.table_schema, tracking.table_name, tracking.resource_type, tracking.workspace_column,
       tracking.ignored_columns, tracking.masked_columns, tracking.tracked_at, tracking.tracked_by,
       CASE WHEN count(coverage.oid) = 0 THEN 'no table'
            WHEN bool_or(coverage.present <> 60) THEN 'missing'
            WHEN bool_or(coverage.enabled <> 60) THEN 'disabled'
            ELSE 'active' END AS capture
FROM @extschema@.audit_tracking AS tracking LEFT JOIN coverage ON coverage.id = tracking.id
WHERE tracking.untracked_at IS NULL
GROUP BY tracking.id;
COMMENT ON VIEW @extschema@.audit_tracked_tables IS 'The tables that audit_track_table() put under capture, with their options and whether the capture works.';
COMMENT ON COLUMN @extschema@.audit_tracked_tables.table_schema IS 'As in audit_tracking.';
COMMENT ON COLUMN @extschema@.audit_tracked_tables.table_name IS 'As in audit_tracking.';
COMMENT ON COLUMN @extschema@.audit_tracked_tables.resource_type IS 'As in audit_tracking.';
COMMENT ON COLUMN @extschema@.audit_tracked_tables.workspace_column IS 'As in audit_tracking.';
COMMENT ON COLUMN @extschema@.audit_tracked_tables.ignored_columns IS 'As in audit_tracking.';
COMMENT ON COLUMN @extschema@.audit_tracked_tables.masked_columns IS 'As in audit_tracking.';
COMMENT ON COLUMN @extschema@.audit_tracked_tables.tracked_at IS 'As in audit_tracking.';
COMMENT ON COLUMN @extschema@.audit_tracked_tables.tracked_by IS 'As in audit_tracking.';
COMMENT ON COLUMN @extschema@.audit_tracked_tables.capture IS 'active; disabled or missing when a trigger of the table, of a partition or of a child is, disabled also when one has a condition or a list of columns or is not ENABLE ALWAYS; no table when there is none of this name.';
