-- =====================================================================================================================
-- Tracked tables, by name; their triggers carry the same options and are put back from here.
-- =====================================================================================================================
CREATE TABLE IF NOT EXISTS @extschema@.audit_tracking (
  id                uuid        PRIMARY KEY DEFAULT gen_random_uuid(),
  table_schema      name        NOT NULL,
  table_name        name        NOT NULL,
  resource_type     text        NOT NULL,
  workspace_column  name,
  ignored_columns   name[]      NOT NULL DEFAULT '{}',
  masked_columns    name[]      NOT NULL DEFAULT '{}',
  tracked_at        timestamptz NOT NULL DEFAULT clock_timestamp(),
  tracked_by        name        NOT NULL DEFAULT SESSION_USER,
  untracked_at      timestamptz,
  untracked_by      name,
  -- Every event of the table bears it.
  CONSTRAINT check_tracked_resource_type_not_empty CHECK (btrim(resource_type, E' \t\n\r\f\x0b') <> '')
);
-- A table is tracked once; what was untracked stays as history.
CREATE UNIQUE INDEX IF NOT EXISTS audit_tracking_in_force_idx
  ON @extschema@.audit_tracking (table_schema, table_name) WHERE untracked_at IS NULL;
COMMENT ON TABLE @extschema@.audit_tracking IS 'Tables that are or were tracked with audit_track_table(). audit_tracked_tables shows those that are, and whether their changes are captured.';
COMMENT ON COLUMN @extschema@.audit_tracking.id IS 'The tracking; the triggers name it.';
COMMENT ON COLUMN @extschema@.audit_tracking.table_schema IS 'Schema of the table; follows a rename.';
COMMENT ON COLUMN @extschema@.audit_tracking.table_name IS 'Name of the table; follows a rename.';
COMMENT ON COLUMN @extschema@.audit_tracking.resource_type IS 'resource_type of the table''s events; stays when the table is renamed.';
COMMENT ON COLUMN @extschema@.audit_tracking.workspace_column IS 'The column that tells a row''s workspace; NULL when none does.';
COMMENT ON COLUMN @extschema@.audit_tracking.ignored_columns IS 'Columns that do not appear in events.';
COMMENT ON COLUMN @extschema@.audit_tracking.masked_columns IS 'Columns of which events tell that they changed, not their values.';
COMMENT ON COLUMN @extschema@.audit_tracking.tracked_at IS 'Since when it is tracked.';
COMMENT ON COLUMN @extschema@.audit_tracking.tracked_by IS 'Who tracked it (session user).';
COMMENT ON COLUMN @extschema@.audit_tracking.untracked_at IS 'When it was untracked or dropped; NULL while in force.';
COMMENT ON COLUMN @extschema@.audit_tracking.untracked_by IS 'Who did that (session user).';
