-- =====================================================================================================================
-- Streams: events in the order of the seals, in batches that come again until they are acknowledged. Definer's rights with a pinned search_path.
-- =====================================================================================================================
CREATE FUNCTION create_audit_stream(
  p_name text,
  p_reader regrole,
  p_format text DEFAULT 'json',
  p_workspace_id uuid DEFAULT NULL,
  p_actions text[] DEFAULT NULL,
  p_imported boolean DEFAULT true,
  p_from timestamptz DEFAULT NULL
) RETURNS void
LANGUAGE c VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'audit_ext_create_stream';
COMMENT ON FUNCTION create_audit_stream(text, regrole, text, uuid, text[], boolean, timestamptz) IS
'Makes a stream: every committed event that its filter admits is delivered at least once, in the order of the seals. It writes nothing where events are recorded, and holds back no VACUUM. Recorded as AUDIT_STREAM_CREATED.
p_name: up to 63 bytes.
p_reader: the role that fetches and acknowledges; it needs the level streamer.
p_format: "json" (as "ndjson" of export_audit_events()), "ocsf" (1.6.0), "cef" or "ecs" (8).
p_workspace_id: only events of this workspace. NULL: of all.
p_actions: only these action types; one that ends in * stands for all that begin so, as in role.*. Up to 100.
p_imported: whether imported events are delivered too.
p_from: events of this time and later; some that were sealed with them are older. NULL: those that are sealed from now on.
Errors: 22023 for a name that is taken or no name, an unknown format, a role without the level streamer and a wrong list; 0A000 when nothing was ever sealed; 25006 in a read-only transaction; P0001 above READ COMMITTED.';

CREATE FUNCTION fetch_audit_stream(
  p_name text,
  p_limit integer DEFAULT 1000,
  p_ack_batch_id bigint DEFAULT NULL
) RETURNS TABLE (batch_id bigint, event_id uuid, payload text)
LANGUAGE c VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp ROWS 1000
AS 'MODULE_PATHNAME', 'audit_ext_fetch_stream';
COMMENT ON FUNCTION fetch_audit_stream(text, integer, bigint) IS
'Returns the next batch of a stream, an event a row. A batch that is not acknowledged comes again: the same number, the same events in the same order, whatever p_limit is. No row: nothing new that the filter admits among the next million events.
payload: the event in the format of the stream. An event that was erased since comes without its payload and with deleted_at. Of an event whose row is gone a record of action type AUDIT_EVENT_REMOVED comes, with {"removed": "purged"} or {"removed": "cold"} as metadata; a filter by action admits it, because its own action is not known any more.
p_limit: 1 to 10000 events.
p_ack_batch_id: acknowledges this batch first, as ack_audit_stream() does.
For the reader of the stream, in a transaction that is committed before the batch is worked on.
Errors: 22023 for an unknown stream, a batch that was never delivered and a limit out of range; 42501 for anybody but the reader; P0001 when somebody else is at work on the stream, and above READ COMMITTED; 25006 on a standby and in a read-only transaction; 58000 when a log is damaged.';

CREATE FUNCTION ack_audit_stream(p_name text, p_batch_id bigint) RETURNS boolean
LANGUAGE c VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'audit_ext_ack_stream';
COMMENT ON FUNCTION ack_audit_stream(text, bigint) IS
'Acknowledges a batch: it does not come again. Returns false if it was acknowledged before, or the stream was resumed since. For the reader of the stream.
Errors: 22023 for an unknown stream and a batch that was never delivered; 42501 for anybody but the reader; P0001 when somebody else is at work on the stream, and above READ COMMITTED; 25006 on a standby and in a read-only transaction.';

CREATE FUNCTION resume_audit_stream(p_name text, p_from timestamptz) RETURNS void
LANGUAGE c VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'audit_ext_resume_stream';
COMMENT ON FUNCTION resume_audit_stream(text, timestamptz) IS
'Lets a stream deliver again all events of a time and later, with some that were sealed with them and are older. A batch that waits is forgotten. For a sink that lost what it had, and after a recovery of the database to an earlier time. Recorded as AUDIT_STREAM_RESUMED.
p_from: ''-infinity'' delivers everything.
Errors: 22023 for an unknown stream and NULL; 0A000 when nothing was ever sealed; P0001 when somebody else is at work on the stream, and above READ COMMITTED; 25006 in a read-only transaction.';

CREATE FUNCTION drop_audit_stream(p_name text) RETURNS void
LANGUAGE c VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'audit_ext_drop_stream';
COMMENT ON FUNCTION drop_audit_stream(text) IS
'Ends a stream. Its name may be used again. Recorded as AUDIT_STREAM_DROPPED.
Errors: 22023 for an unknown stream; P0001 when somebody else is at work on it, and above READ COMMITTED; 25006 in a read-only transaction.';
