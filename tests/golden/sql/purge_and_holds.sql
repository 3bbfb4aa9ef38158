-- Purge removes what is past warm_archive_days, with authority and ticket only; compliance mode, holds and shortened periods stand in its way;
-- explain_audit_retention() says beforehand what it will do. Holds change through their functions only, and everything is recorded.
\i tests/golden/prelude.sql
CREATE EXTENSION audit_ext;
CREATE FUNCTION w(int) RETURNS uuid LANGUAGE sql IMMUTABLE RETURN ('10000000-0000-4000-8000-' || lpad($1::text, 12, '0'))::uuid;
SET client_min_messages = warning;
INSERT INTO audit_events (created_at, action_type, resource_type, resource_id, workspace_id, created_by_user_id)
SELECT now() - days * interval '1 day', 'D' || days, 'r', CASE days WHEN 500 THEN w(70) END, w(ws), w(CASE days WHEN 600 THEN 70 ELSE 71 END)
FROM unnest(ARRAY[1, 2, 3, 4]) AS ws, unnest(ARRAY[600, 500, 400, 300, 100, 10]) AS days;
SELECT count(*) > 0 AS made FROM create_monthly_audit_partition(2);
SELECT * FROM archive_old_audit_events();
CREATE VIEW explained AS SELECT workspace, e.location, e.outcome, e.reason, e.event_count FROM generate_series(1, 4) AS workspace, explain_audit_retention(w(workspace)) AS e;
CREATE VIEW archived AS SELECT right(workspace_id::text, 1) AS w, string_agg(action_type, ' ' ORDER BY created_at) AS events FROM audit_events_archive GROUP BY 1 ORDER BY 1;

-- The dry run, then the purge: as explained. Called as the guide's clients call: by name, with a UUID, a text, a literal.
SELECT * FROM explained WHERE workspace = 1;
SELECT deleted_count, deletion_log_id IS NOT NULL AS logged FROM purge_expired_audit_events(p_workspace_id := w(1), p_authority := 'SOC2', p_approval_ticket_id := '5d1a0a3e-0000-4000-8000-000000000001'::uuid);
SELECT to_json(answer)->'deleted_count' AS deleted_count FROM purge_expired_audit_events(w(1), 'SOC2', 'T-2'::text) AS answer;
SELECT deletion_authority, approval_ticket_id, event_count, round(extract(epoch FROM now() - oldest_event_at) / 86400) AS oldest, round(extract(epoch FROM now() - newest_event_at) / 86400) AS newest, is_irrevocable, deletion_reason
FROM audit_deletion_log WHERE workspace_id = w(1) AND is_irrevocable ORDER BY deleted_at;
SELECT * FROM archived;

-- Grounds that are none.
SELECT code, message, hint FROM test.refusal('SELECT purge_expired_audit_events(w(2), '''', ''T'')');
SELECT code, message FROM test.refusal('SELECT purge_expired_audit_events(w(2), NULL, ''T'')');
SELECT code, message, hint FROM test.refusal('SELECT purge_expired_audit_events(w(2), ''retention_policy'', ''T'')');
SELECT code, message, hint FROM test.refusal('SELECT purge_expired_audit_events(w(2), ''GDPR'', '' '')');
SELECT code, message FROM test.refusal('SELECT purge_expired_audit_events(w(2), ''GDPR'', NULL)');
SELECT code, message FROM test.refusal('SELECT purge_expired_audit_events(NULL, ''GDPR'', ''T'')');

-- Compliance mode: archived as ever, never purged, and for thirty days after it was left.
UPDATE audit_retention_policies SET is_compliance_mode = true, compliance_reason = 'HIPAA' WHERE workspace_id = w(2);
SELECT * FROM explained WHERE workspace = 2 AND location = 'archive';
SELECT code, message, hint FROM test.refusal('SELECT purge_expired_audit_events(w(2), ''GDPR'', ''T'')');
UPDATE audit_retention_policies SET is_compliance_mode = false WHERE workspace_id = w(2);
SELECT * FROM explained WHERE workspace = 2 AND location = 'archive';
SELECT code FROM test.refusal('SELECT purge_expired_audit_events(w(2), ''GDPR'', ''T'')');
SELECT round(extract(epoch FROM protected_until - now()) / 86400) AS days, protected_days FROM audit_retention_policies WHERE workspace_id = w(2);
-- Nobody ends the protection: not the column, not a replica's role, not a second change.
UPDATE audit_retention_policies SET protected_until = NULL, warm_archive_days = 90 WHERE workspace_id = w(2);
BEGIN;
SET LOCAL session_replication_role = replica;
UPDATE audit_retention_policies SET protected_until = now() - interval '1 day', updated_at = '2020-01-01' WHERE workspace_id = w(2);
COMMIT;
SELECT code FROM test.refusal('SELECT purge_expired_audit_events(w(2), ''GDPR'', ''T'')');

-- A shorter period counts thirty days later, a longer one at once.
UPDATE audit_retention_policies SET warm_archive_days = 200 WHERE workspace_id = w(3);
SELECT * FROM explained WHERE workspace = 3 AND location = 'archive';
SELECT deleted_count FROM purge_expired_audit_events(w(3), 'GDPR', 'T');
UPDATE audit_retention_policies SET warm_archive_days = 550 WHERE workspace_id = w(4);

-- Holds: on a user, then on the workspace.
SELECT place_audit_hold(w(4), 'case 2026-17', w(70)) AS hold \gset
SELECT * FROM explained WHERE workspace = 4;
SELECT deleted_count AS "held events stay" FROM purge_expired_audit_events(w(4), 'GDPR', 'T');
UPDATE audit_retention_policies SET warm_archive_days = 450, hot_retention_days = 5 WHERE workspace_id = w(4);
SELECT place_audit_hold(p_workspace_id := w(4), p_reason := 'case 2026-18') AS whole \gset
SELECT code, message, hint FROM test.refusal('SELECT purge_expired_audit_events(w(4), ''GDPR'', ''T'')');
SELECT archived_count AS "held events are archived" FROM archive_old_audit_events();
SELECT release_audit_hold(:'whole', 'settled');
SELECT code FROM test.refusal(format('SELECT release_audit_hold(%L, ''again'')', :'whole'));
SELECT deleted_count FROM purge_expired_audit_events(w(4), 'GDPR', 'T');
SELECT release_audit_hold(:'hold', 'settled');
SELECT * FROM explained WHERE workspace = 4 AND location = 'archive';
SELECT deleted_count FROM purge_expired_audit_events(w(4), 'GDPR', 'T');
SELECT * FROM archived;

-- Holds are written by their functions only, never deleted, and say who, why and when.
SELECT code, message, hint FROM test.refusal(format('UPDATE audit_legal_holds SET released_at = now(), released_by_user_id = %L, released_by_role = ''x'', release_reason = ''x''', w(1)));
SELECT code, message, hint FROM test.refusal(format('INSERT INTO audit_legal_holds (workspace_id, reason, placed_by_user_id, placed_by_role) VALUES (%L, ''x'', %1$L, ''x'')', w(1)));
SELECT code, message FROM test.refusal('DELETE FROM audit_legal_holds');
SELECT code FROM test.refusal('TRUNCATE audit_legal_holds');
SELECT code, message, hint FROM test.refusal('SELECT place_audit_hold(w(1), '' '')');
SELECT code, message FROM test.refusal('SELECT place_audit_hold(NULL, ''x'')');
SELECT code, message, hint FROM test.refusal('SELECT release_audit_hold(''30000000-0000-4000-8000-000000000000'', ''x'')');
SELECT right(workspace_id::text, 1) AS w, right(user_id::text, 2) AS "user", reason, placed_by_role = session_user AS "by the session user", placed_by_user_id = audit_resource_id('db_role', session_user) AS person, release_reason FROM audit_legal_holds ORDER BY placed_at;
SELECT action_type, count(*) FROM audit_events WHERE action_type ~ '^AUDIT_(HOLD|EVENTS)' GROUP BY 1 ORDER BY 1;
SELECT action_type, old_values->>'released_at' AS was, new_values->>'reason' AS reason, new_values->>'release_reason' AS release_reason, metadata->'audit_ext'->>'session_user' = session_user AS told_who
FROM audit_events WHERE action_type = 'AUDIT_HOLD_RELEASED' ORDER BY created_at;

-- A gateway acts for the user of its request, and for nobody without one.
CREATE ROLE t_gateway LOGIN; CREATE ROLE t_compliance NOLOGIN; GRANT t_compliance TO t_gateway;
SELECT audit_grant('t_gateway', 'gateway'), audit_grant('t_compliance', 'compliance') \g /dev/null
SELECT session_user AS me \gset
SET SESSION AUTHORIZATION t_gateway;
SELECT set_config('audit_ext.user_id', '', false) IS NOT NULL AS nobody;
SELECT code, message, hint FROM test.refusal('SELECT place_audit_hold(''10000000-0000-4000-8000-000000000001'', ''x'')');
SELECT set_config('request.jwt.claims', '{"sub": "10000000-0000-4000-8000-000000000077"}', false) IS NOT NULL AS somebody;
SELECT place_audit_hold('10000000-0000-4000-8000-000000000001', 'by a gateway') IS NOT NULL AS placed;
SET SESSION AUTHORIZATION :"me";
SELECT right(placed_by_user_id::text, 2) AS person, placed_by_role FROM audit_legal_holds WHERE reason = 'by a gateway';
