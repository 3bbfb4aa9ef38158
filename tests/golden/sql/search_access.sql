-- Who may search: the levels, all workspaces, and a gateway's users.
\i tests/golden/prelude.sql
CREATE EXTENSION audit_ext;
CREATE ROLE t_reader; CREATE ROLE t_operator; CREATE ROLE t_officer; CREATE ROLE t_writer; CREATE ROLE t_monitor; CREATE ROLE t_nobody; CREATE ROLE t_gateway; CREATE ROLE t_app; CREATE ROLE t_service;
GRANT t_app, t_service, t_operator TO t_gateway;
SELECT audit_grant('t_reader', 'reader'), audit_grant('t_operator', 'operator'), audit_grant('t_officer', 'compliance'), audit_grant('t_writer', 'writer'), audit_grant('t_monitor', 'monitor'), audit_grant('t_gateway', 'gateway'),
  audit_grant('t_app', 'reader'), audit_grant('t_service', 'reader'), audit_grant('t_service', 'service') \g /dev/null
CREATE TABLE members (workspace_id uuid, user_id uuid);
INSERT INTO members SELECT format('10000000-0000-4000-8000-00000000000%s', n)::uuid, format('20000000-0000-4000-8000-00000000000%s', n)::uuid FROM generate_series(1, 2) AS n;
SELECT count(insert_audit_event('LOGIN', 'session', NULL, workspace_id, user_id)) AS events FROM members;
-- What a session gets of workspaces 1 and 2 and of all: rows, or the error.
CREATE FUNCTION of(p_call text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE answer text; BEGIN EXECUTE p_call INTO answer; RETURN answer; EXCEPTION WHEN OTHERS THEN RETURN SQLSTATE; END $$;
CREATE FUNCTION seen() RETURNS TABLE (call text, one text, two text, everything text) LANGUAGE sql AS $$
  SELECT call, of(format(sql, quote_literal('10000000-0000-4000-8000-000000000001'))), of(format(sql, quote_literal('10000000-0000-4000-8000-000000000002'))), of(format(sql, $f$p_actions := '{LOGIN}'$f$))
  FROM (VALUES (1, 'search', 'SELECT count(*) FROM search_audit_events(%s)'), (2, 'count', 'SELECT c::text FROM count_audit_events(%s) AS c'), (3, 'explain', 'SELECT count(*) > 0 FROM explain_audit_search(%s)')) AS given (no, call, sql) ORDER BY no $$;
SET SESSION AUTHORIZATION t_nobody;
SELECT * FROM seen();
SET SESSION AUTHORIZATION t_writer;
SELECT * FROM seen();
SET SESSION AUTHORIZATION t_monitor;
SELECT * FROM seen();
SET SESSION AUTHORIZATION t_reader;
SELECT * FROM seen();
SELECT * FROM test.refusal('SELECT * FROM search_audit_events()');
SET SESSION AUTHORIZATION t_operator;
SELECT * FROM seen();
SET SESSION AUTHORIZATION t_officer;
SELECT * FROM seen();
RESET SESSION AUTHORIZATION;
SELECT * FROM seen();

-- A gateway without a membership source reads what the level of its role allows.
SET SESSION AUTHORIZATION t_gateway;
SET ROLE t_app;
SELECT * FROM seen();
SET ROLE t_operator;
SELECT * FROM seen();
RESET SESSION AUTHORIZATION;
SELECT audit_set_membership_source('members', 'workspace_id', 'user_id') \g /dev/null
-- With one: a user reads where it is a member, and elsewhere nothing; all workspaces nobody, whatever the level of the role.
SET SESSION AUTHORIZATION t_gateway;
SELECT set_config('request.jwt.claims', '{"sub": "20000000-0000-4000-8000-000000000001"}', false) IS NOT NULL AS "user 1";
SET ROLE t_app;
SELECT * FROM seen();
SET ROLE t_operator;
SELECT * FROM seen();
SELECT * FROM test.refusal('SELECT * FROM search_audit_events()');
-- A stranger, and nobody.
SELECT set_config('request.jwt.claims', '{"sub": "20000000-0000-4000-8000-000000000009"}', false) IS NOT NULL AS "a stranger";
SET ROLE t_app;
SELECT * FROM seen();
SELECT set_config('request.jwt.claims', '', false) IS NOT NULL AS "nobody";
SELECT * FROM seen();
SET ROLE t_operator;
SELECT * FROM seen();
SELECT * FROM test.refusal('SELECT * FROM search_audit_events()');
-- A service reads each workspace; all at once takes the level of its role.
SET ROLE t_service;
SELECT * FROM seen();
RESET SESSION AUTHORIZATION;
SELECT audit_grant('t_service', 'operator') \g /dev/null
SET SESSION AUTHORIZATION t_gateway;
SET ROLE t_service;
SELECT * FROM seen();
RESET SESSION AUTHORIZATION;
