-- What the catalog of cold storage is told, and what it does not believe: stores that are none, manifests that do not fit, steps that do not follow, and
-- whoever writes its tables past the functions.
\i tests/golden/prelude.sql
CREATE EXTENSION audit_ext;
\i tests/golden/cold.sql
SET client_min_messages = warning;
CREATE FUNCTION w(int) RETURNS uuid LANGUAGE sql IMMUTABLE RETURN ('10000000-0000-4000-8000-' || lpad($1::text, 12, '0'))::uuid;
CREATE FUNCTION refused(p_sql text) RETURNS TABLE (code text, message text, detail text) LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE p_sql;
  code := 'accepted';
  RETURN NEXT;
EXCEPTION WHEN OTHERS THEN
  GET STACKED DIAGNOSTICS code = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL;
  detail := CASE WHEN code <> '23514' THEN detail END;
  message := regexp_replace(message, '[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f-]{21}', '<id>', 'g');
  detail := regexp_replace(detail, '[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f-]{21}', '<id>', 'g');
  RETURN NEXT;
END $$;
INSERT INTO audit_retention_policies (workspace_id, hot_retention_days, warm_archive_days, cold_retention_days) SELECT w(n), 5, 10, 1000 FROM generate_series(1, 2) AS n;
INSERT INTO audit_events (created_at, action_type, resource_type, workspace_id, created_by_user_id, new_values, tags)
SELECT timestamptz '2020-01-01Z' + n * interval '1 hour', 'A', 'thing', w(ws), w(71), jsonb_build_object('n', n), '{a,b}' FROM generate_series(1, 2) AS ws, generate_series(0, 9) AS n;
SELECT archived_count FROM archive_old_audit_events();

-- Arguments of begin. What is wrong with a store is told without the text.
SELECT left(p_store, 40) AS p_store, code, message FROM (VALUES (1, NULL), (2, ''), (3, '/var/cold'), (4, 'file://host/share'), (5, 'file:///'), (6, 'file:///var/../etc'), (7, 's3://key:secret@bucket/x'),
    (8, 's3://bucket:9000/x'), (9, 'http://169.254.169.254/latest'), (10, E's3://bucket/a\nb'), (11, 's3://bucket//a'), (12, 's3://bucket/%2e%2e/a'), (13, 's3://bucket/?x=1'),
    (14, 'S3://bucket'), (15, 's3://bucket/' || repeat('a', 1000))) AS given (no, p_store),
  LATERAL test.refusal(format('SELECT begin_audit_cold_object(w(1), ''2020-01-01'', %L)', p_store)) ORDER BY no;
SELECT hint FROM test.refusal('SELECT begin_audit_cold_object(w(1), ''2020-01-01'', ''x'')');
SELECT code, message, hint FROM test.refusal('SELECT begin_audit_cold_object(NULL, ''2020-01-01'', ''file:///cold'')');
SELECT code, message, hint FROM test.refusal('SELECT begin_audit_cold_object(w(1), NULL, ''file:///cold'')');
SELECT code, message FROM test.refusal('SELECT begin_audit_cold_object(w(1), ''2020-01-02'', ''file:///cold'')');
SELECT code, message FROM test.refusal('SELECT begin_audit_cold_object(w(1), ''infinity'', ''file:///cold'')');
SELECT code, message FROM test.refusal('SELECT begin_audit_cold_object(w(1), ''4713-01-01 BC'', ''file:///cold'')');
SELECT code, message, hint FROM test.refusal('SELECT begin_audit_cold_object(w(1), ''2020-01-01'', ''file:///cold'', w(99))');

-- A manifest must fit, field by field. What does not is named, and not repeated.
SELECT object_id AS object FROM begin_audit_cold_object(w(1), '2020-01-01', 'file:///cold') \gset
CREATE TABLE given AS SELECT test.cold_manifest(:'object', 4) AS manifest;
SELECT jsonb_path_query_array(manifest, '$.chunks[*].events') AS chunks, manifest -> 'event_count' AS event_count FROM given;
SELECT no, code, message, detail FROM given, LATERAL (VALUES (1, NULL), (2, '[]'), (3, '{}'), (4, manifest || '{"secret": "payload"}'), (5, manifest - 'tool'), (6, manifest || '{"format": 2}'),
    (7, manifest || jsonb_build_object('object', w(1))), (8, manifest || jsonb_build_object('workspace', w(2))), (9, manifest || '{"month": "2020-02"}'), (10, manifest || jsonb_build_object('replaces', w(3))),
    (11, jsonb_set(manifest, '{columns,0}', '"payload"')), (12, jsonb_set(manifest, '{chunks,2,sha256}', '"secret"')), (13, jsonb_set(manifest, '{chunks,0,events}', '65537')),
    (14, jsonb_set(manifest, '{chunks,0,bytes}', '1e400')), (15, manifest || '{"event_count": 11}'), (16, manifest || '{"evidence": "secret"}'), (17, manifest || '{"evidence": {}}'),
    (18, jsonb_set(manifest, '{first}', manifest -> 'last')), (19, jsonb_set(manifest, '{last,created_at}', '"2020-02-01T00:00:00Z"')), (20, manifest || '{"file_bytes": -1}'),
    (21, manifest || '{"file_sha256": ""}'), (22, manifest || '{"tool": "\u001b[2J"}')) AS changed (no, changed),
  LATERAL refused(format('SELECT store_audit_cold_object(%L, %L)', :'object', changed)) ORDER BY no;
SELECT hint FROM test.refusal(format('SELECT store_audit_cold_object(%L, %L)', :'object', '{}'));
SELECT code, message, hint FROM given, test.refusal(format('SELECT store_audit_cold_object(w(9), %L)', manifest));
SELECT count(*) AS "nothing came of it" FROM audit_cold_chunks;
SELECT store_audit_cold_object(:'object', manifest) FROM given;
SELECT state, event_count, first_created_at, last_created_at, file_bytes = (SELECT sum(byte_count) FROM audit_cold_chunks) AS bytes_fit, stored_by_role = current_user AS "by us" FROM audit_cold_objects;
SELECT chunk, event_count, sha256 = sha256(events) AS "the digest of the rows" FROM audit_cold_chunks JOIN test.cold_events(:'object', 4) USING (chunk, event_count) ORDER BY chunk;

-- Steps that do not follow.
SELECT step, (r).* FROM (VALUES (1, 'store_audit_cold_object(%1$L, (SELECT manifest FROM given))'), (2, 'confirm_audit_cold_removed(%1$L)'), (3, 'confirm_audit_cold_removed(NULL)'), (4, 'discard_audit_cold_object(%1$L, '' '')'),
    (5, 'report_audit_cold_check(%1$L, ''fine'')'), (6, 'report_audit_cold_check(%1$L, NULL)'), (7, 'begin_audit_cold_object(w(1), ''2020-01-01'', ''file:///cold'', %1$L)'),
    (8, 'begin_audit_cold_object(w(2), ''2020-01-01'', ''file:///cold'', %1$L)')) AS s (no, step), LATERAL refused(format('SELECT ' || step, :'object')) AS r ORDER BY no;
-- A check is remembered until the next one.
SELECT report_audit_cold_check(:'object', 'altered', 'one byte'), report_audit_cold_check(:'object', 'ok');
SELECT check_result, check_detail, checked_at >= stored_at AS checked FROM audit_cold_objects;
SELECT discard_audit_cold_object(:'object', 'no longer wanted');
SELECT step, (r).* FROM (VALUES (1, 'discard_audit_cold_object(%1$L, ''again'')'), (2, 'report_audit_cold_check(%1$L, ''ok'')'), (3, 'release_audit_cold_object(%1$L, ''TEST'', ''T'')')) AS s (no, step),
  LATERAL refused(format('SELECT ' || step, :'object')) AS r ORDER BY no;
SELECT confirm_audit_cold_removed(:'object');
SELECT code, message, detail FROM refused(format('SELECT confirm_audit_cold_removed(%L)', :'object'));
SELECT state, condemned_reason, gone_at >= condemned_at AS "in order" FROM audit_cold_objects;
SELECT action_type, new_values - 'path' AS told FROM audit_events WHERE action_type LIKE 'AUDIT_COLD%' ORDER BY created_at, id;

-- Nobody writes the tables by hand.
SELECT test.cold_stored(w(2), '2020-01-01') AS object \gset
SELECT release_audit_cold_object(:'object', 'TEST', 'T-1') IS NOT NULL AS released;
SELECT t, o, code, message, hint FROM unnest(ARRAY['objects', 'chunks', 'loans', 'erasures']) AS t,
  (VALUES (1, 'INSERT INTO %1$s SELECT * FROM %1$s'), (2, 'UPDATE %1$s SET object_id = object_id'), (3, 'DELETE FROM %1$s'), (4, 'TRUNCATE %1$s')) AS s (o, statement),
  LATERAL test.refusal(format(statement, 'audit_cold_' || t)) WHERE t IN ('objects', 'chunks') OR o IN (1, 4) ORDER BY t, o;
-- Were it not for that guard, no step would lead back, and nothing that was found out would be changed, whatever the session says it is.
CALL test.past_the_guard('ALTER TABLE audit_cold_objects DISABLE TRIGGER audit_cold_objects_guard');
SET session_replication_role = replica;
SELECT what, (r).* FROM (VALUES (1, 'state = ''stored'', released_at = NULL, released_by_user_id = NULL, released_by_role = NULL, release_log_id = NULL'), (2, 'state = ''open'''), (3, 'state = ''gone'''), (4, 'path = ''/etc/passwd'''),
    (5, 'file_sha256 = sha256('''')'), (6, 'workspace_id = w(1)'), (7, 'release_log_id = w(1)'), (8, 'check_result = ''ok'', checked_at = now(), checked_by_user_id = w(1), checked_by_role = ''me'''),
    (9, 'state = ''condemned''')) AS s (no, what), LATERAL refused(format('UPDATE audit_cold_objects SET %s WHERE object_id = %L', what, :'object')) AS r ORDER BY no;
