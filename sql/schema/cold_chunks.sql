-- =====================================================================================================================
-- The chunks of a cold object: what the database demands of bytes before it takes events back from them.
-- =====================================================================================================================
CREATE TABLE IF NOT EXISTS @extschema@.audit_cold_chunks (
  object_id        uuid     NOT NULL,
  chunk            integer  NOT NULL,
  event_count      bigint   NOT NULL,
  byte_count       bigint   NOT NULL,
  sha256           bytea    NOT NULL,
  searched_at      timestamptz,
  next_byte_count  bigint,
  next_sha256      bytea,
  next_erased      bytea,
  PRIMARY KEY (object_id, chunk),
  CONSTRAINT check_chunk_not_negative CHECK (chunk >= 0),
  CONSTRAINT check_chunk_possible CHECK (event_count >= 1 AND event_count <= 65536 AND byte_count > 0 AND octet_length(sha256) = 32),
  -- What the chunk becomes by the erasures that are pending is known once it was searched for their events.
  CONSTRAINT check_next_of_searched CHECK (
    num_nonnulls(searched_at, next_byte_count, next_sha256) IN (0, 3) AND next_byte_count > 0 AND octet_length(next_sha256) = 32),
  CONSTRAINT check_erased_of_searched CHECK (next_erased IS NULL OR searched_at IS NOT NULL)
);
COMMENT ON TABLE @extschema@.audit_cold_chunks IS 'The chunks of cold objects, in their order: SHA-256 and length of the rows of their events as COPY gives them in binary form. Written by store_audit_cold_object(), erase_audit_cold_chunk(), replace_audit_cold_object() and adopt_audit_cold_object().';
COMMENT ON COLUMN @extschema@.audit_cold_chunks.object_id IS 'The object.';
COMMENT ON COLUMN @extschema@.audit_cold_chunks.chunk IS 'The position in the object, from 0.';
COMMENT ON COLUMN @extschema@.audit_cold_chunks.event_count IS 'How many events it holds.';
COMMENT ON COLUMN @extschema@.audit_cold_chunks.byte_count IS 'How long its rows are.';
COMMENT ON COLUMN @extschema@.audit_cold_chunks.sha256 IS 'The SHA-256 of its rows.';
COMMENT ON COLUMN @extschema@.audit_cold_chunks.searched_at IS 'When it was last searched for events of pending erasures.';
COMMENT ON COLUMN @extschema@.audit_cold_chunks.next_byte_count IS 'How long its rows are after these erasures.';
COMMENT ON COLUMN @extschema@.audit_cold_chunks.next_sha256 IS 'The SHA-256 of its rows after these erasures; that of its successor must be the same.';
COMMENT ON COLUMN @extschema@.audit_cold_chunks.next_erased IS 'Which events these erasures take that are in no list yet (those on loan are), for the lists of further entries: entry of audit_deletion_log, created_at, event and leaf hash (zeros: none), 72 bytes each; NULL when there are none.';
