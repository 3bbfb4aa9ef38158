\set ECHO none
-- Files of cold storage without files, and what the evidence says of their events; included with \i, not shown.
SET client_min_messages = warning;
CREATE FUNCTION w(int) RETURNS uuid LANGUAGE sql IMMUTABLE RETURN ('10000000-0000-4000-8000-' || lpad($1::text, 12, '0'))::uuid;
-- A file's rows as COPY writes them, and what audit-cold says of it.
CREATE FUNCTION canonical(e audit_events_archive) RETURNS bytea LANGUAGE sql STABLE AS $$
  SELECT '\x0014'::bytea || string_agg(CASE WHEN field IS NULL THEN '\xffffffff'::bytea ELSE int4send(octet_length(field)) || field END, ''::bytea ORDER BY place)
  FROM unnest(ARRAY[uuid_send(e.id), timestamptz_send(e.created_at), uuid_send(e.created_by_user_id), textsend(e.action_type), textsend(e.resource_type), uuid_send(e.resource_id), uuid_send(e.workspace_id),
    jsonb_send(e.old_values), jsonb_send(e.new_values), array_send(e.changed_fields), inet_send(e.ip_address), textsend(e.user_agent), textsend(e.request_id), array_send(e.tags), jsonb_send(e.metadata),
    timestamptz_send(e.deleted_at), uuid_send(e.deleted_by_user_id), textsend(e.deletion_reason), byteasend(e.seal_key), int8send(e.seal_xid)]) WITH ORDINALITY AS column_ (field, place)
$$;
CREATE TABLE file (object_id uuid, bytes bytea, keys jsonb[], event_count bigint);
CREATE FUNCTION refused(p_sql text) RETURNS TABLE (code text, message text, detail text, hint text) LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE p_sql;
EXCEPTION WHEN OTHERS THEN
  GET STACKED DIAGNOSTICS code = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
  RETURN NEXT;
END $$;
-- As a superuser can.
CREATE PROCEDURE tamper(p_table text, p_sql text) LANGUAGE plpgsql AS $$
BEGIN
  CALL test.past_the_guard(format('ALTER TABLE %I DISABLE TRIGGER USER', p_table));
  EXECUTE p_sql;
  CALL test.past_the_guard(format('ALTER TABLE %I ENABLE TRIGGER USER', p_table));
END $$;
CREATE FUNCTION key(p_time timestamptz, p_id uuid) RETURNS jsonb LANGUAGE sql RETURN jsonb_build_object('created_at', to_char(p_time AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), 'id', p_id);
CREATE FUNCTION manifest(p_object uuid, p_evidence text) RETURNS jsonb LANGUAGE sql AS $$
  SELECT jsonb_build_object('format', 1, 'object', object_id, 'replaces', replaces, 'workspace', workspace_id, 'month', to_char(month, 'YYYY-MM'),
    'columns', (SELECT jsonb_agg(attname ORDER BY attnum) FROM pg_attribute WHERE attrelid = 'audit_events'::regclass AND attnum > 0 AND NOT attisdropped),
    'chunks', jsonb_build_array(jsonb_build_object('events', file.event_count, 'bytes', octet_length(bytes), 'sha256', encode(sha256(bytes), 'hex'))), 'tool', 'a golden test', 'evidence', p_evidence,
    'event_count', file.event_count, 'first', keys[1], 'last', keys[cardinality(keys)], 'file_bytes', octet_length(bytes), 'file_sha256', encode(sha256(bytes), 'hex'))
  FROM file JOIN audit_cold_objects USING (object_id) WHERE object_id = p_object
$$;
-- Begins the object of a month, and "writes" its file.
CREATE FUNCTION export(p_month date) RETURNS uuid LANGUAGE sql AS $$
  INSERT INTO file SELECT (begin_audit_cold_object(w(1), p_month, 'file:///cold')).object_id, string_agg(canonical(e), '' ORDER BY created_at, id), array_agg(key(created_at, id) ORDER BY created_at, id), count(*)
  FROM audit_events_archive AS e WHERE workspace_id = w(1) AND date_trunc('month', created_at AT TIME ZONE 'UTC') = p_month RETURNING object_id
$$;
CREATE VIEW entry AS SELECT id, CASE WHEN kind = 'cold' AND deletion_reason LIKE 'released%' THEN '<release>' WHEN kind = 'cold' THEN '<return>' WHEN subject_user_id IS NOT NULL THEN '<erasure>' WHEN is_irrevocable THEN '<purge>' ELSE '<move>' END AS name FROM audit_deletion_log;
-- Findings, those that are alike counted.
CREATE FUNCTION verified() RETURNS TABLE (severity text, code text, detail text, count bigint) LANGUAGE sql AS $$
  SELECT severity, code, coalesce(replace(detail, entry.id::text, entry.name), detail), count(*) FROM audit_verify(w(1)) LEFT JOIN entry ON strpos(detail, entry.id::text) > 0 GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
$$;
CREATE FUNCTION exported() RETURNS TABLE (kind text, taken_by text, count bigint) LANGUAGE sql AS $$
  SELECT line ->> 'kind', CASE line ->> 'deletion_log_id' WHEN '00000000-0000-0000-0000-000000000000' THEN 'nothing' ELSE (SELECT name FROM entry WHERE id = (line ->> 'deletion_log_id')::uuid) END, count(*)
  FROM audit_export_log(w(1)) AS text, LATERAL (SELECT text::jsonb) AS one (line) WHERE line ->> 'kind' IN ('event', 'removed') GROUP BY 1, 2 ORDER BY 1, 2
$$;
CREATE FUNCTION record(p_month date, p_count int) RETURNS bigint LANGUAGE sql AS $$
  WITH put AS (INSERT INTO audit_events (created_at, action_type, resource_type, workspace_id, created_by_user_id, new_values, ip_address, tags)
    SELECT p_month::timestamp AT TIME ZONE 'UTC' + n * interval '1 hour', 'A', 'thing', w(1), w(70 + n % 2), jsonb_build_object('n', n), '203.0.113.7', '{a,"b c"}' FROM generate_series(1, p_count) AS n RETURNING 1) SELECT count(*) FROM put
$$;
SET client_min_messages = notice;
\set ECHO all
