-- Files of cold storage without files: the bytes of their chunks, made by SQL's send functions, and what audit-cold says of a file; included with \i by tests of cold storage.
\set ECHO none
-- The canonical row of an event: the tuple of COPY in binary form, to a client in UTF-8.
CREATE FUNCTION test.canonical(e audit_events_archive) RETURNS bytea LANGUAGE sql STABLE AS $$
  SELECT '\x0014'::bytea || string_agg(CASE WHEN field IS NULL THEN '\xffffffff'::bytea ELSE int4send(octet_length(field)) || field END, ''::bytea ORDER BY place)
  FROM unnest(ARRAY[uuid_send(e.id), timestamptz_send(e.created_at), uuid_send(e.created_by_user_id), textsend(e.action_type), textsend(e.resource_type), uuid_send(e.resource_id), uuid_send(e.workspace_id),
    jsonb_send(e.old_values), jsonb_send(e.new_values), array_send(e.changed_fields), inet_send(e.ip_address), textsend(e.user_agent), textsend(e.request_id), array_send(e.tags), jsonb_send(e.metadata),
    timestamptz_send(e.deleted_at), uuid_send(e.deleted_by_user_id), textsend(e.deletion_reason), byteasend(e.seal_key), int8send(e.seal_xid)]) WITH ORDINALITY AS column_ (field, place)
$$;
-- The chunks of the rows that a workspace has in the archive in a month, cut as an object is cut.
CREATE FUNCTION test.cut(p_workspace uuid, p_month date) RETURNS TABLE (chunk int, events bigint, bytes bytea) LANGUAGE plpgsql AS $$
DECLARE
  row_ bytea;
BEGIN
  chunk := 0; events := 0; bytes := '';
  FOR row_ IN SELECT test.canonical(e) FROM audit_events_archive AS e
      WHERE workspace_id = p_workspace AND created_at >= p_month::timestamp AT TIME ZONE 'UTC' AND created_at < (p_month + interval '1 month') AT TIME ZONE 'UTC'
        AND NOT EXISTS (SELECT FROM audit_cold_loans AS loan WHERE loan.event_id = e.id) AND NOT EXISTS (SELECT FROM audit_deletion_log AS log WHERE log.id = e.resource_id)
      ORDER BY created_at, id LOOP
    IF events > 0 AND (events = 65536 OR octet_length(bytes) + octet_length(row_) > 32 << 20) THEN
      RETURN NEXT;
      chunk := chunk + 1; events := 0; bytes := '';
    END IF;
    events := events + 1;
    bytes := bytes || row_;
  END LOOP;
  IF events > 0 THEN RETURN NEXT; END IF;
END $$;
-- Objects as a store would keep them.
CREATE TABLE test.chunks (object_id uuid, chunk int, events bigint, bytes bytea);
GRANT SELECT ON test.chunks TO PUBLIC;
-- What audit-cold says of the file of an object whose chunks are there. Keys, evidence and the like are those of the rows it was made of.
CREATE FUNCTION test.manifest(p_object uuid, p_first jsonb, p_last jsonb) RETURNS jsonb LANGUAGE sql AS $$
  SELECT jsonb_build_object('format', 1, 'object', object.object_id, 'replaces', object.replaces, 'workspace', object.workspace_id, 'month', to_char(object.month, 'YYYY-MM'),
    'columns', (SELECT jsonb_agg(attname ORDER BY attnum) FROM pg_attribute WHERE attrelid = 'audit_events_archive'::regclass AND attnum > 0 AND NOT attisdropped),
    'chunks', jsonb_agg(jsonb_build_object('events', events, 'bytes', octet_length(bytes), 'sha256', encode(sha256(bytes), 'hex')) ORDER BY chunk),
    'tool', 'golden test', 'evidence', (SELECT to_jsonb(audit_checkpoint()) WHERE EXISTS (SELECT FROM audit_log_seals)), 'event_count', sum(events), 'first', p_first, 'last', p_last,
    'file_bytes', sum(octet_length(bytes)), 'file_sha256', encode(sha256(string_agg(bytes, '' ORDER BY chunk)), 'hex'))
  FROM test.chunks JOIN audit_cold_objects AS object USING (object_id) WHERE object_id = p_object GROUP BY object.object_id
$$;
CREATE FUNCTION test.key(p_id uuid, p_time timestamptz) RETURNS jsonb LANGUAGE sql AS $$ SELECT jsonb_build_object('created_at', to_char(p_time AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), 'id', p_id) $$;
-- Exports a month: begun, "written", read back and stored.
CREATE FUNCTION test.export(p_workspace uuid, p_month date) RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE
  object uuid;
  keys jsonb[];
BEGIN
  SELECT object_id INTO object FROM begin_audit_cold_object(p_workspace, p_month, 'file:///cold');
  INSERT INTO test.chunks SELECT object, * FROM test.cut(p_workspace, p_month);
  SELECT array_agg(test.key(id, created_at) ORDER BY created_at, id) INTO keys FROM audit_events_archive AS e
  WHERE workspace_id = p_workspace AND date_trunc('month', created_at AT TIME ZONE 'UTC') = p_month AND NOT EXISTS (SELECT FROM audit_cold_loans AS loan WHERE loan.event_id = e.id)
    AND NOT EXISTS (SELECT FROM audit_deletion_log AS log WHERE log.id = e.resource_id);
  PERFORM store_audit_cold_object(object, test.manifest(object, keys[1], keys[cardinality(keys)]));
  RETURN object;
END $$;
-- Carries out the erasures that are pending for an object: each chunk is presented, and a successor is begun and written from what came back. NULL: nothing was to be erased.
CREATE FUNCTION test.erase(p_object uuid) RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE
  successor uuid;
BEGIN
  CREATE TEMP TABLE erased ON COMMIT DROP AS SELECT chunk, events, bytes, erase_audit_cold_chunk(p_object, chunk, bytes) AS after FROM test.chunks WHERE object_id = p_object;
  IF EXISTS (SELECT FROM erased WHERE after IS NOT NULL) THEN
    SELECT begun.object_id INTO successor FROM audit_cold_objects AS object, begin_audit_cold_object(object.workspace_id, object.month, 'file:///cold', p_object) AS begun WHERE object.object_id = p_object;
    INSERT INTO test.chunks SELECT successor, chunk, events, coalesce(after, bytes) FROM erased;
  END IF;
  DROP TABLE erased;
  RETURN successor;
END $$;
-- The manifest of a successor.
CREATE FUNCTION test.successor(p_object uuid) RETURNS jsonb LANGUAGE sql AS $$
  SELECT test.manifest(successor.object_id, test.key(object.first_id, object.first_created_at), test.key(object.last_id, object.last_created_at))
  FROM audit_cold_objects AS successor JOIN audit_cold_objects AS object ON object.object_id = successor.replaces WHERE successor.object_id = p_object
$$;
\set ECHO all
