-- =====================================================================================================================
-- The source that tells who is a member of a workspace: what events are checked against.
-- =====================================================================================================================
CREATE TABLE IF NOT EXISTS @extschema@.audit_membership_source (
  singleton         boolean PRIMARY KEY DEFAULT true,
  table_schema      name,
  table_name        name,
  workspace_column  name,
  user_column       name,
  -- One source for the whole trail, or none.
  CONSTRAINT check_one_source CHECK (singleton),
  CONSTRAINT check_source_complete CHECK (
    num_nonnulls(table_schema, table_name, workspace_column, user_column) IN (0, 4))
);
COMMENT ON TABLE @extschema@.audit_membership_source IS 'The table that tells who is a member of which workspace; set with audit_set_membership_source().';
COMMENT ON COLUMN @extschema@.audit_membership_source.singleton IS 'Always true: there is one row at most.';
COMMENT ON COLUMN @extschema@.audit_membership_source.table_schema IS 'Schema of the table; NULL when the check is off.';
COMMENT ON COLUMN @extschema@.audit_membership_source.table_name IS 'Name of the table.';
COMMENT ON COLUMN @extschema@.audit_membership_source.workspace_column IS 'Its column that holds the workspace.';
COMMENT ON COLUMN @extschema@.audit_membership_source.user_column IS 'Its column that holds the user.';
