-- =====================================================================================================================
-- Where each stream stands. A row of data, and no slot: it holds back no VACUUM and no WAL, and a dump carries it.
-- =====================================================================================================================
CREATE TABLE IF NOT EXISTS @extschema@.audit_stream_cursors (
  stream_id        uuid         PRIMARY KEY,
  incarnation      integer      NOT NULL,
  root_place       bigint       NOT NULL,
  log_place        bigint       NOT NULL DEFAULT 0,
  batch_id         bigint       NOT NULL DEFAULT 0,
  end_incarnation  integer,
  end_root_place   bigint,
  end_log_place    bigint,
  batch_events     bytea,
  fetched_at       timestamptz,
  acked_at         timestamptz,
  begun_at         timestamptz  NOT NULL DEFAULT clock_timestamp(),
  -- A batch that waits ends somewhere.
  CONSTRAINT check_batch_end_complete CHECK (num_nonnulls(end_incarnation, end_root_place, end_log_place) IN (0, 3)),
  CONSTRAINT check_places_not_negative CHECK (root_place >= 0 AND log_place >= 0 AND batch_id >= 0),
  -- Ids of a batch that waits, 16 bytes each.
  CONSTRAINT check_batch_events_whole CHECK (batch_events IS NULL OR end_incarnation IS NOT NULL AND octet_length(batch_events) % 16 = 0)
);
COMMENT ON TABLE @extschema@.audit_stream_cursors IS 'Where each stream stands: the place behind what was acknowledged, and the batch that waits to be acknowledged. Written by fetch_audit_stream(), ack_audit_stream() and resume_audit_stream().';
COMMENT ON COLUMN @extschema@.audit_stream_cursors.stream_id IS 'The stream of audit_stream_definitions.';
COMMENT ON COLUMN @extschema@.audit_stream_cursors.incarnation IS 'The incarnation of audit_log_incarnations whose root log it reads.';
COMMENT ON COLUMN @extschema@.audit_stream_cursors.root_place IS 'The head in that root log from which it goes on.';
COMMENT ON COLUMN @extschema@.audit_stream_cursors.log_place IS 'The place in the log of that head''s workspace from which it goes on; 0: from the first that the head added.';
COMMENT ON COLUMN @extschema@.audit_stream_cursors.batch_id IS 'The number of the last batch; 0 before the first.';
COMMENT ON COLUMN @extschema@.audit_stream_cursors.end_incarnation IS 'Where the batch that waits ends, as incarnation; NULL where none waits.';
COMMENT ON COLUMN @extschema@.audit_stream_cursors.end_root_place IS 'As root_place.';
COMMENT ON COLUMN @extschema@.audit_stream_cursors.end_log_place IS 'As log_place.';
COMMENT ON COLUMN @extschema@.audit_stream_cursors.batch_events IS 'The ids of the events of the batch that waits, where the stream has only some action types: the type of an event is not known any more when it is purged.';
COMMENT ON COLUMN @extschema@.audit_stream_cursors.fetched_at IS 'When it was fetched from last.';
COMMENT ON COLUMN @extschema@.audit_stream_cursors.acked_at IS 'When a batch was acknowledged last.';
COMMENT ON COLUMN @extschema@.audit_stream_cursors.begun_at IS 'When it was set to where it began, by create_audit_stream() or resume_audit_stream().';
