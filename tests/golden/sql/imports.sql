-- Imports: ids of version 8 that sort among the others; a second run skips what is there; the trail works with imported events as with any other.
\i tests/golden/prelude.sql
CREATE EXTENSION audit_ext;
SET client_min_messages = warning;
SET TimeZone = 'UTC';
CREATE FUNCTION w(int) RETURNS uuid LANGUAGE sql IMMUTABLE RETURN ('10000000-0000-4000-8000-' || lpad($1::text, 12, '0'))::uuid;
CREATE TABLE "Old Log" (no int PRIMARY KEY, happened timestamptz, op text, kind text, actor uuid, tenant text, before json, after json, labels text[]);
INSERT INTO "Old Log" SELECT n, timestamptz '2024-01-01 00:00+00' + interval '6 days' * n, 'EDIT', 'ticket', w(100 + n % 3), w(n % 2)::text,
  json_build_object('n', n, 'same', 1), json_build_object('n', n + 1, 'same', 1), ARRAY['old', 'x' || n]
FROM generate_series(1, 100) AS n;
UPDATE "Old Log" SET op = 'AUDIT_LOGIN' WHERE no = 7;
-- Live events of a workspace, before and after.
SELECT insert_audit_event('LIVE', 'r', NULL, w(1), w(100)) IS NOT NULL AS recorded;
\set mapping '{"source_id": "no", "created_at": {"column": "happened"}, "action_type": "op", "resource_type": "kind", "created_by_user_id": "actor", "workspace_id": "tenant", "old_values": "before", "new_values": "after", "tags": "labels", "metadata": {"value": {"trail": "old"}}}'
CALL import_audit_events('"Old Log"', 'old log', :'mapping', 30);
SELECT name, source, state, started_by = session_user AS mine, finished_at >= started_at AS ended, imported_count, skipped_count, oldest_event_at, newest_event_at, failure FROM audit_imports;
SELECT action_type, new_values - 'mapping' AS told, workspace_id FROM audit_events WHERE action_type LIKE 'AUDIT_IMPORT%' ORDER BY id;

-- What they are: marked, in order, with fields that the server computed, in months of their own.
SELECT count(*), bool_and(test.time_in(id) = created_at) AS "the id has the time", bool_and(seal_xid < 0 AND octet_length(seal_key) = 16) AS "to be sealed", bool_and(changed_fields = '{n}') AS changed,
  count(DISTINCT tableoid) AS months, bool_or(tableoid::regclass::text LIKE '%default') AS stray, bool_and(metadata = '{"trail": "old"}') AS metadata
FROM audit_events WHERE substr(id::text, 15, 1) = '8';
SELECT array_agg(id ORDER BY id) = array_agg(id ORDER BY created_at) AS "ids sort by time" FROM audit_events WHERE action_type NOT LIKE 'AUDIT_%';
SELECT action_type FROM audit_events WHERE action_type LIKE '%LOGIN';

-- Again: nothing. One more row, earlier than all: that one.
CALL import_audit_events('"Old Log"', 'old log', :'mapping');
INSERT INTO "Old Log" SELECT 0, timestamptz '2023-12-31 00:00+00', op, kind, actor, w(1)::text, before, after, labels FROM "Old Log" WHERE no = 1;
CALL import_audit_events('"Old Log"', 'old log', :'mapping');
SELECT state, imported_count, skipped_count, oldest_event_at FROM audit_imports;

-- A workspace's newest event is no imported one, so a past of its own may follow, and live events are recorded.
SELECT last_created_at > now() - interval '1 hour' AS live FROM audit_event_sequence WHERE workspace_id = w(1);
SELECT count(*) AS "only imports" FROM audit_event_sequence WHERE workspace_id = w(0);
INSERT INTO audit_events (created_at, action_type, resource_type, workspace_id, created_by_user_id) VALUES ('2024-02-01', 'LATE', 'r', w(0), w(100));
SELECT insert_audit_event('LIVE', 'r', NULL, w(0), w(100)) IS NOT NULL AS recorded;

-- Read with the others, in the order of time.
SELECT count(*), bool_and(is_ordered) AS ordered FROM (SELECT created_at <= lag(created_at, 1, 'infinity') OVER () AS is_ordered FROM get_audit_trail(w(1), p_days_back => 3650, p_limit => 1000)) AS trail;
SELECT count(*) FROM search_audit_events(w(1), p_from => '-infinity', p_tags => '{old}', p_contains => '{"trail": "old"}', p_limit => 1000);
SELECT count(*) - 1 AS lines FROM export_audit_events(w(1), p_tags => '{old}') AS line;

-- Archived at once, restored, skipped there too; erased, and still not imported again.
SELECT archived_count FROM archive_old_audit_events();
SELECT count(*) AS archived FROM audit_events_archive WHERE substr(id::text, 15, 1) = '8';
SELECT restore_audit_events(ARRAY(SELECT id FROM audit_events_archive WHERE action_type = 'IMPORTED_AUDIT_LOGIN')) AS restored;
CALL import_audit_events('"Old Log"', 'old log', :'mapping');
SELECT deleted_count FROM delete_user_audit_events_compliant(w(101), w(1), 'GDPR_REQUEST', 'T-1');
CALL import_audit_events('"Old Log"', 'old log', :'mapping');
SELECT state, imported_count, skipped_count FROM audit_imports;
SELECT count(*) AS erased FROM (TABLE audit_events UNION ALL TABLE audit_events_archive) AS e WHERE substr(id::text, 15, 1) = '8' AND deleted_at IS NOT NULL AND old_values IS NULL;
SELECT sealed_count > 100 AS sealed FROM audit_seal();
SELECT * FROM audit_verify() WHERE severity <> 'info';
SELECT status, detail FROM audit_health() WHERE check_name = 'event_ids';
SELECT deleted_count FROM purge_expired_audit_events(w(0), 'STORAGE_LIMITATION', 'T-2');

-- What was purged is gone: it is skipped, and sealed only once. A row that is new there is imported.
INSERT INTO "Old Log" SELECT 101, timestamptz '2024-01-07 00:00+00', op, kind, actor, w(0)::text, before, after, labels FROM "Old Log" WHERE no = 1;
CALL import_audit_events('"Old Log"', 'old log', :'mapping', 30);
SELECT state, imported_count, skipped_count FROM audit_imports;
SELECT count(*) AS "of the purged workspace" FROM (TABLE audit_events UNION ALL TABLE audit_events_archive) AS e WHERE substr(id::text, 15, 1) = '8' AND workspace_id = w(0);
SELECT sealed_count > 0 AS sealed FROM audit_seal();
SELECT severity, code, detail FROM audit_verify() WHERE severity <> 'info';
-- By another name they are other events.
CALL import_audit_events('"Old Log"', 'old log, once more', :'mapping');
SELECT name, imported_count, skipped_count FROM audit_imports ORDER BY name;
