-- =====================================================================================================================
-- Events of released cold objects that are in the database as well.
-- =====================================================================================================================
CREATE TABLE IF NOT EXISTS @extschema@.audit_cold_loans (
  event_id      uuid        NOT NULL,
  workspace_id  uuid        NOT NULL,
  created_at    timestamptz NOT NULL,
  object_id     uuid        NOT NULL,
  row_sha256    bytea       NOT NULL,
  lent_at       timestamptz NOT NULL DEFAULT clock_timestamp(),
  -- The key of the event. It is the only index, for a restore writes a row for each event.
  PRIMARY KEY (workspace_id, created_at, event_id),
  CONSTRAINT check_row_sha256_whole CHECK (octet_length(row_sha256) = 32)
);
COMMENT ON TABLE @extschema@.audit_cold_loans IS 'Events that were restored from cold storage: they are in the database and in the file. Whoever reads both leaves these out once. Written by restore_audit_cold_events() and return_audit_cold_loans(), and by erasure and purge.';
COMMENT ON COLUMN @extschema@.audit_cold_loans.event_id IS 'The event.';
COMMENT ON COLUMN @extschema@.audit_cold_loans.workspace_id IS 'Its workspace.';
COMMENT ON COLUMN @extschema@.audit_cold_loans.created_at IS 'Its time.';
COMMENT ON COLUMN @extschema@.audit_cold_loans.object_id IS 'The object whose file holds it.';
COMMENT ON COLUMN @extschema@.audit_cold_loans.row_sha256 IS 'The SHA-256 of its row as it was lent. Only an event that is still the same goes back.';
COMMENT ON COLUMN @extschema@.audit_cold_loans.lent_at IS 'When it was restored.';
