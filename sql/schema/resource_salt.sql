-- =====================================================================================================================
-- The salt of the ids that audit_resource_id() makes of keys. Drawn by audit_setup() once, never changed; the oldest is in force, so that a
-- dump brings its own into a database that has drawn one. No access level can read it.
-- =====================================================================================================================
CREATE TABLE IF NOT EXISTS @extschema@.audit_resource_salt (
  salt     bytea       PRIMARY KEY DEFAULT uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()),
  made_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
  -- Less could be guessed.
  CONSTRAINT check_salt_is_long CHECK (octet_length(salt) >= 32)
);
COMMENT ON TABLE @extschema@.audit_resource_salt IS 'What audit_resource_id() makes ids with beside the key; the oldest row is in force. Never changed: a key has one id for the life of the trail. Whoever has it can try keys.';
COMMENT ON COLUMN @extschema@.audit_resource_salt.salt IS 'Random bytes.';
COMMENT ON COLUMN @extschema@.audit_resource_salt.made_at IS 'When it was drawn.';
