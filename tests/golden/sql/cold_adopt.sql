-- A file is taken into a catalog that lost it; what an erasure ordered meanwhile is pending for it. And readers learn what is in cold storage.
\i tests/golden/prelude.sql
CREATE EXTENSION audit_ext;
\i tests/golden/cold.sql
SET client_min_messages = warning;
SET timezone = 'UTC';
CREATE FUNCTION w(int) RETURNS uuid LANGUAGE sql IMMUTABLE RETURN ('10000000-0000-4000-8000-' || lpad($1::text, 12, '0'))::uuid;
INSERT INTO audit_retention_policies (workspace_id, hot_retention_days, warm_archive_days, cold_retention_days) SELECT w(n), 5, 10, CASE n WHEN 3 THEN 20 ELSE 10000 END FROM generate_series(1, 3) AS n;
INSERT INTO audit_events (created_at, action_type, resource_type, workspace_id, created_by_user_id)
SELECT make_timestamptz(2020, month, 1 + day, 0, 0, 0, 'UTC'), 'A', 'thing', w(ws), w(70 + day) FROM generate_series(1, 3) AS ws, generate_series(1, 2) AS month, generate_series(0, 4) AS day ORDER BY 1;
SELECT archived_count FROM archive_old_audit_events();
CREATE FUNCTION refused(p_sql text) RETURNS TABLE (code text, message text, detail text, hint text) LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE 'SELECT ' || p_sql;
  code := 'accepted';
  RETURN NEXT;
EXCEPTION WHEN OTHERS THEN
  GET STACKED DIAGNOSTICS code = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
  message := regexp_replace(message, '[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f-]{21}', '<id>', 'g');
  detail := regexp_replace(detail, '[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f-]{21}', '<id>', 'g');
  hint := regexp_replace(hint, '[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f-]{21}', '<id>', 'g');
  RETURN NEXT;
END $$;
-- The catalog without this object, as a recovery to an earlier time may leave it.
CREATE PROCEDURE lose(p_object uuid) LANGUAGE plpgsql AS $$
BEGIN
  CALL test.past_the_guard('ALTER TABLE audit_cold_objects DISABLE TRIGGER USER');
  CALL test.past_the_guard('ALTER TABLE audit_cold_chunks DISABLE TRIGGER USER');
  DELETE FROM audit_cold_objects WHERE object_id = p_object;
  DELETE FROM audit_cold_chunks WHERE object_id = p_object;
  PERFORM audit_setup();
END $$;
CREATE FUNCTION adopt(p_manifest jsonb, p_store text, p_path text) RETURNS text LANGUAGE sql
RETURN format('adopt_audit_cold_object(%L, %L, %L)', p_manifest, p_store, p_path);
CREATE VIEW objects AS SELECT month, state, is_adopted, event_count, condemned_reason IS NOT NULL AS condemned, replaces IS NOT NULL AS replaces,
  release_log_id = (SELECT min(id::text)::uuid FROM audit_deletion_log WHERE kind = 'cold' AND deletion_reason LIKE '%' || coalesce(replaces, object_id) || '%') AS "entry of the release"
FROM audit_cold_objects ORDER BY month, opened_at;

-- Not while the catalog has the object, nor while its events are in the database.
SELECT test.cold_stored(w(1), '2020-01-01') AS january \gset
SELECT manifest, store, path FROM audit_cold_objects WHERE object_id = :'january' \gset
SELECT * FROM refused(adopt(:'manifest', :'store', :'path'));
CALL lose(:'january');
SELECT * FROM refused(adopt(:'manifest', :'store', :'path'));
-- Nor by anything that does not fit.
SELECT code, message, detail FROM refused(adopt('{}', :'store', :'path'));
SELECT code, message, detail FROM refused(adopt(NULL, :'store', :'path'));
SELECT code, message, detail FROM refused(adopt(jsonb_set(:'manifest', '{event_count}', '1e400'), :'store', :'path'));
SELECT code, message FROM refused(adopt(:'manifest', 's3://key:secret@bucket', :'path'));
SELECT code, message, hint FROM refused(adopt(:'manifest', :'store', '/etc/passwd'));
SELECT code, message FROM refused(adopt(:'manifest', :'store', NULL));

-- The events have left: the file is taken in, with the entry under which they left, and the erasure that was logged meanwhile. Nothing tells whether that was of events
-- about the person as well, so it is.
SELECT test.cold_stored(w(1), '2020-01-01') AS january \gset
SELECT manifest, path FROM audit_cold_objects WHERE object_id = :'january' \gset
SELECT released_count FROM release_audit_cold_object(:'january', 'TEST', 'T-1');
CALL lose(:'january');
SELECT deleted_count FROM delete_user_audit_events_compliant(w(72), w(1), 'GDPR', 'T-2');
SELECT * FROM refused(adopt(:'manifest', :'store', :'path'));
SELECT * FROM objects;
SELECT object_id = :'january' AS "of January", subject_user_id = w(72) AS "of the person", is_done, includes_about FROM audit_cold_erasures JOIN audit_deletion_log ON id = deletion_log_id;
SELECT chunk, event_count FROM audit_cold_chunks;
SELECT action_type, new_values - 'path' AS told FROM audit_events WHERE action_type = 'AUDIT_COLD_ADOPTED';

-- The successor of an object that the catalog has takes over its release, its loans and what is pending.
SELECT test.cold_stored(w(2), '2020-02-01') AS february \gset
SELECT events FROM test.cold_events(:'february') \gset
SELECT id AS lent FROM audit_events_archive WHERE workspace_id = w(2) AND created_at > '2020-02-01Z' ORDER BY created_at LIMIT 1 \gset
SELECT released_count FROM release_audit_cold_object(:'february', 'TEST', 'T-3');
SELECT restore_audit_cold_events(:'february', 0, :'events', ARRAY[:'lent'::uuid]);
SELECT deleted_count FROM delete_user_audit_events_compliant(w(73), w(2), 'GDPR', 'T-4');
SELECT manifest || jsonb_build_object('object', w(50), 'replaces', object_id) AS manifest, replace(path, object_id::text, w(50)::text) AS path,
  manifest AS february_manifest, path AS february_path FROM audit_cold_objects WHERE object_id = :'february' \gset
SELECT * FROM refused(adopt(:'manifest', :'store', :'path'));
SELECT * FROM objects WHERE month = '2020-02-01';
SELECT object_id = w(50) AS "of the successor", is_done, event_count FROM audit_cold_erasures WHERE deletion_log_id IN (SELECT id FROM audit_deletion_log WHERE subject_user_id = w(73)) ORDER BY 1;
SELECT object_id = w(50) AS "of the successor" FROM audit_cold_loans;
-- The superseded file is not.
SELECT * FROM refused(adopt(:'february_manifest', :'store', :'february_path'));
CALL lose(:'february');
SELECT * FROM refused(adopt(:'february_manifest', :'store', :'february_path'));

-- A successor that a session left open may hold the only copy, so it is not condemned until the other file was found; or it is adopted.
SELECT object_id AS successor, path AS successor_path FROM begin_audit_cold_object(w(1), '2020-01-01', :'store', :'january') \gset
SELECT code, message FROM refused(format('discard_audit_cold_object(%L, ''x'')', w(50)));
\c
SET client_min_messages = warning;
CALL test.sessions_end();
SELECT * FROM refused(format('discard_audit_cold_object(%L, ''the session has ended'')', :'successor'));
SELECT code, message FROM refused(format('begin_audit_cold_object(w(1), ''2020-01-01'', %L, %L)', :'store', :'january'));
SELECT code, message FROM refused(format('store_audit_cold_object(%L, ''{}'')', :'successor'));
BEGIN;
SELECT * FROM refused(adopt((SELECT manifest || jsonb_build_object('object', :'successor', 'replaces', object_id) FROM audit_cold_objects WHERE object_id = :'january'), :'store', :'successor_path'));
SELECT * FROM objects WHERE month = '2020-01-01';
ROLLBACK;
-- Nor does an erasure condemn it: the erasure is pending for the other.
BEGIN;
SELECT deleted_count FROM delete_user_audit_events_compliant(w(71), w(1), 'GDPR', 'T-5');
SELECT state FROM audit_cold_objects WHERE object_id = :'successor';
ROLLBACK;
SELECT report_audit_cold_check(:'january', 'missing');
SELECT code FROM refused(format('discard_audit_cold_object(%L, ''the session has ended'')', :'successor'));
SELECT report_audit_cold_check(:'january', 'ok');
SELECT code FROM refused(format('discard_audit_cold_object(%L, ''the session has ended'')', :'successor'));
SELECT state, replaces = :'january' AS "of January", condemned_reason FROM audit_cold_objects WHERE object_id = :'successor';

-- The catalog has lost an object whose file another one replaced since: the entry of the release is found by what it names. Only the newest events of the workspace
-- left; its floor was lost, too, and holds again.
SELECT test.cold_stored(w(3), '2020-02-01') AS first \gset
SELECT manifest || jsonb_build_object('object', w(51), 'replaces', object_id) AS manifest, replace(path, object_id::text, w(51)::text) AS path, path AS first_path,
  manifest AS first_manifest, manifest || jsonb_build_object('object', w(53), 'replaces', w(52)) AS other_manifest, replace(path, object_id::text, w(53)::text) AS other_path
FROM audit_cold_objects WHERE object_id = :'first' \gset
SELECT array_agg(id) AS gone FROM audit_events_archive WHERE workspace_id = w(3) AND created_at >= '2020-02-01Z' \gset
SELECT released_count, deletion_log_id AS entry FROM release_audit_cold_object(:'first', 'TEST', 'T-6') \gset
SELECT last_created_at FROM audit_sequence_floors WHERE workspace_id = w(3);
CALL lose(:'first');
CALL test.past_the_guard('ALTER TABLE audit_sequence_floors DISABLE TRIGGER USER');
DELETE FROM audit_sequence_floors WHERE workspace_id = w(3);
SELECT audit_setup() \g /dev/null
BEGIN;
SELECT * FROM refused(adopt(:'manifest', :'store', :'path'));
SELECT release_log_id = :'entry' AS "under its entry" FROM audit_cold_objects WHERE object_id = w(51);
SELECT last_created_at FROM audit_sequence_floors WHERE workspace_id = w(3);
SELECT code, message FROM test.refusal($$INSERT INTO audit_events (created_at, action_type, resource_type, workspace_id, created_by_user_id) VALUES ('2020-02-04Z', 'A', 'thing', w(3), w(71))$$);
-- No other file with these events is adopted: one of two holds what was erased.
SELECT * FROM refused(adopt(:'first_manifest', :'store', :'first_path'));
SELECT * FROM refused(adopt(:'other_manifest', :'store', :'other_path'));
-- A purge lists what was in it, and what the archive had.
SELECT deleted_count, deletion_log_id AS purge FROM purge_expired_audit_events(w(3), 'GDPR', 'T-7') \gset
SELECT :deleted_count AS deleted_count, count(*) AS listed, count(*) FILTER (WHERE id = ANY (:'gone')) AS "of the file"
FROM (SELECT encode(substr(entries, 1 + 48 * n, 16), 'hex')::uuid AS id FROM audit_deletion_log JOIN audit_deletion_events ON list_id = event_list_id,
  generate_series(0, octet_length(entries) / 48 - 1) AS n WHERE audit_deletion_log.id = :'purge') AS listed;
ROLLBACK;
-- Replaced twice: the entry is the one of so many events from the first to the last.
BEGIN;
SELECT * FROM refused(adopt(:'other_manifest', :'store', :'other_path'));
SELECT release_log_id = :'entry' AS "under its entry" FROM audit_cold_objects WHERE object_id = w(53);
ROLLBACK;
-- Replaced twice, while the catalog has the first as released: it takes the place of that one.
SELECT test.cold_stored(w(3), '2020-01-01') AS january_3 \gset
SELECT released_count, deletion_log_id AS entry FROM release_audit_cold_object(:'january_3', 'TEST', 'T-8') \gset
SELECT * FROM refused(adopt((SELECT manifest || jsonb_build_object('object', w(55), 'replaces', w(54)) FROM audit_cold_objects WHERE object_id = :'january_3'), :'store',
  (SELECT replace(path, object_id::text, w(55)::text) FROM audit_cold_objects WHERE object_id = :'january_3')));
SELECT state, object_id = w(55) AS adopted, release_log_id = :'entry' AS "under its entry", condemned_reason FROM audit_cold_objects WHERE workspace_id = w(3) AND month = '2020-01-01' ORDER BY 2;

-- A month with two files, because events of it came later: what is lent from the one does not stand in the way of the other.
INSERT INTO audit_retention_policies (workspace_id, hot_retention_days, warm_archive_days, cold_retention_days) VALUES (w(4), 5, 10, 10000);
CREATE PROCEDURE plant(VARIADIC days int[]) LANGUAGE sql SET session_replication_role = replica AS $$
  INSERT INTO audit_events_archive (id, created_at, action_type, resource_type, workspace_id, created_by_user_id)
  SELECT test.id_at(time, day), time, 'A', 'thing', w(4), w(71) FROM unnest(days) AS day, make_timestamptz(2020, 1, day, 0, 0, 0, 'UTC') AS time
$$;
CALL plant(1, 3, 5);
SELECT test.cold_stored(w(4), '2020-01-01') AS early \gset
SELECT manifest, path FROM audit_cold_objects WHERE object_id = :'early' \gset
SELECT released_count FROM release_audit_cold_object(:'early', 'TEST', 'T-9');
CALL plant(2, 4);
SELECT test.cold_stored(w(4), '2020-01-01') AS late \gset
SELECT events FROM test.cold_events(:'late') \gset
SELECT released_count FROM release_audit_cold_object(:'late', 'TEST', 'T-10');
CALL lose(:'early');
SELECT restore_audit_cold_events(:'late', 0, :'events') AS lent;
BEGIN;
CALL plant(3);
SELECT * FROM refused(adopt(:'manifest', :'store', :'path'));
ROLLBACK;
SELECT * FROM refused(adopt(:'manifest', :'store', :'path'));
SELECT object_id = :'late' AS late, state, event_count FROM audit_cold_objects WHERE workspace_id = w(4) ORDER BY 1;

-- Readers learn what is in cold storage, by the file; a gateway of its user's workspaces only.
SELECT month, event_count, oldest_event_at, newest_event_at, object_id = w(50) AS "the successor" FROM audit_cold_coverage(w(2));
SELECT code, message, hint FROM test.refusal('SELECT audit_cold_coverage(NULL)');
CREATE ROLE t_gateway; CREATE ROLE t_reader;
SELECT audit_grant('t_gateway', 'gateway'), audit_grant('t_gateway', 'reader'), audit_grant('t_reader', 'reader') \g /dev/null
CREATE TABLE members AS SELECT w(1) AS workspace_id, w(71) AS user_id;
SELECT audit_set_membership_source('members', 'workspace_id', 'user_id') \g /dev/null
SET SESSION AUTHORIZATION t_reader;
SELECT (SELECT count(*) FROM audit_cold_coverage(w(1))) AS of_1, (SELECT count(*) FROM audit_cold_coverage(w(2))) AS of_2;
SELECT code FROM test.refusal('SELECT FROM audit_cold_objects');
RESET SESSION AUTHORIZATION;
SET SESSION AUTHORIZATION t_gateway;
SELECT code, message FROM test.refusal('SELECT audit_cold_coverage(w(1))');
SET audit_ext.user_id = '10000000-0000-4000-8000-000000000071';
SELECT (SELECT count(*) FROM audit_cold_coverage(w(1))) AS of_1, (SELECT count(*) FROM audit_cold_coverage(w(2))) AS of_2;
RESET SESSION AUTHORIZATION;
