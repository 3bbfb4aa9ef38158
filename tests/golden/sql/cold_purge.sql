-- A purge takes released objects whose month is past its period as a whole, counts their events once, lists them, and leaves what is on loan from objects that stay.
\i tests/golden/prelude.sql
CREATE EXTENSION audit_ext;
\i tests/golden/cold.sql
SET client_min_messages = warning;
CREATE FUNCTION w(int) RETURNS uuid LANGUAGE sql IMMUTABLE RETURN ('10000000-0000-4000-8000-' || lpad($1::text, 12, '0'))::uuid;
-- Days from the 10th of a month to now.
CREATE FUNCTION days(p_month date) RETURNS int LANGUAGE sql STABLE RETURN (now()::date - p_month) - 9;
INSERT INTO audit_retention_policies (workspace_id, hot_retention_days, warm_archive_days, cold_retention_days) SELECT w(n), 5, 10, CASE n WHEN 3 THEN days('2020-04-01') ELSE 36500 END FROM generate_series(1, 3) AS n;
INSERT INTO audit_events (created_at, action_type, resource_type, workspace_id, created_by_user_id)
SELECT month + n * interval '1 hour', 'A' || n, 'thing', w(ws), w(70 + n % 2)
FROM generate_series(1, 3) AS ws, unnest(ARRAY[timestamptz '2020-01-05Z', '2020-02-05Z', '2020-03-05Z', '2020-04-05Z']) AS month, generate_series(0, 3) AS n ORDER BY ws, month, n;
SELECT archived_count FROM archive_old_audit_events();
SELECT test.cold_stored(w(1), '2020-01-01') AS january, test.cold_stored(w(1), '2020-02-01') AS february, test.cold_stored(w(1), '2020-03-01') AS march, test.cold_stored(w(2), '2020-01-01') AS other \gset
CREATE TABLE files AS SELECT o.object_id, o.month, e.chunk, e.events FROM audit_cold_objects AS o, test.cold_events(o.object_id) AS e WHERE workspace_id = w(1);
CREATE TABLE before AS SELECT id, created_at FROM audit_events_archive WHERE workspace_id = w(1) AND created_at < '2020-05-01Z';
SELECT released_count FROM release_audit_cold_object(:'january', 'policy', 'T-1');
SELECT released_count FROM release_audit_cold_object(:'february', 'policy', 'T-1');
SELECT released_count FROM release_audit_cold_object(:'march', 'policy', 'T-1');
SELECT released_count FROM release_audit_cold_object(:'other', 'policy', 'T-1');
-- January: the second event on loan in the archive, the third on loan and hot. March: the first on loan in the archive.
SELECT id AS second FROM before ORDER BY created_at, id OFFSET 1 LIMIT 1 \gset
SELECT id AS third FROM before ORDER BY created_at, id OFFSET 2 LIMIT 1 \gset
SELECT id AS in_march FROM before WHERE created_at > '2020-03-01Z' ORDER BY created_at, id LIMIT 1 \gset
SELECT month, restore_audit_cold_events(object_id, chunk, events, ARRAY[:'second', :'third', :'in_march']::uuid[]) AS lent FROM files ORDER BY month;
SELECT restore_audit_events(ARRAY[:'third']::uuid[]) AS hot;
CREATE VIEW objects AS SELECT right(workspace_id::text, 1) AS w, month, state, condemned_reason FROM audit_cold_objects ORDER BY 1, 2;
CREATE VIEW kept AS SELECT to_char(created_at AT TIME ZONE 'UTC', 'Mon') || ' ' || action_type AS event, 'archive' AS location FROM audit_events_archive WHERE workspace_id = w(1) AND action_type LIKE 'A_'
  UNION ALL SELECT to_char(created_at AT TIME ZONE 'UTC', 'Mon') || ' ' || action_type, 'hot' FROM audit_events WHERE workspace_id = w(1) AND action_type LIKE 'A_';
SELECT * FROM kept ORDER BY 1;
-- An erasure is pending meanwhile.
SELECT deleted_count, deletion_log_id AS erasure FROM delete_user_audit_events_compliant(w(99), w(1), 'GDPR', 'T-2') \gset

-- Within the period: nothing.
SELECT deleted_count FROM purge_expired_audit_events(w(1), 'GDPR', 'T-3');
-- The period ends on the 10th of March. Shortened, it holds for thirty days more; this one counts as shortened long ago.
UPDATE audit_retention_policies SET cold_retention_days = days('2020-03-01') WHERE workspace_id = w(1);
SELECT location, outcome, reason, event_count FROM explain_audit_retention(w(1)) WHERE location <> 'hot';
SELECT deleted_count AS "still protected" FROM purge_expired_audit_events(w(1), 'GDPR', 'T-3');
CALL test.past_the_guard($$ALTER TABLE audit_retention_policies DISABLE TRIGGER ALL$$);
UPDATE audit_retention_policies SET protected_until = now() - interval '1 second' WHERE workspace_id = w(1);
CALL test.past_the_guard($$ALTER TABLE audit_retention_policies ENABLE TRIGGER ALL$$);
SELECT location, outcome, reason, event_count FROM explain_audit_retention(w(1)) WHERE location <> 'hot';
-- A hold on anybody keeps every file, and what is on loan from it.
SELECT place_audit_hold(w(1), 'case 1', w(98)) AS hold \gset
SELECT deleted_count FROM purge_expired_audit_events(w(1), 'GDPR', 'T-4');
SELECT release_audit_hold(:'hold', 'closed');
SELECT * FROM objects;
-- January and February go: eight events, of which one is hot and stays. March is not over; what is on loan from it stays.
SELECT deleted_count, deletion_log_id AS entry FROM purge_expired_audit_events(w(1), 'GDPR', 'T-5') \gset
SELECT :deleted_count AS deleted_count;
SELECT * FROM objects;
SELECT * FROM kept ORDER BY 1;
SELECT object_id = :'march' AS of_march, count(*) FROM audit_cold_loans GROUP BY 1;
SELECT deletion_reason, event_count, oldest_event_at AT TIME ZONE 'UTC' AS oldest, newest_event_at AT TIME ZONE 'UTC' AS newest FROM audit_deletion_log WHERE id = :'entry';
SELECT month, event_count FROM audit_deletion_months WHERE deletion_log_id = :'entry' ORDER BY month;
-- The list has each of them once, with the leaf that the release listed, and has the digest of the entry.
CREATE VIEW listed AS SELECT log.id AS entry, encode(substr(entries, 1 + 48 * n, 16), 'hex')::uuid AS id, substr(entries, 17 + 48 * n, 32) AS leaf
FROM audit_deletion_log AS log JOIN audit_deletion_events AS part ON part.list_id = log.event_list_id, generate_series(0, octet_length(entries) / 48 - 1) AS n;
SELECT count(*), count(DISTINCT id), bool_and(EXISTS (SELECT FROM before WHERE before.id = listed.id)) AS of_ours, bool_or(id = :'third') AS "the hot one",
  bool_and(EXISTS (SELECT FROM listed AS released WHERE released.id = listed.id AND released.leaf = listed.leaf AND released.entry <> listed.entry)) AS "as released" FROM listed WHERE entry = :'entry';
SELECT event_ids_sha256 = sha256((SELECT string_agg(entries, ''::bytea ORDER BY part) FROM audit_deletion_events WHERE list_id = event_list_id)) AS "has the digest" FROM audit_deletion_log WHERE id = :'entry';
-- Certificates: of the purge, and of the erasure that was pending. Each is complete when the files are gone.
CREATE FUNCTION certified(p_entry uuid, OUT cold text, OUT is_complete text) LANGUAGE sql AS $$
  SELECT concat_ws(' ', k ->> 'objects_searched', k ->> 'objects_pending', k ->> 'events_erased', k ->> 'files_to_remove', k ->> 'files_removed'), c ->> 'is_complete'
  FROM audit_deletion_certificate(p_entry) AS c, LATERAL (SELECT c -> 'cold') AS cold (k) $$;
SELECT 'purge', * FROM certified(:'entry') UNION ALL SELECT 'erasure', * FROM certified(:'erasure');
SELECT confirm_audit_cold_removed(:'january'), confirm_audit_cold_removed(:'february');
SELECT 'purge', * FROM certified(:'entry') UNION ALL SELECT 'erasure', * FROM certified(:'erasure');
-- Again: nothing is counted twice. Then the period ends with March, and the loan goes with its object.
SELECT deleted_count FROM purge_expired_audit_events(w(1), 'GDPR', 'T-6');
CALL test.past_the_guard($$ALTER TABLE audit_retention_policies DISABLE TRIGGER ALL$$);
UPDATE audit_retention_policies SET cold_retention_days = days('2020-04-01') WHERE workspace_id = w(1);
CALL test.past_the_guard($$ALTER TABLE audit_retention_policies ENABLE TRIGGER ALL$$);
SELECT deleted_count FROM purge_expired_audit_events(w(1), 'GDPR', 'T-7');
SELECT * FROM kept ORDER BY 1;
SELECT count(*) AS loans FROM audit_cold_loans;
-- A file that is not released and held what was purged is condemned, too.
SELECT test.cold_stored(w(3), '2020-03-01') IS NOT NULL AS stored;
SELECT deleted_count, cold, is_complete FROM purge_expired_audit_events(w(3), 'GDPR', 'T-7'), LATERAL certified(deletion_log_id);
-- Compliance mode: no file is condemned.
UPDATE audit_retention_policies SET is_compliance_mode = true, compliance_reason = 'HIPAA', cold_retention_days = 10 WHERE workspace_id = w(2);
SELECT code, message FROM test.refusal('SELECT purge_expired_audit_events(w(2), ''GDPR'', ''T-8'')');
SELECT * FROM objects;
SELECT action_type, count(*) FROM audit_events WHERE action_type IN ('AUDIT_COLD_CONDEMNED', 'AUDIT_EVENTS_PURGED') GROUP BY 1 ORDER BY 1;
