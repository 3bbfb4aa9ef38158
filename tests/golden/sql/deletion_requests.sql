-- Four eyes: who requests does not approve, whatever setting, argument or role they try; states follow one another as documented; every step is an
-- event; requests are written by their functions only; direct deletion can be forbidden.
\i tests/golden/prelude.sql
CREATE EXTENSION audit_ext;
SET client_min_messages = warning;
CREATE FUNCTION w(int) RETURNS uuid LANGUAGE sql IMMUTABLE RETURN ('10000000-0000-4000-8000-' || lpad($1::text, 12, '0'))::uuid;
SELECT insert_audit_event('A', 'r', NULL, w(1), w(user_no), NULL, '{"secret": 1}') IS NOT NULL AS recorded FROM generate_series(70, 75) AS user_no;
CREATE ROLE t_ann LOGIN; CREATE ROLE t_bob LOGIN; CREATE ROLE t_shared NOLOGIN; CREATE ROLE t_gateway LOGIN;
GRANT t_shared TO t_ann, t_bob, t_gateway; GRANT t_bob TO t_ann;
SELECT audit_grant('t_shared', 'compliance'), audit_grant('t_gateway', 'gateway') \g /dev/null
SELECT session_user AS me \gset
CREATE VIEW request AS SELECT right(subject_user_id::text, 2) AS subject, kind, state, requested_by_role AS asked, decided_by_role AS decided, executed_by_role AS executed, approval_ticket_id AS ticket, rejection_reason, deletion_log_id IS NOT NULL AS logged FROM audit_deletion_requests;
GRANT SELECT ON request TO t_shared;

-- Ann asks. Neither a setting, nor a role she may take, makes her somebody else.
SET SESSION AUTHORIZATION t_ann;
SELECT request_audit_deletion(p_user_id := '10000000-0000-4000-8000-000000000070', p_workspace_id := '10000000-0000-4000-8000-000000000001', p_authority := 'GDPR', p_reason := 'letter') AS one \gset
SELECT code, message, hint FROM test.refusal(format('SELECT approve_audit_deletion(%L, ''T'')', :'one'));
SELECT set_config('audit_ext.user_id', '10000000-0000-4000-8000-000000000099', false), set_config('request.jwt.claims', '{"sub": "10000000-0000-4000-8000-000000000099"}', false) \g /dev/null
SELECT code FROM test.refusal(format('SELECT approve_audit_deletion(%L, ''T'')', :'one'));
SET ROLE t_bob;
SELECT code FROM test.refusal(format('SELECT approve_audit_deletion(%L, ''T'')', :'one'));
RESET ROLE; RESET audit_ext.user_id; RESET "request.jwt.claims";
-- Bob approves: it is done, once.
SET SESSION AUTHORIZATION t_bob;
SELECT code, message FROM test.refusal(format('SELECT approve_audit_deletion(%L, '' '')', :'one'));
SELECT deleted_count FROM approve_audit_deletion(p_request_id := :'one', p_approval_ticket_id := 'GDPR-2026-001');
SELECT code, message, hint FROM test.refusal(format('SELECT approve_audit_deletion(%L, ''T'')', :'one'));
SELECT code FROM test.refusal(format('SELECT execute_audit_deletion(%L)', :'one'));
SELECT code FROM test.refusal(format('SELECT reject_audit_deletion(%L, ''late'')', :'one'));
SELECT code, message, hint FROM test.refusal('SELECT approve_audit_deletion(''30000000-0000-4000-8000-000000000000'', ''T'')');

-- Through a gateway people are told apart by the user of the request; without one nobody asks.
SET SESSION AUTHORIZATION t_gateway;
SELECT code, message, hint FROM test.refusal('SELECT request_audit_deletion(''10000000-0000-4000-8000-000000000071'', ''10000000-0000-4000-8000-000000000001'', ''GDPR'')');
SELECT set_config('request.jwt.claims', '{"sub": "10000000-0000-4000-8000-000000000091"}', false) \g /dev/null
SELECT request_audit_deletion('10000000-0000-4000-8000-000000000071', '10000000-0000-4000-8000-000000000001', 'CCPA') AS two \gset
SELECT code FROM test.refusal(format('SELECT approve_audit_deletion(%L, ''T'')', :'two'));
SELECT set_config('request.jwt.claims', '{"sub": "10000000-0000-4000-8000-000000000092"}', false) \g /dev/null
SELECT deleted_count FROM approve_audit_deletion(:'two', 'CCPA-7');

-- Rejected, withdrawn, expired.
SELECT request_audit_deletion('10000000-0000-4000-8000-000000000072', '10000000-0000-4000-8000-000000000001', 'GDPR') AS three \gset
SELECT code, message FROM test.refusal(format('SELECT reject_audit_deletion(%L, '''')', :'three'));
SELECT reject_audit_deletion(p_request_id := :'three', p_reason := 'withdrawn by the one who asked');
SET SESSION AUTHORIZATION :"me";
SELECT code, message, hint FROM test.refusal(format('SELECT execute_audit_deletion(%L)', :'three'));
SELECT request_audit_deletion(w(73), w(1), 'GDPR') AS four \gset
-- As if thirty days had passed.
SELECT format('ALTER TABLE audit_deletion_requests DISABLE TRIGGER audit_requests_update_guard; UPDATE audit_deletion_requests SET expires_at = now() - interval ''1 second'' WHERE id = %L; ALTER TABLE audit_deletion_requests ENABLE ALWAYS TRIGGER audit_requests_update_guard', :'four') AS later \gset
CALL test.past_the_guard(:'later');
SET SESSION AUTHORIZATION t_bob;
SELECT code, message, hint FROM test.refusal(format('SELECT approve_audit_deletion(%L, ''T'')', :'four'));
SET SESSION AUTHORIZATION :"me";
SELECT archived_count FROM archive_old_audit_events();

-- Cooling off: approved, and only later carried out; it can be stopped until then.
UPDATE audit_retention_policies SET cooling_off_days = 3, requires_approval = true, approval_expiry_days = 7 WHERE workspace_id = w(1);
SELECT code, message, hint FROM test.refusal('SELECT delete_user_audit_events_compliant(w(74), w(1), ''GDPR'', ''T'')');
SELECT code FROM test.refusal('SELECT purge_expired_audit_events(w(1), ''GDPR'', ''T'')');
SELECT request_audit_deletion(w(74), w(1), 'GDPR') AS five, request_audit_purge(p_workspace_id := w(1), p_authority := 'SOC2', p_reason := 'yearly') AS six \gset
SET SESSION AUTHORIZATION t_bob;
SELECT * FROM approve_audit_deletion(:'five', 'T-5');
SELECT * FROM approve_audit_deletion(:'six', 'T-6');
SELECT code, regexp_replace(message, '\d{4}-.*Z', '<time>') AS message, hint FROM test.refusal(format('SELECT execute_audit_deletion(%L)', :'five'));
SELECT code, message FROM test.refusal(format('SELECT approve_audit_deletion(%L, ''again'')', :'five'));
SELECT reject_audit_deletion(:'six', 'not yet');
SET SESSION AUTHORIZATION :"me";
SELECT round(extract(epoch FROM execute_after - decided_at) / 86400) AS cooling_off_days, round(extract(epoch FROM expires_at - execute_after) / 86400) AS then_valid_for FROM audit_deletion_requests WHERE id = :'five';
-- As if three days had passed.
SELECT format('ALTER TABLE audit_deletion_requests DISABLE TRIGGER audit_requests_update_guard; UPDATE audit_deletion_requests SET execute_after = now() WHERE id = %L; ALTER TABLE audit_deletion_requests ENABLE ALWAYS TRIGGER audit_requests_update_guard', :'five') AS later \gset
CALL test.past_the_guard(:'later');
-- A hold that came meanwhile stands in the way; released, the approved deletion is carried out.
SELECT place_audit_hold(w(1), 'a case') AS hold \gset
SELECT code FROM test.refusal(format('SELECT execute_audit_deletion(%L)', :'five'));
SELECT release_audit_hold(:'hold', 'over');
SELECT deleted_count FROM execute_audit_deletion(:'five');

SELECT * FROM request ORDER BY subject NULLS LAST;
SELECT right(subject_user_id::text, 2) AS subject, right(requested_by_user_id::text, 2) AS asked, right(decided_by_user_id::text, 2) AS decided FROM audit_deletion_requests WHERE requested_by_role = 't_gateway' ORDER BY 1;
SELECT count(new_values) AS "with payload", string_agg(right(created_by_user_id::text, 2), ' ' ORDER BY created_by_user_id) FILTER (WHERE deleted_at IS NOT NULL) AS erased FROM audit_events WHERE action_type = 'A';
-- Every step is an event of the workspace, told by the row itself.
SELECT action_type, new_values->>'state' AS state, right(new_values->>'subject_user_id', 2) AS subject, metadata->'audit_ext'->>'session_user' AS by FROM audit_events WHERE action_type LIKE 'AUDIT_DELETION%' AND metadata->'audit_ext'->>'session_user' <> :'me' ORDER BY created_at;
SELECT action_type, count(*) FROM audit_events WHERE action_type LIKE 'AUDIT_DELETION%' GROUP BY 1 ORDER BY 1;
-- The certificate names who approved.
SELECT c->'request'->'requested_by'->>'role' AS asked, c->'request'->'approved_by'->>'role' AS approved, c->>'approval_ticket_id' AS ticket FROM audit_deletion_requests AS r, audit_deletion_certificate(r.deletion_log_id) AS c WHERE r.id = :'one';

-- Nobody writes a request by hand, nor deletes one.
SELECT code, message, hint FROM test.refusal(format('UPDATE audit_deletion_requests SET state = ''pending'' WHERE id = %L', :'one'));
SELECT code, message, hint FROM test.refusal('INSERT INTO audit_deletion_requests (kind, workspace_id, deletion_authority, requested_by_user_id, requested_by_role, expires_at) VALUES (''purge'', w(1), ''x'', w(1), ''x'', now())');
SELECT code FROM test.refusal('DELETE FROM audit_deletion_requests');
SELECT code FROM test.refusal('TRUNCATE audit_deletion_requests');
SET session_replication_role = replica;
SELECT code FROM test.refusal('UPDATE audit_deletion_requests SET state = ''pending''');
RESET session_replication_role;
