-- =====================================================================================================================
-- Which events a deletion took: so a missing event or payload is told from one that was removed by right. Append-only like the log.
-- =====================================================================================================================
CREATE TABLE IF NOT EXISTS @extschema@.audit_deletion_events (
  list_id  uuid     NOT NULL,
  part     integer  NOT NULL,
  entries  bytea    NOT NULL,
  PRIMARY KEY (list_id, part),
  -- 170 events of 48 bytes: a page holds no more of them.
  CONSTRAINT check_entries_whole CHECK (octet_length(entries) % 48 = 0 AND octet_length(entries) BETWEEN 48 AND 48 * 170)
);
ALTER TABLE @extschema@.audit_deletion_events ALTER COLUMN entries SET STORAGE EXTERNAL;
COMMENT ON TABLE @extschema@.audit_deletion_events IS 'The events that an entry of audit_deletion_log took (erasure, purge, off-boarding, adoption or release to cold storage), each with its leaf hash; event_ids_sha256 of audit_deletion_log is the digest of the list. Append-only; holds no payload.';
COMMENT ON COLUMN @extschema@.audit_deletion_events.list_id IS 'event_list_id of audit_deletion_log.';
COMMENT ON COLUMN @extschema@.audit_deletion_events.part IS 'Parts are numbered from 0.';
COMMENT ON COLUMN @extschema@.audit_deletion_events.entries IS 'Up to 170 events of 48 bytes: id, then leaf hash, which is zero where the event had no key.';
