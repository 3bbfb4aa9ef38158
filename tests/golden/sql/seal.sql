-- Seals: every committed event becomes a leaf of its workspace's log once, the heads of those logs become leaves of the root log, and the trees are those of
-- RFC 6962. Events of a transaction that is open, the sealer's own among them, are for a later seal.
\i tests/golden/prelude.sql
CREATE EXTENSION audit_ext;
\i tests/golden/oracle.sql
\i tests/golden/seal.sql
CREATE FUNCTION record(n int, workspace int) RETURNS bigint LANGUAGE sql AS $$
  SELECT count(insert_audit_event('A', 'thing', NULL, w(workspace), w(70), '{"a": 1}', jsonb_build_object('a', n))) FROM generate_series(1, n)
$$;
CREATE FUNCTION seal(OUT sealed_count bigint, OUT head_count bigint, OUT is_behind boolean) LANGUAGE sql AS 'SELECT sealed_count, head_count, is_behind FROM audit_seal()';
-- What is there at the first seal is taken, and then there is nothing.
SELECT record(3, 1), record(2, 2);
SELECT record(0, 1), seal(), (audit_seal()).sealed_count;
TABLE test.sealed;
TABLE test.tree;
SELECT checkpoint = format(E'%s\n%s\n%s\n', origin, root_size, encode(root_hash, 'base64')) AS "the checkpoint is of the newest seal", origin = 'audit-ext/' || root_log_id AS origin,
  seal, event_count, newest.head_count, root_size
FROM audit_seal() AS sealed, audit_log_seals AS newest JOIN audit_log_incarnations USING (incarnation) ORDER BY seal DESC LIMIT 1;

-- A transaction that records before and after it seals: its events are sealed once, after its commit.
BEGIN;
SELECT record(2, 1);
SELECT seal();
SELECT record(2, 3);
SELECT seal();
COMMIT;
TABLE test.sealed;
SELECT seal();
TABLE test.sealed;
-- One that had no number yet when it sealed what others recorded.
SELECT record(1, 1);
BEGIN;
SELECT seal();
SELECT record(2, 1);
SELECT seal();
COMMIT;
SELECT seal();
-- Savepoints; what is rolled back is never sealed.
BEGIN;
SAVEPOINT a;
SELECT record(1, 1);
SAVEPOINT b;
SELECT record(5, 4);
ROLLBACK TO b;
SELECT record(1, 4);
RELEASE a;
COMMIT;
BEGIN;
SELECT record(7, 1);
ROLLBACK;
-- A seal that is rolled back has not been.
BEGIN;
SELECT seal();
ROLLBACK;
SELECT seal();
TABLE test.sealed;

-- History, and events that were stored long after their time was drawn, are found wherever they are.
INSERT INTO audit_events (created_at, action_type, resource_type, workspace_id, created_by_user_id)
  SELECT at, 'HISTORY', 'thing', w(5), w(70) FROM unnest(ARRAY[timestamptz '2020-01-01', now() - interval '40 days', now() - interval '1 hour']) AS at;
SELECT seal();
SELECT archived_count FROM archive_old_audit_events();
SELECT record(1, 5);
SELECT sealed_count > 0 AS sealed FROM seal();
-- Erased before it is sealed, purged, brought back.
SELECT record(2, 6);
SELECT deleted_count FROM delete_user_audit_events_compliant(w(70), w(6), 'GDPR', 'T-1');
SELECT count(restore_audit_events(ARRAY(SELECT id FROM audit_events_archive WHERE created_at > '2021-01-01')));
SELECT sealed_count > 0 AS sealed FROM seal();
TABLE test.sealed;
TABLE test.tree;

-- Tiles: many rows of one become one, a full one is one and stands for itself on the next level.
DO $$ BEGIN FOR i IN 1..70 LOOP PERFORM record(1, 7); COMMIT; PERFORM seal(); COMMIT; END LOOP; END $$;
SELECT level, first, octet_length(hashes) / 32 AS hashes, octet_length(refs) / 16 AS refs, octet_length(frontier) / 32 AS frontier FROM audit_log_tiles WHERE log_id = w(7) ORDER BY 1, 2;
SELECT record(800, 7), record(256, 8), record(257, 9);
SELECT seal();
SELECT log_id, level, first, octet_length(hashes) / 32 AS hashes, octet_length(refs) / 16 AS refs, octet_length(frontier) / 32 AS frontier, head_index IS NOT NULL AS head
FROM audit_log_tiles WHERE log_id IN (w(7), w(8), w(9)) ORDER BY 1, 2, 3;
TABLE test.sealed;
TABLE test.tree;

-- Waiting for the seal of an event.
SELECT insert_audit_event('A', 'thing', NULL, w(1), w(70)) AS event \gset
SELECT audit_await_seal(:'event', '0'), audit_await_seal(:'event', '30 ms');
SELECT seal();
SELECT audit_await_seal(:'event', '0'), audit_await_seal((SELECT id FROM audit_events ORDER BY id LIMIT 1));
BEGIN;
SELECT code, regexp_replace(message, '[0-9a-f]{8}-.*', '...') AS message, hint FROM (VALUES
  (1, $$SELECT audit_await_seal(w(1))$$),
  (2, $$SELECT audit_await_seal(audit_event_id())$$),
  (3, $$SELECT audit_await_seal(NULL)$$),
  (4, $$SELECT audit_await_seal(w(1), '-1 s')$$),
  (5, $$SELECT audit_begin_incarnation(' ')$$),
  (6, $$SET LOCAL audit_ext.log_origin = 'a+b'; SELECT audit_begin_incarnation('why')$$),
  (7, $$CALL audit_keep_sealing('-1 s')$$),
  (8, $$CALL audit_keep_sealing()$$)) AS refused (no, sql), LATERAL test.refusal(sql) ORDER BY no;
SELECT insert_audit_event('A', 'thing', NULL, w(1), w(70)) AS event \gset
SELECT code, replace(message, :'event', '...') AS message, hint FROM test.refusal(format('SELECT audit_await_seal(%L)', :'event'));
COMMIT;
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT code, message, hint FROM test.refusal('SELECT audit_seal()');
ROLLBACK;
-- Where an event would be passed over nothing is begun: without the index over events of any time, and where a subscription feeds the table.
BEGIN;
CALL test.past_the_guard('DROP INDEX audit_events_archive_seal_idx');
SELECT code, message, hint FROM test.refusal('SELECT audit_seal()');
ROLLBACK;
BEGIN;
SET LOCAL client_min_messages = error;
SET LOCAL allow_system_table_mods = on;
CREATE SUBSCRIPTION feed CONNECTION '' PUBLICATION p WITH (connect = false, slot_name = NONE);
INSERT INTO pg_subscription_rel SELECT oid, test.month()::regclass, 'r' FROM pg_subscription;
SELECT code, message, hint FROM test.refusal('SELECT audit_seal()');
ROLLBACK;
-- Whoever operates seals; nobody else does.
CREATE ROLE t_writer;
CREATE ROLE t_operator;
SELECT audit_grant('t_writer', 'writer'), audit_grant('t_operator', 'operator');
SET ROLE t_writer;
SELECT code FROM test.refusal('SELECT audit_seal()');
SELECT audit_await_seal(:'event', '0');
SET ROLE t_operator;
SELECT sealed_count > 0 AS sealed FROM audit_seal();
SELECT code FROM test.refusal($$SELECT audit_begin_incarnation('why')$$);
RESET ROLE;

-- An incarnation by hand: another root log; logs of workspaces go on, and nothing is sealed again.
SET audit_ext.log_origin = 'example.com/log';
SELECT record(2, 1);
SELECT audit_begin_incarnation('a copy of the files');
SELECT record(1, 2);
SELECT seal();
SELECT seal();
SELECT incarnation, origin = CASE incarnation WHEN 1 THEN 'audit-ext/' ELSE 'example.com/log/' END || root_log_id AS origin, reason, began_by = session_user AS began_by FROM audit_log_incarnations ORDER BY 1;
SELECT workspace_id, old_values ? 'root' AS root, (old_values->>'size')::int > 0 AS size, new_values->>'reason' AS reason FROM audit_events WHERE action_type = 'AUDIT_LOG_INCARNATION_BEGAN';
TABLE test.sealed;
TABLE test.tree;
