-- A purge of the journal is carried out again where a month has gone to cold storage: its file is condemned when all that is in it was purged, and what is on loan from it goes,
-- too. While a file holds another event beside those, the purge is kept.
\i tests/golden/prelude.sql
CREATE EXTENSION audit_ext;
\i tests/golden/cold.sql
SET client_min_messages = warning;
CREATE FUNCTION w(int) RETURNS uuid LANGUAGE sql IMMUTABLE RETURN ('10000000-0000-4000-8000-' || lpad($1::text, 12, '0'))::uuid;
SELECT current_database() AS here, current_database() || '_backup' AS backup \gset
INSERT INTO audit_retention_policies (workspace_id, hot_retention_days, warm_archive_days, cold_retention_days) VALUES (w(1), 5, 10, 36500);
INSERT INTO audit_events (created_at, action_type, resource_type, workspace_id, created_by_user_id)
SELECT month + n * interval '1 hour', 'A' || n, 'thing', w(1), w(70 + n % 2) FROM unnest(ARRAY[timestamptz '2020-01-05Z', '2020-02-05Z']) AS month, generate_series(0, 3) AS n ORDER BY 1;
SELECT archived_count FROM archive_old_audit_events();
SELECT test.cold_stored(w(1), '2020-01-01') AS january \gset
CREATE TABLE files AS SELECT e.chunk, e.events FROM test.cold_events(:'january') AS e;
SELECT id AS first FROM audit_events_archive WHERE action_type = 'A1' ORDER BY created_at LIMIT 1 \gset
SELECT released_count FROM release_audit_cold_object(:'january', 'policy', 'T-1');
SELECT restore_audit_cold_events(:'january', chunk, events, ARRAY[:'first']::uuid[]) AS lent FROM files;
\c postgres
CREATE DATABASE :"backup" TEMPLATE :"here";
\c :"here"
SET client_min_messages = warning;
-- Both months are purged here.
CALL test.past_the_guard($$ALTER TABLE audit_retention_policies DISABLE TRIGGER ALL$$);
UPDATE audit_retention_policies SET cold_retention_days = now()::date - date '2020-06-01', protected_until = NULL, protected_days = NULL;
CALL test.past_the_guard($$ALTER TABLE audit_retention_policies ENABLE TRIGGER ALL$$);
SELECT deleted_count FROM purge_expired_audit_events(w(1), 'SOC2', 'T-2');
SELECT month, state FROM audit_cold_objects ORDER BY month;
SELECT jsonb_agg(line::jsonb ORDER BY n) AS journal FROM export_audit_deletions() WITH ORDINALITY AS exported (line, n) \gset

-- In the backup, first as the policy is there: it keeps the events.
\c :"backup"
SET client_min_messages = warning;
SELECT outcome, event_count FROM reapply_audit_deletions(:'journal', 'RESTORE', 'R-1');
CALL test.past_the_guard($$ALTER TABLE audit_retention_policies DISABLE TRIGGER ALL$$);
UPDATE audit_retention_policies SET cold_retention_days = now()::date - date '2020-06-01', protected_until = NULL, protected_days = NULL;
CALL test.past_the_guard($$ALTER TABLE audit_retention_policies ENABLE TRIGGER ALL$$);
-- February gets one more event and goes to cold storage with it. Nothing is done by halves: a purge takes that file first, and the rest is carried out then.
BEGIN;
INSERT INTO audit_events (created_at, action_type, resource_type, workspace_id, created_by_user_id) VALUES ('2020-02-07Z', 'later', 'thing', w(1), w(70));
SELECT archived_count FROM archive_old_audit_events();
SELECT test.cold_stored(w(1), '2020-02-01') AS february \gset
SELECT released_count FROM release_audit_cold_object(:'february', 'policy', 'T-3');
SELECT outcome, event_count FROM reapply_audit_deletions(:'journal', 'RESTORE', 'R-2');
SELECT month, state FROM audit_cold_objects ORDER BY month;
SELECT deleted_count FROM purge_expired_audit_events(w(1), 'SOC2', 'T-4');
SELECT outcome, event_count FROM reapply_audit_deletions(:'journal', 'RESTORE', 'R-3');
SELECT c->>'event_count' AS events, c->>'is_complete' AS complete, c->'cold'->>'files_to_remove' AS files FROM audit_deletion_log AS log, LATERAL audit_deletion_certificate(log.id) AS c WHERE log.approval_ticket_id = 'T-2';
SELECT month, state FROM audit_cold_objects ORDER BY month;
ROLLBACK;
-- Without it: the events of February are archived, those of January in their file, and one of them on loan.
SELECT outcome, event_count FROM reapply_audit_deletions(:'journal', 'RESTORE', 'R-4');
SELECT month, state, condemned_reason FROM audit_cold_objects ORDER BY month;
SELECT (SELECT count(*) FROM audit_cold_loans) AS loans, count(*) AS archived FROM audit_events_archive WHERE action_type LIKE 'A_';
SELECT c->>'event_count' AS events, c->>'is_complete' AS complete, c->'cold'->>'files_to_remove' AS files FROM audit_deletion_log AS log, LATERAL audit_deletion_certificate(log.id) AS c WHERE log.approval_ticket_id = 'T-2';
SELECT confirm_audit_cold_removed(object_id) FROM audit_cold_objects WHERE state = 'condemned';
SELECT c->>'is_complete' AS complete FROM audit_deletion_log AS log, LATERAL audit_deletion_certificate(log.id) AS c WHERE log.approval_ticket_id = 'T-2';
SELECT outcome, event_count FROM reapply_audit_deletions(:'journal', 'RESTORE', 'R-5');
SELECT sealed_count > 0 AS sealed FROM audit_seal();
SELECT severity, code, count(*) FROM audit_verify() GROUP BY 1, 2 ORDER BY 1, 2;
\c postgres
DROP DATABASE :"backup" WITH (FORCE);
\set ECHO none
