-- =====================================================================================================================
-- Access levels by role name; what roles hold on our objects follows from this table.
-- =====================================================================================================================
CREATE TABLE IF NOT EXISTS @extschema@.audit_access (
  id          uuid        PRIMARY KEY DEFAULT gen_random_uuid(),
  role_name   name        NOT NULL,
  access      text        NOT NULL,
  granted_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
  granted_by  name        NOT NULL DEFAULT SESSION_USER,
  revoked_at  timestamptz,
  revoked_by  name,
  CONSTRAINT check_access_known CHECK (access IN ('writer', 'reader', 'operator', 'compliance', 'monitor', 'streamer', 'gateway', 'service'))
);
-- A role has a level once; revoked levels stay as history.
CREATE UNIQUE INDEX IF NOT EXISTS audit_access_in_force_idx
  ON @extschema@.audit_access (role_name, access) WHERE revoked_at IS NULL;
COMMENT ON TABLE @extschema@.audit_access IS 'Access levels given with audit_grant() and taken with audit_revoke(), by role name.';
COMMENT ON COLUMN @extschema@.audit_access.id IS 'The grant.';
COMMENT ON COLUMN @extschema@.audit_access.role_name IS 'The role.';
COMMENT ON COLUMN @extschema@.audit_access.access IS 'writer, reader, operator, compliance, monitor, streamer, gateway or service.';
COMMENT ON COLUMN @extschema@.audit_access.granted_at IS 'When it was given.';
COMMENT ON COLUMN @extschema@.audit_access.granted_by IS 'Who gave it (session user).';
COMMENT ON COLUMN @extschema@.audit_access.revoked_at IS 'When it was taken; NULL while in force.';
COMMENT ON COLUMN @extschema@.audit_access.revoked_by IS 'Who took it (session user).';
