-- Request context: audit_ext.* settings, else PostgREST's claims and headers. It fills what a call leaves out; an explicit
-- parameter wins; what is malformed is ignored and never makes a write fail.
\i tests/golden/prelude.sql
CREATE EXTENSION audit_ext;
-- Records one event under the settings given and shows what was filled in.
CREATE FUNCTION recorded(p_settings jsonb, p_arguments text DEFAULT '',
  OUT workspace text, OUT actor text, OUT ip inet, OUT agent text, OUT request text) LANGUAGE plpgsql AS $$
DECLARE event uuid;
BEGIN
  PERFORM set_config(key, coalesce(p_settings->>key, ''), true) FROM unnest(ARRAY['audit_ext.user_id', 'audit_ext.workspace_id', 'audit_ext.request_id',
    'audit_ext.ip_address', 'audit_ext.user_agent', 'request.jwt.claims', 'request.headers']) AS key;
  EXECUTE 'SELECT insert_audit_event(p_action_type := ''A'', p_resource_type := ''r''' || p_arguments || ')' INTO event;
  SELECT right(workspace_id::text, 3), right(created_by_user_id::text, 3), ip_address, user_agent, request_id FROM audit_events WHERE id = event
    INTO workspace, actor, ip, agent, request;
EXCEPTION WHEN OTHERS THEN workspace := sqlstate; actor := substring(sqlerrm FROM '"(check_[a-z_]+)"');
END $$;

-- Settings alone; then PostgREST's alone (which knows no workspace); then both: settings win.
SELECT * FROM recorded('{"audit_ext.user_id": "20000000-0000-4000-8000-000000000001", "audit_ext.workspace_id": "10000000-0000-4000-8000-000000000001",
  "audit_ext.request_id": "req-s", "audit_ext.ip_address": "192.0.2.1", "audit_ext.user_agent": "agent-s"}');
SELECT * FROM recorded('{"request.jwt.claims": "{\"sub\": \"20000000-0000-4000-8000-000000000002\"}",
  "request.headers": "{\"x-forwarded-for\": \"203.0.113.7, 10.0.0.1\", \"user-agent\": \"agent-h\", \"x-request-id\": \"req-h\"}"}');
SELECT * FROM recorded('{"request.jwt.claims": "{\"sub\": \"20000000-0000-4000-8000-000000000002\"}",
  "request.headers": "{\"x-forwarded-for\": \"203.0.113.7, 10.0.0.1\", \"user-agent\": \"agent-h\", \"x-request-id\": \"req-h\"}"}', ', p_workspace_id := ''10000000-0000-4000-8000-000000000002''');
SELECT * FROM recorded('{"audit_ext.user_id": "20000000-0000-4000-8000-000000000001", "audit_ext.workspace_id": "10000000-0000-4000-8000-000000000001",
  "audit_ext.request_id": "req-s", "audit_ext.ip_address": "192.0.2.1", "audit_ext.user_agent": "agent-s", "request.jwt.claims": "{\"sub\": \"20000000-0000-4000-8000-000000000002\"}",
  "request.headers": "{\"x-forwarded-for\": \"203.0.113.7, 10.0.0.1\", \"user-agent\": \"agent-h\", \"x-request-id\": \"req-h\"}"}');
-- An explicit parameter wins over both.
SELECT * FROM recorded('{"audit_ext.user_id": "20000000-0000-4000-8000-000000000001", "audit_ext.workspace_id": "10000000-0000-4000-8000-000000000001",
  "audit_ext.request_id": "req-s", "audit_ext.ip_address": "192.0.2.1", "audit_ext.user_agent": "agent-s"}',
  ', p_workspace_id := ''10000000-0000-4000-8000-000000000009'', p_created_by_user_id := ''20000000-0000-4000-8000-000000000009'', p_ip_address := ''::9'', p_user_agent := ''given'', p_request_id := ''given''');
-- An empty setting is none: the next in line counts.
SELECT * FROM recorded('{"audit_ext.user_id": "", "audit_ext.workspace_id": "10000000-0000-4000-8000-000000000001", "audit_ext.request_id": "", "audit_ext.ip_address": "", "audit_ext.user_agent": "",
  "request.jwt.claims": "{\"sub\": \"20000000-0000-4000-8000-000000000002\"}", "request.headers": "{\"x-forwarded-for\": \"203.0.113.7\", \"user-agent\": \"agent-h\", \"x-request-id\": \"req-h\"}"}');
-- Bulk function too; INSERT takes what it is given.
SELECT set_config('audit_ext.user_id', '20000000-0000-4000-8000-000000000001', false) IS NOT NULL AS user, set_config('audit_ext.workspace_id', '10000000-0000-4000-8000-000000000001', false) IS NOT NULL AS workspace;
SELECT count(*) FROM insert_audit_events('[{"action_type": "BULK", "resource_type": "r"}]');
SELECT right(workspace_id::text, 3) AS workspace, right(created_by_user_id::text, 3) AS actor FROM audit_events WHERE action_type = 'BULK';
SELECT code, constraint_name FROM test.refusal($$INSERT INTO audit_events (action_type, resource_type) VALUES ('A', 'r')$$);
RESET audit_ext.user_id;
RESET audit_ext.workspace_id;

-- The first hop of x-forwarded-for, with ports, IPv6, garbage.
SELECT hop, ip FROM unnest(ARRAY['203.0.113.7', ' 203.0.113.7 , 10.0.0.1', '203.0.113.7:4711, 10.0.0.1', '2001:db8::1', '[2001:db8::1]:443', '2001:db8::1, 10.0.0.1', '::ffff:203.0.113.7',
    'unknown, 10.0.0.1', '', ',', '999.1.1.1', '203.0.113.7.evil', '''; DROP TABLE audit_events; --']) WITH ORDINALITY AS given (hop, no),
  LATERAL recorded(jsonb_build_object('audit_ext.workspace_id', '10000000-0000-4000-8000-000000000001', 'audit_ext.user_id', '20000000-0000-4000-8000-000000000001',
    'request.headers', jsonb_build_object('x-forwarded-for', hop)::text)) ORDER BY no;
-- Malformed claims and headers: as if there were none.
SELECT given, workspace, actor, ip, agent FROM unnest(ARRAY['', '{', '[]', 'null', '"text"', '1', '{}', '{"sub": null}', '{"sub": 7}', '{"sub": "no uuid"}', '{"sub": {"a": 1}}', '{"user-agent": ["x"], "x-forwarded-for": 1}']) WITH ORDINALITY AS given (given, no),
  LATERAL recorded(jsonb_build_object('audit_ext.workspace_id', '10000000-0000-4000-8000-000000000001', 'request.jwt.claims', given, 'request.headers', given)) ORDER BY no;
-- Malformed settings: ignored; the request's value counts if there is one.
SELECT * FROM recorded('{"audit_ext.user_id": "nobody", "audit_ext.workspace_id": "10000000-0000-4000-8000-000000000001", "audit_ext.ip_address": "300.1.1.1",
  "request.jwt.claims": "{\"sub\": \"20000000-0000-4000-8000-000000000002\"}", "request.headers": "{\"x-forwarded-for\": \"203.0.113.7\"}"}');
SELECT * FROM recorded('{"audit_ext.user_id": "20000000-0000-4000-8000-000000000001", "audit_ext.workspace_id": "ws-123"}');
SELECT workspace, actor, ip FROM recorded('{"audit_ext.user_id": " 20000000-0000-4000-8000-000000000001 ", "audit_ext.workspace_id": "10000000-0000-4000-8000-000000000001", "audit_ext.ip_address": "10.0.0.0/8"}');

-- Transaction-local: gone with the transaction.
BEGIN;
SELECT set_config('audit_ext.user_id', '20000000-0000-4000-8000-000000000001', true) IS NOT NULL AS local;
COMMIT;
SELECT current_setting('audit_ext.user_id', true) IS DISTINCT FROM '20000000-0000-4000-8000-000000000001' AS gone;
-- A misspelt setting is refused, so that nobody believes it works.
SELECT set_config('audit_ext.userid', 'x', true);
\echo :LAST_ERROR_SQLSTATE
SET audit_ext.workspace = 'x';
\echo :LAST_ERROR_SQLSTATE
