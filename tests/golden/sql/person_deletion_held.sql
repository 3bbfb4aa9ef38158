-- Holds, policies and four eyes of an erasure in all workspaces: one hold refuses all, unless held workspaces are to be left out; one policy that demands a request is enough;
-- the longest cooling-off period and the shortest expiry count.
\i tests/golden/prelude.sql
CREATE EXTENSION audit_ext;
SET client_min_messages = warning;
CREATE FUNCTION w(int) RETURNS uuid LANGUAGE sql IMMUTABLE RETURN ('10000000-0000-4000-8000-' || lpad($1::text, 12, '0'))::uuid;
SELECT count(insert_audit_event('A', 'r', CASE WHEN actor = 71 THEN w(70) END, w(ws), w(actor), NULL, '{"secret": 1}')) FROM generate_series(1, 4) AS ws, generate_series(70, 71) AS actor;
CREATE ROLE t_ann LOGIN; CREATE ROLE t_bob LOGIN; CREATE ROLE t_gateway LOGIN; CREATE ROLE t_both;
GRANT t_both TO t_ann, t_bob, t_gateway;
SELECT audit_grant('t_both', 'compliance'), audit_grant('t_gateway', 'gateway') \g /dev/null
SELECT session_user AS me \gset
CREATE VIEW state AS SELECT right(workspace_id::text, 1) AS workspace, string_agg(right(created_by_user_id::text, 2), ' ' ORDER BY created_by_user_id) FILTER (WHERE deleted_at IS NOT NULL) AS erased FROM audit_events WHERE action_type = 'A' GROUP BY 1 ORDER BY 1;
GRANT USAGE ON SCHEMA test TO PUBLIC;
CREATE FUNCTION test.told(p_sql text, OUT code text, OUT message text, OUT detail text, OUT hint text) LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE p_sql;
  code := 'accepted';
EXCEPTION WHEN OTHERS THEN
  GET STACKED DIAGNOSTICS code = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
  detail := regexp_replace(detail, 'hold [0-9a-f-]+', 'hold <id>', 'g');
END $$;

-- A hold on the workspace, on the person, on somebody of whom an event about the person is; a hold on a stranger holds nothing.
SELECT place_audit_hold(w(1), 'case 1') AS first, place_audit_hold(w(2), 'case 2', w(70)) AS second, place_audit_hold(w(3), 'case 3', w(71)) AS third, place_audit_hold(w(4), 'case 4', w(79)) AS fourth \gset
SELECT * FROM test.told('SELECT delete_person_audit_events(w(70), ''GDPR'', ''T'')');
SELECT * FROM test.told('SELECT delete_person_audit_events(w(70), ''GDPR'', ''T'', true)');
TABLE state;
SELECT count(*) AS entries FROM audit_deletion_log;
-- Left out, they are listed in answer, log and certificate.
BEGIN;
SELECT deleted_count, deletion_log_id AS entry, workspace_count, held_workspaces FROM delete_person_audit_events(w(70), 'GDPR', 'T-1', true, p_skip_held := true) \gset
SELECT :deleted_count AS deleted_count, :workspace_count AS workspace_count, :'held_workspaces' AS held;
TABLE state;
SELECT held_workspaces FROM audit_deletion_log WHERE id = :'entry';
SELECT c->'held_workspaces' AS held, jsonb_array_length(c->'parts') AS parts FROM audit_deletion_certificate(:'entry') AS c;
ROLLBACK;

-- By request: four eyes, the strictest of the policies.
SELECT release_audit_hold(:'first', 'over'), release_audit_hold(:'third', 'over') \g /dev/null
UPDATE audit_retention_policies SET requires_approval = true, cooling_off_days = 2 WHERE workspace_id = w(2);
UPDATE audit_retention_policies SET cooling_off_days = 5, approval_expiry_days = 9 WHERE workspace_id = w(3);
SELECT * FROM test.told('SELECT delete_person_audit_events(w(70), ''GDPR'', ''T'', p_skip_held := true)');
SET SESSION AUTHORIZATION t_ann;
SELECT request_audit_person_deletion('10000000-0000-4000-8000-000000000070', 'GDPR', 'letter', p_include_events_about_user := true, p_skip_held := true) AS one \gset
SELECT code, message, hint FROM test.refusal(format('SELECT approve_audit_deletion(%L, ''T'')', :'one'));
SET SESSION AUTHORIZATION t_bob;
SELECT * FROM approve_audit_deletion(:'one', 'T-2');
SELECT code FROM test.refusal(format('SELECT execute_audit_deletion(%L)', :'one'));
SELECT kind, workspace_id, include_events_about_user AS about, skip_held, state, round(extract(epoch FROM execute_after - decided_at) / 86400) AS cooling_off_days, round(extract(epoch FROM expires_at - execute_after) / 86400) AS then_valid_for FROM audit_deletion_requests;
SET SESSION AUTHORIZATION :"me";
-- As if five days had passed.
SELECT format('ALTER TABLE audit_deletion_requests DISABLE TRIGGER audit_requests_update_guard; UPDATE audit_deletion_requests SET execute_after = now() WHERE id = %L; ALTER TABLE audit_deletion_requests ENABLE ALWAYS TRIGGER audit_requests_update_guard', :'one') AS later \gset
CALL test.past_the_guard(:'later');
SELECT deleted_count, deletion_log_id AS entry FROM execute_audit_deletion(:'one') \gset
SELECT :deleted_count AS deleted_count;
TABLE state;
SELECT action_type, workspace_id FROM audit_events WHERE action_type LIKE 'AUDIT_DELETION%' ORDER BY id;
SELECT c->'request'->'requested_by'->>'role' AS asked, c->'request'->'approved_by'->>'role' AS approved, right(c->>'held_workspaces', 4) AS held FROM audit_deletion_certificate(:'entry') AS c;
SELECT count(*) AS parts, bool_and(audit_deletion_certificate(id)->'request'->>'id' = :'one') AS "by the same request" FROM audit_deletion_log WHERE parent_id = :'entry';

-- A hold that comes between approval and execution stands in the way, where held workspaces are not left out.
UPDATE audit_retention_policies SET cooling_off_days = 1 WHERE workspace_id = w(4);
SELECT release_audit_hold(:'second', 'over'), count(insert_audit_event('A', 'r', NULL, w(4), w(72), NULL, '{"a": 1}')) FROM generate_series(1, 2);
SELECT request_audit_person_deletion(w(72), 'GDPR') AS two \gset
SET SESSION AUTHORIZATION t_bob;
SELECT * FROM approve_audit_deletion(:'two', 'T-3');
SET SESSION AUTHORIZATION :"me";
SELECT format('ALTER TABLE audit_deletion_requests DISABLE TRIGGER audit_requests_update_guard; UPDATE audit_deletion_requests SET execute_after = now() WHERE id = %L; ALTER TABLE audit_deletion_requests ENABLE ALWAYS TRIGGER audit_requests_update_guard', :'two') AS later \gset
CALL test.past_the_guard(:'later');
SELECT place_audit_hold(w(4), 'case 5') AS fifth \gset
SELECT code, message FROM test.refusal(format('SELECT execute_audit_deletion(%L)', :'two'));
SELECT release_audit_hold(:'fifth', 'over');
SELECT deleted_count FROM execute_audit_deletion(:'two');

-- A gateway without a user asks for nothing; others than compliance neither ask nor delete.
SET SESSION AUTHORIZATION t_gateway;
SELECT code, message FROM test.refusal('SELECT request_audit_person_deletion(''10000000-0000-4000-8000-000000000070'', ''GDPR'')');
SET SESSION AUTHORIZATION :"me";
CREATE ROLE t_operator; CREATE ROLE t_nobody;
SELECT audit_grant('t_operator', 'operator') \g /dev/null
SELECT role, code FROM unnest(ARRAY['t_operator', 't_nobody']) AS role, unnest(ARRAY['SELECT delete_person_audit_events(NULL, NULL, NULL)', 'SELECT request_audit_person_deletion(NULL, NULL)']) AS sql, LATERAL test.refusal(format('SET LOCAL ROLE %s; %s', role, sql)) ORDER BY 1, sql;
RESET ROLE;
