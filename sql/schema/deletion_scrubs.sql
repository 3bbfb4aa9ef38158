-- =====================================================================================================================
-- When the bytes that a deletion left in data files were removed. Append-only like the log.
-- =====================================================================================================================
CREATE TABLE IF NOT EXISTS @extschema@.audit_deletion_scrubs (
  id                uuid        PRIMARY KEY DEFAULT gen_random_uuid(),
  deletion_log_id   uuid        NOT NULL,
  scrubbed_at       timestamptz NOT NULL DEFAULT clock_timestamp(),
  scrubbed_by_role  text        NOT NULL,
  partitions        text[]      NOT NULL
);
CREATE INDEX IF NOT EXISTS audit_deletion_scrubs_entry_idx ON @extschema@.audit_deletion_scrubs (deletion_log_id);
COMMENT ON TABLE @extschema@.audit_deletion_scrubs IS 'When the bytes that a deletion left behind in data files were removed with audit_scrub(); append-only.';
COMMENT ON COLUMN @extschema@.audit_deletion_scrubs.id IS 'The scrub.';
COMMENT ON COLUMN @extschema@.audit_deletion_scrubs.deletion_log_id IS 'The entry in audit_deletion_log.';
COMMENT ON COLUMN @extschema@.audit_deletion_scrubs.scrubbed_at IS 'When it was done.';
COMMENT ON COLUMN @extschema@.audit_deletion_scrubs.scrubbed_by_role IS 'The session user who did it.';
COMMENT ON COLUMN @extschema@.audit_deletion_scrubs.partitions IS 'The tables that were rewritten.';
