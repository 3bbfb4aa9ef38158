-- =====================================================================================================================
-- Erasures that must reach into cold objects: pending until the file was searched, and rewritten where it held such events.
-- =====================================================================================================================
CREATE TABLE IF NOT EXISTS @extschema@.audit_cold_erasures (
  object_id          uuid        NOT NULL,
  deletion_log_id    uuid        NOT NULL,
  includes_about     boolean     NOT NULL DEFAULT false,
  pending_at         timestamptz NOT NULL DEFAULT clock_timestamp(),
  is_done            boolean     NOT NULL DEFAULT false,
  done_at            timestamptz,
  event_count        bigint,
  carried_out_log_id uuid,
  PRIMARY KEY (object_id, deletion_log_id),
  CONSTRAINT check_done_complete CHECK (
    num_nonnulls(done_at, event_count) = CASE WHEN is_done THEN 2 ELSE 0 END AND event_count >= 0),
  -- Events that were erased from a file have an entry of their own.
  CONSTRAINT check_erased_logged CHECK (
    (carried_out_log_id IS NOT NULL) = (event_count IS NOT NULL AND event_count > 0))
);
CREATE INDEX IF NOT EXISTS audit_cold_erasures_entry_idx ON @extschema@.audit_cold_erasures (deletion_log_id);
CREATE INDEX IF NOT EXISTS audit_cold_erasures_carried_out_idx
  ON @extschema@.audit_cold_erasures (carried_out_log_id) WHERE carried_out_log_id IS NOT NULL;
CREATE INDEX IF NOT EXISTS audit_cold_erasures_pending_idx ON @extschema@.audit_cold_erasures (object_id) WHERE NOT is_done;
COMMENT ON TABLE @extschema@.audit_cold_erasures IS 'The erasures that cold objects are to be searched for. Written by delete_user_audit_events_compliant(), erase_audit_cold_chunk() and replace_audit_cold_object(), and by purge.';
COMMENT ON COLUMN @extschema@.audit_cold_erasures.object_id IS 'The object that is to be searched.';
COMMENT ON COLUMN @extschema@.audit_cold_erasures.deletion_log_id IS 'The entry in audit_deletion_log of the erasure.';
COMMENT ON COLUMN @extschema@.audit_cold_erasures.includes_about IS 'Whether events about the person are to be erased as well: p_include_events_about_user of the erasure.';
COMMENT ON COLUMN @extschema@.audit_cold_erasures.pending_at IS 'When the erasure was ordered.';
COMMENT ON COLUMN @extschema@.audit_cold_erasures.is_done IS 'Whether the object holds none of these events any more.';
COMMENT ON COLUMN @extschema@.audit_cold_erasures.done_at IS 'When that was so.';
COMMENT ON COLUMN @extschema@.audit_cold_erasures.event_count IS 'How many events of the file lost their payload.';
COMMENT ON COLUMN @extschema@.audit_cold_erasures.carried_out_log_id IS 'The entry in audit_deletion_log that lists these events; NULL when there were none.';
