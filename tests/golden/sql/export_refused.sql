-- export_audit_events: values that are refused, read-only transactions, and who may export: the levels, all workspaces, a gateway's users.
\i tests/golden/prelude.sql
CREATE EXTENSION audit_ext;
\set one '10000000-0000-4000-8000-000000000001'
SELECT insert_audit_event('LOGIN', 'session', NULL, '10000000-0000-4000-8000-000000000002', '20000000-0000-4000-8000-000000000001') AS other \gset
SELECT insert_audit_event('LOGIN', 'session', NULL, :'one', '20000000-0000-4000-8000-000000000001') IS NOT NULL AS recorded;
-- Formats are known by their names.
SELECT argument, refused.* FROM unnest(ARRAY[$$p_format := 'xml'$$, $$p_format := 'NDJSON'$$, $$p_format := ''$$, $$p_format := NULL$$, $$p_user_ids := '{}'$$, $$p_text := 'ab'$$, $$p_tags := '{NULL}'$$, $$p_from := '2026-01-01', p_to := '2026-01-01'$$, $$p_to := '-infinity'$$,
  $$p_request_id := repeat('a', 1001)$$, $$p_after_event_id := '01900000-0000-7000-8000-000000000099'$$, $$p_after_event_id := '30000000-0000-4000-8000-000000000099'$$]) AS argument,
  LATERAL test.refusal(format('SELECT export_audit_events(%L, %s)', '10000000-0000-4000-8000-000000000001', argument)) AS refused;
SELECT code FROM test.refusal(format('SELECT export_audit_events(%L, p_after_event_id := %L)', :'one', :'other'));
SELECT code FROM test.refusal(format('SELECT export_audit_events(NULL, p_after_event_id := %L)', :'other'));
SELECT code, message FROM test.refusal('SELECT export_audit_events()');
-- What is refused is not recorded.
SELECT count(*) FROM audit_events WHERE action_type = 'AUDIT_EVENTS_EXPORTED';
-- An export writes.
BEGIN TRANSACTION READ ONLY;
SELECT code, message, hint FROM test.refusal(format('SELECT export_audit_events(%L)', :'one'));
COMMIT;

CREATE ROLE t_reader; CREATE ROLE t_operator; CREATE ROLE t_officer; CREATE ROLE t_writer; CREATE ROLE t_monitor; CREATE ROLE t_nobody; CREATE ROLE t_gateway; CREATE ROLE t_app; CREATE ROLE t_service;
GRANT t_app, t_service, t_operator TO t_gateway;
SELECT audit_grant('t_reader', 'reader'), audit_grant('t_operator', 'operator'), audit_grant('t_officer', 'compliance'), audit_grant('t_writer', 'writer'), audit_grant('t_monitor', 'monitor'), audit_grant('t_gateway', 'gateway'),
  audit_grant('t_app', 'reader'), audit_grant('t_service', 'reader'), audit_grant('t_service', 'service') \g /dev/null
CREATE TABLE members (workspace_id uuid, user_id uuid);
INSERT INTO members SELECT format('10000000-0000-4000-8000-00000000000%s', n)::uuid, format('20000000-0000-4000-8000-00000000000%s', n)::uuid FROM generate_series(1, 2) AS n;
-- What a session gets of workspaces 1 and 2 and of all: the event and the end of it, or the error.
CREATE FUNCTION of(p_call text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE answer text; BEGIN EXECUTE p_call INTO answer; RETURN answer; EXCEPTION WHEN OTHERS THEN RETURN SQLSTATE; END $$;
CREATE FUNCTION exported() RETURNS TABLE (one text, two text, everything text) LANGUAGE sql AS $$
  SELECT of(format(sql, quote_literal('10000000-0000-4000-8000-000000000001'))), of(format(sql, quote_literal('10000000-0000-4000-8000-000000000002'))), of(format(sql, 'NULL'))
  FROM (VALUES ($f$SELECT string_agg(CASE WHEN line LIKE '{"audit_export"%%' THEN 'end' ELSE 'event' END, ', ') FROM export_audit_events(%s, p_actions := '{LOGIN}') AS line$f$)) AS given (sql) $$;
CREATE FUNCTION records() RETURNS TABLE (workspace text, role text, by_user text, count bigint) LANGUAGE sql SECURITY DEFINER AS $$
  SELECT right(workspace_id::text, 1), metadata #>> '{audit_ext,role}', CASE WHEN created_by_user_id::text LIKE '20000000%' THEN right(created_by_user_id::text, 1) END, count(*) FROM audit_events WHERE action_type = 'AUDIT_EVENTS_EXPORTED' GROUP BY 1, 2, 3 ORDER BY 1, 2, 3 $$;
SET SESSION AUTHORIZATION t_nobody;
SELECT * FROM exported();
SET SESSION AUTHORIZATION t_writer;
SELECT * FROM exported();
SET SESSION AUTHORIZATION t_monitor;
SELECT * FROM exported();
SET SESSION AUTHORIZATION t_reader;
SELECT * FROM exported();
SELECT * FROM test.refusal('SELECT export_audit_events(NULL)');
SET SESSION AUTHORIZATION t_operator;
SELECT * FROM exported();
SET SESSION AUTHORIZATION t_officer;
SELECT * FROM exported();
RESET SESSION AUTHORIZATION;
SELECT * FROM records() WHERE role LIKE 't_%';
-- A gateway says for whom it exports, with or without a membership source.
SET SESSION AUTHORIZATION t_gateway;
SET ROLE t_app;
SELECT * FROM exported();
SELECT * FROM test.refusal(format('SELECT export_audit_events(%L)', :'one'));
SELECT set_config('request.jwt.claims', '{"sub": "20000000-0000-4000-8000-000000000001"}', false) IS NOT NULL AS "user 1";
SELECT * FROM exported();
RESET SESSION AUTHORIZATION;
SELECT audit_set_membership_source('members', 'workspace_id', 'user_id') \g /dev/null
-- With one, a user exports where it is a member; elsewhere it is told what an empty workspace is told, and nothing is recorded.
SET SESSION AUTHORIZATION t_gateway;
SET ROLE t_app;
SELECT * FROM exported();
SELECT count(*) FROM export_audit_events('10000000-0000-4000-8000-000000000002', p_format := 'csv');
SELECT count(*) FROM export_audit_events('10000000-0000-4000-8000-000000000002', p_after_event_id := :'other');
SET ROLE t_operator;
SELECT * FROM exported();
SELECT set_config('request.jwt.claims', '', false) IS NOT NULL AS "nobody";
SET ROLE t_app;
SELECT * FROM exported();
-- A service exports each workspace.
SET ROLE t_service;
SELECT * FROM exported();
RESET SESSION AUTHORIZATION;
SELECT * FROM records() WHERE role IN ('t_app', 't_service') OR by_user IS NOT NULL;
