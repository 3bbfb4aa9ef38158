-- CALL audit_adopt_events(): events that came without a key, and those that the logs lack, are made ready for the next seal; those that were erased before are
-- listed in an entry of the deletion log. Leaves and ids are computed here a second time, in plain SQL.
-- The trail is not sound afterwards: a row is planted in a log.
\i tests/golden/prelude.sql
CREATE EXTENSION audit_ext;
\i tests/golden/leaf.sql
SET client_min_messages = warning;
SELECT code, message, hint FROM unnest(ARRAY['SELECT delete_user_audit_events_compliant(w(70), w(1), ''ADOPTION'', ''T'')', 'SELECT purge_expired_audit_events(w(1), '' adoption '', ''T'')',
  'SELECT request_audit_deletion(w(70), w(1), ''Adoption'')', 'SELECT request_audit_purge(w(1), ''ADOPTION'')']) AS sql, LATERAL test.refusal(sql);
CREATE VIEW both_sides AS SELECT tableoid::regclass::text AS place, * FROM audit_events UNION ALL SELECT tableoid::regclass::text, * FROM audit_events_archive;
-- A seal whose snapshot saw two events and whose log holds one: the other keeps its key and gets a new mark.
SELECT insert_audit_event('SEALED', 'thing', NULL, w(4), w(70)) AS sealed \gset
SELECT insert_audit_event('LACKING', 'thing', NULL, w(4), w(70)) AS lacking \gset
CREATE TABLE keys AS SELECT id, seal_key, seal_xid FROM audit_events;
BEGIN;
SET LOCAL session_replication_role = replica;
INSERT INTO audit_log_incarnations (incarnation, root_log_id, origin, system_identifier, timeline, database_oid, reason, began_by) VALUES (1, w(100), 'audit-ext/' || w(100), '1', 1, 1, 'test', 'test');
INSERT INTO audit_log_tiles (log_id, level, first, hashes, refs, frontier, head_index, incarnation) VALUES (w(4), 0, 0, decode(repeat('00', 32), 'hex'), uuid_send(:'sealed'), '', 0, 1);
INSERT INTO audit_log_seals (seal, incarnation, event_count, head_count, root_size, root_hash, next_xid, boot_id, snapshot, seen_at, uptime_us, waiting, waiting_since) VALUES (1, 1, 1, 1, 1, decode(repeat('00', 32), 'hex'), 1, '', pg_current_snapshot()::text, now(), 0, '{}', '{}');
COMMIT;
CALL audit_adopt_events();
SELECT action_type, e.seal_key = keys.seal_key AS "key kept", e.seal_xid = keys.seal_xid AS "mark kept", sign(e.seal_xid) AS sign FROM audit_events AS e JOIN keys USING (id) ORDER BY 1;
SELECT event_count, event_list_id IS NULL AS "no list" FROM audit_deletion_log WHERE deletion_authority = 'ADOPTION';
CALL audit_adopt_events();
SELECT count(*) AS "one entry" FROM audit_deletion_log;

-- Recorded as ever: nothing to adopt, and nothing is said.
SELECT count(insert_audit_event('LIVE', 'thing', NULL, w(1), w(70), NULL, '{"a": 1}')) FROM generate_series(1, 3);
CALL audit_adopt_events();
SELECT count(*) AS entries FROM audit_deletion_log;

-- As a data-only restore of an older trail brings them: hot, in the default partition, archived; erased ones; with a key and no transaction, and the other way about.
BEGIN;
SET LOCAL session_replication_role = replica;
CREATE FUNCTION test.at(days int) RETURNS timestamptz LANGUAGE sql STABLE RETURN date_trunc('day', now()) - days * interval '1 day' + interval '9 hours';
INSERT INTO audit_events (id, created_at, action_type, resource_type, workspace_id, created_by_user_id, new_values, ip_address, deleted_at, deletion_reason, seal_key, seal_xid)
SELECT test.id_at(test.at(days), n), test.at(days), action, 'thing', w(workspace), w(70), CASE WHEN deleted IS NULL THEN jsonb_build_object('n', n) END, CASE WHEN deleted IS NULL THEN inet '10.0.0.1' END, deleted, CASE WHEN deleted IS NOT NULL THEN 'asked by letter' END, key, xid
FROM (VALUES (1, 'KEYLESS', 1, 40, NULL::timestamptz, NULL::bytea, NULL::bigint), (2, 'KEYLESS', 1, 9000, NULL, NULL, NULL), (3, 'ERASED', 1, 30, now(), NULL, NULL), (4, 'ERASED', 1, 9000, now(), NULL, NULL), (5, 'ERASED', 2, 20, now(), NULL, NULL),
  (6, 'NO_TRANSACTION', 2, 20, NULL, decode(repeat('6b', 16), 'hex'), NULL), (7, 'NO_KEY', 2, 20, NULL, NULL, 5), (8, 'ERASED_ELSEWHERE', 2, 20, now(), decode(repeat('6b', 48), 'hex'), NULL)) AS row (n, action, workspace, days, deleted, key, xid);
INSERT INTO audit_events_archive (id, created_at, action_type, resource_type, workspace_id, created_by_user_id, deleted_at, deletion_reason)
SELECT test.id_at(test.at(400), n), test.at(400), 'ERASED', 'thing', w(1), w(70), now(), 'asked by letter' FROM generate_series(1, 200) AS n;
-- What is marked and holds payload was not erased.
INSERT INTO audit_events (id, created_at, action_type, resource_type, workspace_id, created_by_user_id, new_values, deleted_at, deletion_reason) VALUES (test.id_at(test.at(20), 9), test.at(20), 'MARKED', 'thing', w(2), w(70), '{"a": 1}', now(), 'forged');
COMMIT;
CREATE TABLE before AS SELECT id, seal_key, to_jsonb(e) - 'seal_key' - 'seal_xid' - 'place' AS content FROM both_sides AS e;
-- By its owner, by itself.
CREATE ROLE t_compliance;
SELECT audit_grant('t_compliance', 'compliance') \g /dev/null
SELECT code, message, hint FROM test.refusal('CALL audit_adopt_events()');
SET ROLE t_compliance;
CALL audit_adopt_events();
RESET ROLE;
BEGIN;
CALL audit_adopt_events();
ROLLBACK;
CALL audit_adopt_events();
SELECT action_type, count(*), octet_length(e.seal_key) AS bytes, bool_and(e.seal_key = before.seal_key) AS "key of before", bool_and(e.seal_xid < 0 AND e.seal_xid = (SELECT -max(seal_xid) FROM audit_events WHERE action_type = 'AUDIT_EVENTS_ADOPTED')) AS "mark of the adoption",
  bool_and(to_jsonb(e) - 'seal_key' - 'seal_xid' - 'place' = content) AS "else unchanged" FROM both_sides AS e JOIN before USING (id) GROUP BY 1, 3 ORDER BY 1, 3;
SELECT count(*) = count(DISTINCT seal_key) AS "each its own" FROM both_sides WHERE action_type NOT LIKE 'NO%';
-- One entry and one event for each workspace. The list has what was erased, with the leaf that it has now.
SELECT right(workspace_id::text, 1) AS w, deletion_reason, event_count, oldest_event_at = test.at(CASE workspace_id WHEN w(1) THEN 9000 ELSE 20 END) AS oldest, newest_event_at = test.at(CASE workspace_id WHEN w(1) THEN 30 ELSE 20 END) AS newest, is_irrevocable, approval_ticket_id IS NULL AS "no ticket" FROM audit_deletion_log WHERE deletion_authority = 'ADOPTION' AND workspace_id <> w(4) ORDER BY 1;
SELECT e.action_type, count(*), bool_and(listed.leaf = test.leaf(ROW(e.id, e.created_at, e.created_by_user_id, e.action_type, e.resource_type, e.resource_id, e.workspace_id, e.old_values, e.new_values, e.changed_fields, e.ip_address, e.user_agent, e.request_id, e.tags, e.metadata, e.deleted_at, e.deleted_by_user_id, e.deletion_reason, e.seal_key, e.seal_xid)::audit_events)) AS "with its leaf"
FROM test.listed JOIN both_sides AS e USING (id) GROUP BY 1 ORDER BY 1;
TABLE test.inconsistent;
SELECT right(workspace_id::text, 1) AS w, new_values->>'adopted_count' AS adopted, new_values->>'erased_count' AS erased FROM audit_events WHERE action_type = 'AUDIT_EVENTS_ADOPTED' AND workspace_id <> w(4) ORDER BY 1;
-- Again: there is nothing left.
CALL audit_adopt_events();
SELECT count(*) AS entries FROM audit_deletion_log;

-- More than one transaction takes: each has an entry of its own.
BEGIN;
SET LOCAL session_replication_role = replica;
INSERT INTO audit_events (id, created_at, action_type, resource_type, workspace_id, created_by_user_id) SELECT test.id_at(test.at(10), n), test.at(10), 'MANY', 'thing', w(3), w(70) FROM generate_series(1, 25000) AS n;
COMMIT;
CALL audit_adopt_events();
SELECT count(*) > 1 AS "several transactions", sum((new_values->>'adopted_count')::int) AS adopted, max((new_values->>'adopted_count')::int) < 15000 AS bounded FROM audit_events WHERE action_type = 'AUDIT_EVENTS_ADOPTED' AND workspace_id = w(3);
