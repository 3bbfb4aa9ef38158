-- =====================================================================================================================
-- Streams: who reads which events, in which format. create_audit_stream() and drop_audit_stream() write it; a dropped stream stays as history.
-- =====================================================================================================================
CREATE TABLE IF NOT EXISTS @extschema@.audit_stream_definitions (
  stream_id      uuid        PRIMARY KEY DEFAULT gen_random_uuid(),
  name           text        NOT NULL,
  reader         name        NOT NULL,
  reader_oid     oid         NOT NULL,
  reader_system  text        NOT NULL,
  format         text        NOT NULL,
  workspace_id   uuid,
  actions        text[],
  imported       boolean     NOT NULL,
  created_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
  created_by     name        NOT NULL DEFAULT SESSION_USER,
  dropped_at     timestamptz,
  dropped_by     name,
  -- What the library can write.
  CONSTRAINT check_stream_format_known CHECK (format IN ('json', 'ocsf', 'cef', 'ecs')),
  CONSTRAINT check_stream_name_length CHECK (octet_length(name) BETWEEN 1 AND 63),
  -- Whoever drops a stream is known.
  CONSTRAINT check_stream_drop_complete CHECK ((dropped_at IS NULL) = (dropped_by IS NULL))
);
-- A name is that of one stream at a time.
CREATE UNIQUE INDEX IF NOT EXISTS audit_stream_definitions_in_force_idx
  ON @extschema@.audit_stream_definitions (name) WHERE dropped_at IS NULL;
COMMENT ON TABLE @extschema@.audit_stream_definitions IS 'Streams, made by create_audit_stream() and ended by drop_audit_stream(). audit_streams shows those in force and where they stand.';
COMMENT ON COLUMN @extschema@.audit_stream_definitions.stream_id IS 'The stream.';
COMMENT ON COLUMN @extschema@.audit_stream_definitions.name IS 'Its name. A name may be used again when its stream was dropped.';
COMMENT ON COLUMN @extschema@.audit_stream_definitions.reader IS 'The role that reads it.';
COMMENT ON COLUMN @extschema@.audit_stream_definitions.reader_oid IS 'That role''s OID when the stream was made: a later role of the same name is not its reader.';
COMMENT ON COLUMN @extschema@.audit_stream_definitions.reader_system IS 'The server whose OID it is, as initdb named it: elsewhere the name alone counts.';
COMMENT ON COLUMN @extschema@.audit_stream_definitions.format IS 'json, ocsf, cef or ecs.';
COMMENT ON COLUMN @extschema@.audit_stream_definitions.workspace_id IS 'Only events of this workspace; NULL: of all.';
COMMENT ON COLUMN @extschema@.audit_stream_definitions.actions IS 'Only these action types; one that ends in * stands for all that begin so. NULL: all.';
COMMENT ON COLUMN @extschema@.audit_stream_definitions.imported IS 'Whether imported events are delivered too.';
COMMENT ON COLUMN @extschema@.audit_stream_definitions.created_at IS 'When it was made.';
COMMENT ON COLUMN @extschema@.audit_stream_definitions.created_by IS 'Who made it (session user).';
COMMENT ON COLUMN @extschema@.audit_stream_definitions.dropped_at IS 'When it was dropped; NULL while it is in force.';
COMMENT ON COLUMN @extschema@.audit_stream_definitions.dropped_by IS 'Who dropped it (session user).';
