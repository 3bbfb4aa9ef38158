-- Off-boarding: all events of a workspace go, hot and archived, whatever their age, by request and somebody else's approval; only when nothing holds or protects them and a whole
-- export has them. What proves it stays, and later events are recorded.
\i tests/golden/prelude.sql
CREATE EXTENSION audit_ext;
\i tests/golden/leaf.sql
SET client_min_messages = warning;
SELECT session_user AS me \gset
CREATE ROLE t_ann LOGIN; CREATE ROLE t_bob LOGIN; CREATE ROLE t_gateway LOGIN; CREATE ROLE t_operator; CREATE ROLE t_compliance;
GRANT t_compliance TO t_ann, t_bob, t_gateway;
SELECT audit_grant('t_compliance', 'compliance'), audit_grant('t_gateway', 'gateway'), audit_grant('t_operator', 'operator') \g /dev/null
GRANT EXECUTE ON FUNCTION w(bigint) TO PUBLIC;
INSERT INTO audit_retention_policies (workspace_id, hot_retention_days) SELECT w(n), 60 FROM generate_series(1, 2) AS n;
INSERT INTO audit_events (created_at, action_type, resource_type, workspace_id, created_by_user_id, new_values)
SELECT now() - (40 - n) * interval '5 days', 'ACT', 'thing', w(1 + n % 2), w(70 + n % 3), jsonb_build_object('secret', n) FROM generate_series(1, 39) AS n;
SELECT archived_count > 0 AS archived FROM archive_old_audit_events();
-- One erasure before: its proof stays, and its events go.
SELECT deleted_count FROM delete_user_audit_events_compliant(w(70), w(1), 'GDPR', 'T-0');
SELECT sealed_count > 0 AS sealed FROM audit_seal();
CREATE VIEW event AS SELECT * FROM audit_events UNION ALL SELECT * FROM audit_events_archive;
CREATE VIEW state AS SELECT right(workspace_id::text, 1) AS workspace, count(*) FILTER (WHERE action_type = 'ACT') AS events, count(*) FILTER (WHERE action_type <> 'ACT') > 0 AS system FROM event WHERE workspace_id IN (w(1), w(2)) GROUP BY 1 ORDER BY 1;
CREATE FUNCTION test.told(p_sql text, OUT code text, OUT message text, OUT detail text, OUT hint text) LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE p_sql;
  code := 'accepted';
EXCEPTION WHEN OTHERS THEN
  GET STACKED DIAGNOSTICS code = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
  detail := regexp_replace(regexp_replace(detail, 'hold [0-9a-f-]+', 'hold <id>'), '\d{4}-.*Z', '<time>');
END $$;

-- Who may ask: compliance alone, through a gateway with a user; and for a workspace.
SELECT code FROM test.refusal('SET LOCAL ROLE t_operator; SELECT request_audit_offboarding(w(1), ''contract ended'')');
SET SESSION AUTHORIZATION t_gateway;
SELECT code, message FROM test.refusal('SELECT request_audit_offboarding(''00000000-0000-4000-8000-000000000001'', ''contract ended'')');
SET SESSION AUTHORIZATION :"me";
SELECT code, message FROM unnest(ARRAY['NULL, ''x''', '''00000000-0000-0000-0000-000000000000'', ''x''', 'w(1), '' ''']) AS arguments, LATERAL test.refusal(format('SELECT request_audit_offboarding(%s)', arguments));
SET SESSION AUTHORIZATION t_ann;
SELECT request_audit_offboarding('00000000-0000-4000-8000-000000000001', 'contract ended', 'ticket 9') AS request \gset
SELECT code, message FROM test.refusal(format('SELECT approve_audit_deletion(%L, ''T-1'')', :'request'));
SET SESSION AUTHORIZATION :"me";
SELECT format('SELECT approve_audit_deletion(%L, ''T-1'')', :'request') AS approve \gset

-- In each of these states it is refused.
SELECT place_audit_hold(w(1), 'case', w(99)) AS hold \gset
SELECT * FROM test.told(:'approve');
SELECT release_audit_hold(:'hold', 'over');
BEGIN;
UPDATE audit_retention_policies SET is_compliance_mode = true, compliance_reason = 'SOC2' WHERE workspace_id = w(1);
SELECT * FROM test.told(:'approve');
UPDATE audit_retention_policies SET is_compliance_mode = false WHERE workspace_id = w(1);
SELECT * FROM test.told(:'approve');
ROLLBACK;
BEGIN;
UPDATE audit_retention_policies SET warm_archive_days = 90 WHERE workspace_id = w(1);
SELECT * FROM test.told(:'approve');
ROLLBACK;
-- Without an export; with one that has filters, is of another format or workspace, was not read to its end, or misses an event.
SELECT * FROM test.told(:'approve');
SELECT (SELECT count(*) > 0 FROM export_audit_events(w(1), p_actions := '{ACT}')) AS filtered, (SELECT count(*) > 0 FROM export_audit_events(w(1), p_to := now() + interval '1 day')) AS bounded;
SELECT count(*) > 0 AS other FROM unnest(ARRAY['csv_safe', 'cef', 'ecs', 'ocsf']) AS format, export_audit_events(w(1), p_format := format);
SELECT (SELECT count(*) > 0 FROM export_audit_events(w(2))) AS "of another", (SELECT count(*) FROM (SELECT export_audit_events(w(1)) LIMIT 2) AS first) AS "cut off";
SELECT count(*) AS finished FROM event WHERE action_type = 'AUDIT_EXPORT_FINISHED' AND workspace_id = w(1);
SELECT code FROM test.told(:'approve');
SELECT (SELECT count(*) > 0 FROM export_audit_events(w(1))) AS whole;
SELECT insert_audit_event('ACT', 'thing', NULL, w(1), w(71), NULL, '{"late": 1}') IS NOT NULL AS late;
SELECT code, message FROM test.told(:'approve');
SELECT new_values - 'recorded_ids' AS finished FROM event WHERE action_type = 'AUDIT_EXPORT_FINISHED' AND workspace_id = w(1);
SELECT (SELECT count(*) > 0 FROM export_audit_events(w(1), p_format := 'csv')) AS whole;
-- AUDIT_* events that come since do not matter; an export of 31 days ago counts no more.
SELECT place_audit_hold(w(1), 'case') AS hold \gset
SELECT release_audit_hold(:'hold', 'over');
BEGIN;
CALL test.past_the_guard('ALTER TABLE audit_events DISABLE TRIGGER USER');
UPDATE audit_events SET created_at = created_at - interval '31 days' WHERE action_type = 'AUDIT_EXPORT_FINISHED';
CALL test.past_the_guard('ALTER TABLE audit_events ENABLE TRIGGER ALL');
SELECT audit_setup() \g /dev/null
SELECT code, message FROM test.told(:'approve');
ROLLBACK;
TABLE state;

-- Bob approves: all is gone but what proves deletions; of the other workspace nothing.
CREATE TABLE proofs AS SELECT id FROM event WHERE workspace_id = w(1) AND action_type = 'AUDIT_EVENTS_ERASED';
SET SESSION AUTHORIZATION t_bob;
SELECT deleted_count, deletion_log_id AS entry FROM approve_audit_deletion(:'request', 'T-1') \gset
SET SESSION AUTHORIZATION :"me";
TABLE state;
SELECT action_type, id IN (SELECT id FROM proofs) AS before FROM event WHERE workspace_id = w(1) ORDER BY id;
SELECT kind, event_count = :deleted_count AS counted, event_count > 20 AS many, cutoff >= newest_event_at AS cutoff, is_irrevocable, deletion_reason FROM audit_deletion_log WHERE id = :'entry';
SELECT action_type, workspace_id, resource_id = :'entry' AS "names the entry", new_values - 'event_count' AS told FROM audit_events WHERE action_type = 'AUDIT_WORKSPACE_OFFBOARDED';
SELECT offboarded_at > now() - interval '1 hour' AS offboarded, hot_retention_days FROM audit_retention_policies WHERE workspace_id = w(1);
SELECT c->>'certificate' AS certificate, c->>'erased_fields' AS fields, c->>'event_count' = :'deleted_count' AS counted, c->'request'->'approved_by'->>'role' AS approved FROM audit_deletion_certificate(:'entry') AS c;
TABLE test.inconsistent;
SELECT severity, code, count(*) FROM audit_verify() WHERE code <> 'event_not_sealed' GROUP BY 1, 2 ORDER BY 1, 2;
SELECT sealed_count > 0 AS sealed FROM audit_seal();
SELECT severity, code, count(*) FROM audit_verify() GROUP BY 1, 2 ORDER BY 1, 2;
SELECT code, message FROM test.refusal(:'approve');

-- Nobody says by hand that a workspace is off-boarded, or that it is not. Its policy is not cleared.
UPDATE audit_retention_policies SET offboarded_at = CASE workspace_id WHEN w(1) THEN NULL ELSE now() END;
INSERT INTO audit_retention_policies (workspace_id, offboarded_at) VALUES (w(5), now());
SELECT right(workspace_id::text, 1) AS workspace FROM audit_retention_policies WHERE offboarded_at IS NOT NULL;
SELECT status, detail FROM audit_health() WHERE check_name = 'policies';
-- Later events are recorded, and watched.
SELECT insert_audit_event('ACT', 'thing', NULL, w(1), w(71), NULL, '{"later": 1}') IS NOT NULL AS recorded;
SELECT status, detail, hint FROM audit_health() WHERE check_name = 'policies';
-- They are off-boarded like the first ones.
SELECT (SELECT count(*) > 0 FROM export_audit_events(w(1))) AS whole, request_audit_offboarding(w(1), 'again') AS again \gset
SET SESSION AUTHORIZATION t_bob;
SELECT deleted_count > 0 AS again FROM approve_audit_deletion(:'again', 'T-2');
SET SESSION AUTHORIZATION :"me";
SELECT status FROM audit_health() WHERE check_name = 'policies';

-- Re-applied by the owner, not by an officer alone, in a database that still has the workspace.
SELECT current_database() AS here, current_database() || '_backup' AS backup \gset
SELECT (SELECT count(*) > 0 FROM export_audit_events(w(2))) AS whole, request_audit_offboarding(w(2), 'contract ended') AS other \gset
\c postgres
CREATE DATABASE :"backup" TEMPLATE :"here";
\c :"here" t_bob
SET client_min_messages = warning;
SELECT deleted_count AS gone FROM approve_audit_deletion(:'other', 'T-3') \gset
\c :"here" :"me"
SELECT jsonb_agg(line::jsonb) AS journal FROM export_audit_deletions() AS line WHERE line LIKE '%"T-3"%' \gset
\c :"backup"
SET client_min_messages = warning;
TABLE state;
SET ROLE t_compliance;
SELECT outcome, event_count FROM reapply_audit_deletions(:'journal', 'RESTORE', 'R-1');
RESET ROLE;
SELECT outcome, event_count > 20 AS many FROM reapply_audit_deletions(:'journal', 'RESTORE', 'R-2');
SELECT outcome, event_count FROM reapply_audit_deletions(:'journal', 'RESTORE', 'R-3');
SELECT count(*) FILTER (WHERE action_type = 'ACT') AS left FROM event WHERE workspace_id = w(2);
SELECT count(*) AS offboarded FROM audit_retention_policies WHERE offboarded_at IS NOT NULL;
SELECT sealed_count > 0 AS sealed FROM audit_seal();
SELECT severity, code, count(*) FROM audit_verify() GROUP BY 1, 2 ORDER BY 1, 2;
\c postgres
DROP DATABASE :"backup" WITH (FORCE);
