-- Streams and where they stand. What is unread is sealed and behind the last acknowledged batch, whether the filter admits it or not.
CREATE OR REPLACE VIEW @extschema@.audit_streams AS
SELECT stream.name, stream.reader, stream.format, stream.workspace_id, cursor.fetched_at AS last_fetch_at, cursor.acked_at AS last_ack_at,
  unread.seen_at AS oldest_unread_at, coalesce(clock_timestamp() - unread.seen_at, interval '0') AS lag,
  CASE WHEN cursor.end_incarnation IS NOT NULL THEN 'waiting' WHEN unread.seen_at IS NOT NULL THEN 'behind' ELSE 'current' END AS state
FROM @extschema@.audit_stream_definitions AS stream
JOIN @extschema@.audit_stream_cursors AS cursor ON cursor.stream_id = stream.stream_id
LEFT JOIN LATERAL (
  SELECT seal.seen_at FROM @extschema@.audit_log_seals AS seal
  WHERE (seal.incarnation, seal.root_size) > (cursor.incarnation, cursor.root_place) AND seal.head_count > 0
  ORDER BY seal.incarnation, seal.root_size LIMIT 1
) AS unread ON true
WHERE stream.dropped_at IS NULL;
COMMENT ON VIEW @extschema@.audit_streams IS 'The streams in force, and how far each was read and acknowledged.';
COMMENT ON COLUMN @extschema@.audit_streams.name IS 'The stream.';
COMMENT ON COLUMN @extschema@.audit_streams.reader IS 'The role that reads it.';
COMMENT ON COLUMN @extschema@.audit_streams.format IS 'json, ocsf, cef or ecs.';
COMMENT ON COLUMN @extschema@.audit_streams.workspace_id IS 'The one workspace whose events it has; NULL: all.';
COMMENT ON COLUMN @extschema@.audit_streams.last_fetch_at IS 'When somebody fetched from it last.';
COMMENT ON COLUMN @extschema@.audit_streams.last_ack_at IS 'When a batch was acknowledged last.';
COMMENT ON COLUMN @extschema@.audit_streams.oldest_unread_at IS 'When the oldest that is not acknowledged was sealed; NULL where there is nothing.';
COMMENT ON COLUMN @extschema@.audit_streams.lag IS 'How long that has waited.';
COMMENT ON COLUMN @extschema@.audit_streams.state IS 'current: all that is sealed was read and acknowledged. behind: there is more to fetch. waiting: a batch was delivered and is not acknowledged.';
