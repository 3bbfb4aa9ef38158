\set ECHO none
-- What audit-cold does, without a file: the manifest of an open object and the bytes of a chunk, from the rows that the archive has now; included with \i,
-- not shown. The bytes are those of COPY in binary form.
SET client_min_messages = warning;
CREATE FUNCTION test.cold_row(e audit_events_archive) RETURNS bytea LANGUAGE sql AS $$
  SELECT int2send(20::int2) || string_agg(coalesce(int4send(octet_length(field)) || field, int4send(-1)), ''::bytea ORDER BY place)
  FROM unnest(ARRAY[uuid_send(e.id), timestamptz_send(e.created_at), uuid_send(e.created_by_user_id), textsend(e.action_type), textsend(e.resource_type),
    uuid_send(e.resource_id), uuid_send(e.workspace_id), jsonb_send(e.old_values), jsonb_send(e.new_values), array_send(e.changed_fields),
    inet_send(e.ip_address), textsend(e.user_agent), textsend(e.request_id), array_send(e.tags), jsonb_send(e.metadata), timestamptz_send(e.deleted_at),
    uuid_send(e.deleted_by_user_id), textsend(e.deletion_reason), byteasend(e.seal_key), int8send(e.seal_xid)]) WITH ORDINALITY AS f (field, place)
$$;
CREATE FUNCTION test.cold_events(p_object uuid, p_in_chunk int DEFAULT 65536) RETURNS TABLE (chunk int, event_count bigint, events bytea) LANGUAGE sql AS $$
  SELECT (place - 1) / p_in_chunk, count(*), string_agg(bytes, ''::bytea ORDER BY place)
  FROM (SELECT (row_number() OVER (ORDER BY e.created_at, e.id))::int AS place, test.cold_row(e) AS bytes
    FROM audit_cold_objects AS o JOIN audit_events_archive AS e ON e.workspace_id = o.workspace_id
      AND e.created_at >= o.month::timestamp AT TIME ZONE 'UTC' AND e.created_at < (o.month + interval '1 month') AT TIME ZONE 'UTC'
    WHERE o.object_id = p_object AND NOT EXISTS (SELECT FROM audit_cold_loans AS l WHERE l.event_id = e.id)
      AND NOT EXISTS (SELECT FROM audit_deletion_log AS d WHERE d.id = e.resource_id)) AS r
  GROUP BY 1 ORDER BY 1
$$;
CREATE FUNCTION test.cold_manifest(p_object uuid, p_in_chunk int DEFAULT 65536) RETURNS jsonb LANGUAGE sql AS $$
  SELECT jsonb_build_object('format', 1, 'object', o.object_id, 'replaces', o.replaces, 'workspace', o.workspace_id, 'month', to_char(o.month, 'YYYY-MM'),
    'columns', (SELECT jsonb_agg(attname ORDER BY attnum) FROM pg_attribute WHERE attrelid = 'audit_events'::regclass AND attnum > 0 AND NOT attisdropped),
    'chunks', c.chunks, 'tool', 'a golden test', 'evidence', NULL, 'event_count', c.event_count, 'first', k.first, 'last', k.last,
    'file_bytes', c.bytes, 'file_sha256', encode(sha256('a file'), 'hex'))
  FROM audit_cold_objects AS o
  CROSS JOIN LATERAL (SELECT jsonb_agg(jsonb_build_object('events', event_count, 'bytes', octet_length(events), 'sha256', encode(sha256(events), 'hex')) ORDER BY chunk) AS chunks,
    sum(event_count)::bigint AS event_count, sum(octet_length(events))::bigint AS bytes FROM test.cold_events(p_object, p_in_chunk)) AS c
  CROSS JOIN LATERAL (SELECT (array_agg(key ORDER BY e.created_at, e.id))[1] AS first, (array_agg(key ORDER BY e.created_at DESC, e.id DESC))[1] AS last
    FROM audit_events_archive AS e
    CROSS JOIN LATERAL jsonb_build_object('id', e.id, 'created_at', to_char(e.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')) AS key
    WHERE e.workspace_id = o.workspace_id AND e.created_at >= o.month::timestamp AT TIME ZONE 'UTC' AND e.created_at < (o.month + interval '1 month') AT TIME ZONE 'UTC'
      AND NOT EXISTS (SELECT FROM audit_cold_loans AS l WHERE l.event_id = e.id) AND NOT EXISTS (SELECT FROM audit_deletion_log AS d WHERE d.id = e.resource_id)) AS k
  WHERE o.object_id = p_object
$$;
-- Begun, written and read back.
CREATE FUNCTION test.cold_stored(p_workspace uuid, p_month date, p_in_chunk int DEFAULT 65536) RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE made uuid := (begin_audit_cold_object(p_workspace, p_month, 'file:///cold')).object_id;
BEGIN
  PERFORM store_audit_cold_object(made, test.cold_manifest(made, p_in_chunk));
  RETURN made;
END $$;
-- A session that was left may take a moment to end.
CREATE PROCEDURE test.sessions_end() LANGUAGE plpgsql AS $$
BEGIN
  WHILE EXISTS (SELECT FROM pg_stat_activity JOIN audit_cold_objects ON pid = opened_by_pid WHERE pid <> pg_backend_pid()) LOOP
    PERFORM pg_sleep(0.01), pg_stat_clear_snapshot();
  END LOOP;
END $$;
SET client_min_messages = notice;
\set ECHO all
