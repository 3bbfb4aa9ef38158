-- Streams: batches of sealed events that come again until they are acknowledged; who may do what; limits; and what comes of events that were erased, purged,
-- archived or released to cold storage since.
\i tests/golden/prelude.sql
CREATE EXTENSION audit_ext;
\i tests/golden/cold_files.sql
SET client_min_messages = warning;
CREATE FUNCTION w(n int) RETURNS uuid LANGUAGE sql AS $$ SELECT ('00000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid $$;
CREATE FUNCTION record(p_action text, workspace int) RETURNS void LANGUAGE sql AS $$ SELECT insert_audit_event(p_action, 'thing', NULL, w(workspace), w(70), '{"a": 1}', '{"a": 2}') $$;
CREATE FUNCTION seal() RETURNS bigint LANGUAGE sql AS 'SELECT sealed_count FROM audit_seal()';
CREATE ROLE siem_streams; CREATE ROLE other_streams; CREATE ROLE operator_streams; CREATE ROLE officer_streams;
SELECT audit_grant('operator_streams', 'operator'), audit_grant('officer_streams', 'compliance'), audit_grant('other_streams', 'streamer');
GRANT USAGE ON SCHEMA test TO PUBLIC;
INSERT INTO audit_retention_policies (workspace_id, hot_retention_days, warm_archive_days, cold_retention_days) VALUES (w(4), 30, 60, 3650), (w(5), 30, 60, NULL);
SELECT count(*) > 0 AS made FROM create_past_audit_partitions('2024-02-01', '2024-03-31');
-- What is delivered: batch, and of each event the action and workspace, in the order of delivery.
CREATE FUNCTION fetched(p_name text, p_limit int DEFAULT 1000, p_ack bigint DEFAULT NULL) RETURNS TABLE (batch bigint, events bigint, delivered text) LANGUAGE sql AS $$
  SELECT batch_id, count(*), string_agg(concat_ws(' ', payload::json ->> 'action_type', right(payload::json ->> 'workspace_id', 1), payload::json -> 'metadata' ->> 'removed',
    CASE WHEN payload::json -> 'deleted_at' IS NOT NULL THEN 'erased' END, CASE WHEN payload::json -> 'new_values' IS NULL THEN 'without payload' END,
    CASE WHEN (payload::json ->> 'is_archived')::boolean THEN 'archived' END, CASE WHEN payload::json ->> 'id' <> event_id::text THEN 'other id' END), ', ' ORDER BY no)
  FROM fetch_audit_stream(p_name, p_limit, p_ack) WITH ORDINALITY AS f (batch_id, event_id, payload, no) GROUP BY batch_id $$;
CREATE VIEW streams AS SELECT name, format, right(workspace_id::text, 1) AS workspace, last_fetch_at IS NOT NULL AS fetched, last_ack_at IS NOT NULL AS acked, oldest_unread_at IS NOT NULL AS unread, lag > '0' AS lags, state FROM audit_streams ORDER BY name;
CREATE VIEW told AS SELECT action_type, resource_type, right(workspace_id::text, 1) AS workspace, coalesce(new_values ->> 'name', old_values ->> 'name') AS name, new_values - '{stream_id,reader_oid,reader_system,created_at,created_by,dropped_at,dropped_by,name,from}'::text[] AS new
  FROM audit_events WHERE action_type LIKE 'AUDIT_STREAM_%' ORDER BY created_at, id;
SELECT record('BEFORE', 1);

-- A trail that was never sealed has no streams, and a reader needs its level.
SELECT code, message, hint FROM test.refusal($$ SELECT create_audit_stream('siem', 'other_streams') $$);
SELECT seal();
SELECT code, message, hint FROM test.refusal($$ SELECT create_audit_stream('siem', 'siem_streams') $$);
SELECT audit_grant('siem_streams', 'streamer');
SELECT code, message FROM test.refusal($$ SELECT create_audit_stream('siem', 0) $$);
SELECT code, message, hint FROM unnest(ARRAY[$$NULL, 'siem_streams'$$, $$' ', 'siem_streams'$$, $$repeat('a', 64), 'siem_streams'$$, $$'siem', 'siem_streams', 'csv'$$, $$'siem', 'siem_streams', NULL$$, $$'siem', 'siem_streams', p_actions => '{}'$$,
  $$'siem', 'siem_streams', p_actions => '{a,NULL}'$$]) AS arguments, test.refusal(format('SELECT create_audit_stream(%s)', arguments));
SELECT create_audit_stream('siem', 'siem_streams');
SELECT code, message, hint FROM test.refusal($$ SELECT create_audit_stream('siem', 'siem_streams', 'cef') $$);
TABLE streams;

-- From now on: nothing yet, then what is sealed. It comes again, whatever the limit, until it is acknowledged.
SET ROLE siem_streams;
SELECT * FROM fetched('siem');
RESET ROLE;
SELECT record('A', 1), record('B', 2), record('C', 1), record('D', 3);
SELECT seal();
TABLE streams;
SET ROLE siem_streams;
SELECT * FROM fetched('siem', 3);
SELECT * FROM fetched('siem', 1);
SELECT * FROM fetched('siem', 10000);
SELECT ack_audit_stream('siem', 1), ack_audit_stream('siem', 1), ack_audit_stream('siem', 0);
SELECT code, message, hint FROM test.refusal($$ SELECT ack_audit_stream('siem', 2) $$);
SELECT code, message FROM test.refusal($$ SELECT fetch_audit_stream('siem', p_ack_batch_id => -1) $$);
SELECT code, message FROM test.refusal($$ SELECT ack_audit_stream('siem', NULL) $$);
SELECT * FROM fetched('siem', 3);
-- One call acknowledges and fetches; what was acknowledged before does no harm.
SELECT * FROM fetched('siem', 3, 1);
RESET ROLE;
SELECT record('E', 1);
SELECT seal();
SET ROLE siem_streams;
SELECT * FROM fetched('siem', 1, 2);
SELECT * FROM fetched('siem', 1, 3);
-- Limits and names.
SELECT code, message, hint FROM unnest('{"NULL::int",0,10001}'::text[]) AS p_limit, test.refusal(format($$ SELECT * FROM fetch_audit_stream('siem', %s) $$, p_limit));
SELECT code, message, hint FROM test.refusal($$ SELECT * FROM fetch_audit_stream('unknown') $$);
SELECT code, message FROM unnest(ARRAY[$$ack_audit_stream('unknown', 1)$$, $$fetch_audit_stream(NULL)$$]) AS call, test.refusal('SELECT ' || call);
-- Neither in a transaction that sees an old state, nor in one that may not write.
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT code, message, hint FROM test.refusal($$ SELECT * FROM fetch_audit_stream('siem') $$);
COMMIT;
BEGIN READ ONLY;
SELECT code, message, hint FROM test.refusal($$ SELECT * FROM fetch_audit_stream('siem') $$);
COMMIT;
-- The reader reads nothing else; nobody else reads, a streamer of other streams neither.
SELECT code, message FROM unnest(ARRAY['TABLE audit_events', 'TABLE audit_streams', 'TABLE audit_stream_cursors', $$SELECT get_audit_trail(w(1))$$, $$SELECT drop_audit_stream('siem')$$, $$SELECT resume_audit_stream('siem', now())$$,
  $$SELECT create_audit_stream('mine', 'siem_streams')$$]) AS statement, test.refusal(statement);
SET ROLE other_streams;
SELECT code, message, hint FROM test.refusal($$ SELECT * FROM fetch_audit_stream('siem') $$);
SELECT code, message FROM test.refusal($$ SELECT ack_audit_stream('siem', 3) $$);
SET ROLE operator_streams;
SELECT code, message FROM test.refusal($$ SELECT * FROM fetch_audit_stream('siem') $$);
SELECT name, state FROM audit_streams;
SELECT create_audit_stream('operators', 'other_streams', 'cef', w(2), '{B,role.*}', false);
SELECT code, message FROM test.refusal($$ DELETE FROM audit_stream_cursors $$);
SET ROLE officer_streams;
SELECT name, state FROM audit_streams ORDER BY name;
SELECT code, message FROM test.refusal($$ SELECT drop_audit_stream('operators') $$);
RESET ROLE;
-- A reader that was renamed, made anew or lost its level reads no more.
ALTER ROLE other_streams RENAME TO renamed_streams;
SET ROLE renamed_streams;
SELECT code, message FROM test.refusal($$ SELECT * FROM fetch_audit_stream('operators') $$);
RESET ROLE;
ALTER ROLE renamed_streams RENAME TO other_streams;
SET ROLE other_streams;
SELECT * FROM fetch_audit_stream('operators');
RESET ROLE;
SELECT audit_revoke('other_streams', 'streamer');
GRANT EXECUTE ON FUNCTION fetch_audit_stream TO other_streams;
SET ROLE other_streams;
SELECT code, message FROM test.refusal($$ SELECT * FROM fetch_audit_stream('operators') $$);
RESET ROLE;
SELECT audit_grant('other_streams', 'streamer');
-- Tables of streams are written by their functions, and cannot be emptied.
SELECT code, message, hint FROM unnest(ARRAY['UPDATE audit_stream_cursors SET batch_id = 0', 'DELETE FROM audit_stream_cursors', 'TRUNCATE audit_stream_cursors', $$INSERT INTO audit_stream_cursors (stream_id, incarnation, root_place) VALUES (w(1), 1, 0)$$,
  $$UPDATE audit_stream_definitions SET reader = 'postgres'$$, 'DELETE FROM audit_stream_definitions', 'TRUNCATE audit_stream_definitions']) AS statement, test.refusal(statement);

-- Filters. By workspace, by action, by both; the place moves on where nothing is delivered.
SELECT create_audit_stream('roles', 'siem_streams', p_actions => '{role.*,LOGIN}', p_from => '-infinity'), create_audit_stream('two', 'siem_streams', p_workspace_id => w(2), p_from => '-infinity'),
  create_audit_stream('all', 'siem_streams', p_from => '-infinity');
SELECT record('role.granted', 1), record('LOGIN', 2), record('LOGIN_FAILED', 2), record('role.taken', 2);
SELECT seal();
SELECT * FROM fetched('roles', 2);
SELECT * FROM fetched('roles', 2, 1);
SELECT * FROM fetched('roles', 2, 2);
SELECT * FROM fetched('two');
SELECT batch, events FROM fetched('all');
SELECT name, state FROM streams WHERE name IN ('roles', 'two', 'all');
-- The order is that of the log, in whatever pieces.
CREATE TABLE whole AS SELECT event_id, no FROM fetch_audit_stream('all') WITH ORDINALITY AS f (batch_id, event_id, payload, no);
SELECT resume_audit_stream('all', '-infinity');
CREATE TABLE piece (n int, event_id uuid, no bigint);
DO $$ DECLARE batch bigint; BEGIN
  FOR n IN 1 .. 100 LOOP
    INSERT INTO piece SELECT n, event_id, no FROM fetch_audit_stream('all', 1 + n % 3, batch) WITH ORDINALITY AS f (batch_id, event_id, payload, no);
    EXIT WHEN NOT FOUND;
    batch := n + 1;
  END LOOP;
END $$;
SELECT (SELECT array_agg(event_id ORDER BY no) FROM whole) = (SELECT array_agg(event_id ORDER BY n, no) FROM piece) AS same, max(n) > 5 AS pieces FROM piece;
-- A batch that was forgotten by the resume is not acknowledged.
SELECT ack_audit_stream('all', 1);

-- Formats.
SELECT create_audit_stream(format, 'siem_streams', format, p_actions => '{SHOWN}') FROM unnest('{json,ocsf,cef,ecs}'::text[]) AS format;
SELECT insert_audit_event('SHOWN', 'role', w(5), w(1), w(70), '{"a": 1.00}', '{"a": 2}', '10.0.0.1', 'curl', '{red}', NULL, 'req-1') IS NOT NULL AS recorded;
SELECT seal();
CREATE FUNCTION shown(p_line text) RETURNS text LANGUAGE sql AS $$
  SELECT regexp_replace(regexp_replace(regexp_replace(p_line, '[0-9a-f]{8}-[0-9a-f]{4}-[78][0-9a-f-]{21}', '‹id›', 'g'), '\d{4}-\d\d-\d\dT[\d:.]+Z|(?<="time":|rt=)\d+', '‹time›', 'g'), '("version":|\|)"?\d+\.\d+\.\d+(-\w+)?"?(?=\}|\|)', '\1‹version›') $$;
\pset format unaligned
\pset tuples_only on
SELECT format, shown(payload) FROM unnest('{json,ocsf,cef,ecs}'::text[]) AS format, fetch_audit_stream(format);
\pset tuples_only off
\pset format aligned

-- Erased since: without payload. The batch is the same; the deletion is an event too.
SELECT create_audit_stream('since', 'siem_streams', p_workspace_id => w(4)), create_audit_stream('since by action', 'siem_streams', p_workspace_id => w(4), p_actions => '{OLD*}');
INSERT INTO audit_events (created_at, action_type, resource_type, workspace_id, created_by_user_id, new_values)
SELECT timestamptz '2024-02-10+00' + n * interval '1 day', CASE WHEN n % 2 = 0 THEN 'OLD' ELSE 'OTHER' END, 'thing', w(ws), w(70 + n % 2), '{"a": 1}' FROM generate_series(1, 4) AS n, unnest('{4,5}'::int[]) AS ws;
SELECT seal();
SELECT * FROM fetched('since');
SELECT * FROM fetched('since by action', 1);
SELECT deleted_count FROM delete_user_audit_events_compliant(w(70), w(4), 'GDPR', 'T-1');
SELECT * FROM fetched('since');
SELECT * FROM fetched('since by action');
-- Archived: the same. A released file: its place is told, and the batch of some actions is what it was.
SELECT archived_count FROM archive_old_audit_events();
SELECT * FROM fetched('since');
SELECT test.export(w(4), '2024-02-01') AS object \gset
SELECT released_count FROM release_audit_cold_object(:'object', 'SOC2', 'T-2');
SELECT * FROM fetched('since');
SELECT * FROM fetched('since by action');
SELECT create_audit_stream('cold ' || format, 'siem_streams', format, w(4), p_from => '-infinity') FROM unnest('{ocsf,cef,ecs}'::text[]) AS format;
\pset format unaligned
\pset tuples_only on
SELECT DISTINCT shown(payload) FROM unnest('{ocsf,cef,ecs}'::text[]) AS format, fetch_audit_stream('cold ' || format) WHERE payload LIKE '%AUDIT_EVENT_REMOVED%' ORDER BY 1;
\pset tuples_only off
\pset format aligned
-- Purged: as removed.
SELECT create_audit_stream('purged', 'siem_streams', p_workspace_id => w(5), p_from => '-infinity');
SELECT * FROM fetched('purged');
SELECT deleted_count FROM purge_expired_audit_events(w(5), 'SOC2', 'T-3');
SELECT * FROM fetched('purged');
-- Imported events have ids of version 8.
SELECT create_audit_stream('native', 'siem_streams', p_workspace_id => w(6), p_imported => false), create_audit_stream('imported', 'siem_streams', p_workspace_id => w(6));
SET session_replication_role = replica;
INSERT INTO audit_events (id, created_at, created_by_user_id, action_type, resource_type, workspace_id) VALUES ('0197b9f0-0000-8000-8000-000000000001', '2025-06-29 00:00:00+00', w(70), 'IMPORTED', 'thing', w(6));
RESET session_replication_role;
CALL audit_adopt_events();
SELECT record('NATIVE', 6);
SELECT seal() > 0 AS sealed;
SELECT * FROM fetched('native');
SELECT * FROM fetched('imported');

-- Again from a time: all of it, and perhaps some that is older.
SELECT record('LATER', 7), clock_timestamp() AS at \gset
SELECT create_audit_stream('again', 'siem_streams', p_workspace_id => w(7));
SELECT seal();
SELECT record('LAST', 7);
SELECT clock_timestamp() AS last \gset
SELECT seal();
SELECT * FROM fetched('again');
SELECT ack_audit_stream('again', 1);
SELECT resume_audit_stream('again', '-infinity');
SELECT * FROM fetched('again');
SELECT resume_audit_stream('again', :'last');
SELECT batch, delivered LIKE '%LAST 7' AS "up to the last" FROM fetched('again');
SELECT resume_audit_stream('again', 'infinity');
SELECT * FROM fetched('again');
SELECT code, message FROM unnest(ARRAY[$$resume_audit_stream('again', NULL)$$, $$resume_audit_stream('unknown', now())$$]) AS call, test.refusal('SELECT ' || call);

-- Health: all is read, or lately; where the next purge would take what is unread it fails.
SELECT status, detail FROM audit_health() WHERE check_name = 'streams';
INSERT INTO audit_retention_policies (workspace_id, hot_retention_days, warm_archive_days) VALUES (w(8), 1, 1);
SELECT create_audit_stream('soon', 'siem_streams', p_workspace_id => w(8));
SELECT record('UNREAD', 8);
SELECT seal() > 0 AS sealed;
CREATE VIEW soon AS SELECT status, regexp_replace(detail, 'since .*', 'since …') AS detail, hint FROM audit_health() WHERE check_name = 'streams' AND detail LIKE '%stream soon%';
TABLE soon;
SELECT events, ack_audit_stream('soon', 1) FROM fetched('soon');
TABLE soon;
SELECT batch, events FROM fetched('again');

-- Another incarnation, as after a restore or a promotion: the stream goes on in its root log.
SELECT audit_begin_incarnation('a test');
SELECT record('IN THE NEXT INCARNATION', 7);
SELECT seal() > 0 AS sealed;
SELECT batch, events, delivered LIKE '%IN THE NEXT INCARNATION 7' AS next FROM fetched('again', p_ack => 4);
SELECT batch, events FROM fetched('again', p_ack => 5);
SELECT state FROM audit_streams WHERE name = 'again';

-- Dropped, and the name used again.
SELECT drop_audit_stream('again');
SELECT code, message FROM test.refusal($$ SELECT * FROM fetch_audit_stream('again') $$);
SELECT code, message FROM test.refusal($$ SELECT drop_audit_stream('again') $$);
SELECT create_audit_stream('again', 'siem_streams', 'ecs');
SELECT count(*), count(dropped_at) AS dropped FROM audit_stream_definitions WHERE name = 'again';
-- Every change is an event.
SELECT * FROM told;
-- A gateway reads no stream for a user, as soon as there are members.
CREATE TABLE member (workspace uuid, person uuid);
SELECT audit_set_membership_source('member', 'workspace', 'person'), audit_grant('siem_streams', 'gateway');
SET SESSION AUTHORIZATION siem_streams;
SELECT code, message, hint FROM test.refusal($$ SELECT * FROM fetch_audit_stream('siem') $$);
RESET SESSION AUTHORIZATION;
