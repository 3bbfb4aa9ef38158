-- The event that records a deletion is the proof of its entry, so no purge takes it: not by the statement, not past it. It takes an entry of the workspace's log,
-- which callers cannot make; and nobody records such an event.
\i tests/golden/prelude.sql
CREATE EXTENSION audit_ext;
\i tests/golden/leaf.sql
SET client_min_messages = warning;
CREATE TABLE action (no int GENERATED ALWAYS AS IDENTITY, name text);
INSERT INTO action (name) VALUES ('AUDIT_EVENTS_ERASED'), ('AUDIT_EVENTS_PURGED'), ('AUDIT_EVENTS_ADOPTED'), ('AUDIT_COLD_RELEASED'), ('AUDIT_WORKSPACE_OFFBOARDED'), ('AUDIT_EVENTS_RESTORED');
-- Callers record none of them, on no path.
SELECT name, path, code, message FROM action, LATERAL (VALUES
  (1, 'function', format('SELECT insert_audit_event(%L, ''audit_deletion_log'', NULL, w(1), w(2))', name)),
  (2, 'batch', format('SELECT insert_audit_events(jsonb_build_array(jsonb_build_object(''action_type'', %L, ''resource_type'', ''audit_deletion_log'', ''workspace_id'', w(1), ''created_by_user_id'', w(2))))', name)),
  (3, 'INSERT', format('INSERT INTO audit_events (action_type, resource_type, workspace_id, created_by_user_id) VALUES (%L, ''audit_deletion_log'', w(1), w(2))', name))) AS way (n, path, sql),
  LATERAL test.refusal(sql) ORDER BY n, no;

-- Three years old and in the archive: of each action one that names an entry of its workspace, one that names another workspace's, and one that names none.
INSERT INTO audit_retention_policies (workspace_id, hot_retention_days) VALUES (w(1), 60);
SELECT deletion_log_id AS entry FROM delete_user_audit_events_compliant(w(70), w(1), 'GDPR', 'T-1') \gset
SELECT deletion_log_id AS others FROM delete_user_audit_events_compliant(w(70), w(2), 'GDPR', 'T-2') \gset
BEGIN;
SET LOCAL session_replication_role = replica;
INSERT INTO audit_events_archive (id, created_at, action_type, resource_type, resource_id, workspace_id, created_by_user_id)
SELECT test.id_at(at, no * 10 + n), at, name, 'audit_deletion_log/' || repeat('0', 64), entry, w(1), w(8)
FROM action, (VALUES (1, :'entry'::uuid), (2, :'others'), (3, w(3)), (4, NULL)) AS named (n, entry), LATERAL (SELECT date_trunc('month', now() - interval '3 years') + no * interval '1 day' + interval '9 hours') AS time (at)
UNION ALL SELECT test.id_at(at, 1), at, 'AUDIT_EVENTS_ERASED', 'audit_deletion_log/' || repeat('0', 64), :'entry', w(1), w(8) FROM (SELECT date_trunc('month', now() - interval '2 years') + interval '9 days') AS time (at);
COMMIT;
CREATE VIEW left_over AS SELECT action_type, CASE resource_id WHEN :'entry' THEN 'entry' WHEN :'others' THEN 'another workspace''s' ELSE 'none' END AS names, count(*) FROM audit_events_archive GROUP BY 1, 2 ORDER BY 1, 2;
SELECT location, outcome, reason, event_count FROM explain_audit_retention(w(1)) WHERE location = 'archive';
SELECT deleted_count FROM purge_expired_audit_events(w(1), 'SOC2', 'T-3');
TABLE left_over;
SELECT location, outcome, reason, event_count FROM explain_audit_retention(w(1)) WHERE location = 'archive';
SELECT deleted_count AS "nor does the next one" FROM purge_expired_audit_events(w(1), 'SOC2', 'T-4');

-- Past the statement: somebody's rule turns a purge of one month into one of the voucher. The guard says no.
SELECT 'audit_events_archive_' || to_char(now() - interval '2 years', 'YYYY_MM') AS voucher, 'audit_events_archive_' || to_char(now() - interval '4 years', 'YYYY_MM') AS elsewhere \gset
BEGIN;
SET LOCAL session_replication_role = replica;
INSERT INTO audit_events_archive (id, created_at, action_type, resource_type, workspace_id, created_by_user_id) SELECT test.id_at(at, 1), at, 'OLD', 'thing', w(1), w(8) FROM (SELECT date_trunc('month', now() - interval '4 years') + interval '9 days') AS time (at);
COMMIT;
SELECT count(*) > 0 AS made FROM create_past_audit_partitions(make_date(2015, 1, 1), current_date);
BEGIN;
CALL test.past_the_guard(format('CREATE RULE theirs AS ON DELETE TO %I DO INSTEAD DELETE FROM %I AS e WHERE e.resource_id IS NOT NULL RETURNING e.*', :'elsewhere', :'voucher'));
SELECT code, message FROM test.refusal('SELECT purge_expired_audit_events(w(1), ''SOC2'', ''T-5'')');
ROLLBACK;
SELECT deleted_count AS "without the rule" FROM purge_expired_audit_events(w(1), 'SOC2', 'T-6');
TABLE left_over;
