-- Who gets evidence: readers of what they may read, staff of the root log, and a gateway of its user's workspaces.
\i tests/golden/prelude.sql
CREATE EXTENSION audit_ext;
\i tests/golden/receipt.sql
SELECT record(1) AS one, record(2) AS two \gset
SELECT sealed_count FROM audit_seal();
CREATE ROLE t_writer; CREATE ROLE t_reader; CREATE ROLE t_operator; CREATE ROLE t_compliance; CREATE ROLE t_monitor; CREATE ROLE t_gateway; CREATE ROLE t_staff_gateway;
SELECT audit_grant(('t_' || level)::regrole, level) FROM unnest(ARRAY['writer', 'reader', 'operator', 'compliance', 'monitor']) AS level \g /dev/null
GRANT USAGE ON SCHEMA test TO PUBLIC;
CREATE TABLE attempt (no int GENERATED ALWAYS AS IDENTITY, what text, statement text);
INSERT INTO attempt (what, statement) VALUES
  ('checkpoint', 'SELECT audit_checkpoint()'), ('consistency', 'SELECT audit_consistency_proof(0)'), ('receipt', format('SELECT audit_event_proof(%L)', :'one')),
  ('export', 'SELECT count(*) FROM audit_export_log(w(1))'), ('root log', 'SELECT count(*) FROM audit_export_log()'), ('files', 'SELECT count(*) FROM audit_log_files(w(1))'), ('root files', 'SELECT count(*) FROM audit_log_files()'),
  ('signatures', $$SELECT audit_add_signatures('x')$$), ('timestamp', $$SELECT audit_add_timestamp(1, 'x')$$);
GRANT SELECT ON attempt TO PUBLIC;
SET SESSION AUTHORIZATION t_writer; SELECT what, (test.refusal(statement)).code FROM attempt ORDER BY no; RESET SESSION AUTHORIZATION;
SET SESSION AUTHORIZATION t_reader; SELECT what, (test.refusal(statement)).code FROM attempt ORDER BY no; SELECT code, message, hint FROM test.refusal('SELECT audit_export_log()'); RESET SESSION AUTHORIZATION;
SET SESSION AUTHORIZATION t_operator; SELECT what, (test.refusal(statement)).code FROM attempt ORDER BY no; RESET SESSION AUTHORIZATION;
SET SESSION AUTHORIZATION t_compliance; SELECT what, (test.refusal(statement)).code FROM attempt ORDER BY no; RESET SESSION AUTHORIZATION;
SET SESSION AUTHORIZATION t_monitor; SELECT what, (test.refusal(statement)).code FROM attempt ORDER BY no; RESET SESSION AUTHORIZATION;

-- A gateway: user 71 is a member of workspace 1. What is of others is not there.
CREATE TABLE members (workspace_id uuid, user_id uuid);
INSERT INTO members VALUES (w(1), w(71));
SELECT audit_set_membership_source('members', 'workspace_id', 'user_id') \g /dev/null
SELECT audit_grant('t_gateway', 'gateway'), audit_grant('t_gateway', 'reader'), audit_grant('t_staff_gateway', 'gateway'), audit_grant('t_staff_gateway', 'operator') \g /dev/null
SET SESSION AUTHORIZATION t_gateway;
SELECT what, (test.refusal(statement)).code FROM attempt WHERE what IN ('receipt', 'export', 'root log', 'files') ORDER BY no;
SELECT code, message, hint FROM test.refusal('SELECT audit_export_log(w(1))');
SELECT set_config('request.jwt.claims', format('{"sub": "%s"}', w(71)), false) IS NOT NULL AS "user 71";
SELECT what, (test.refusal(statement)).code FROM attempt WHERE what IN ('checkpoint', 'receipt', 'export', 'root log', 'files') ORDER BY no;
SELECT workspace, (SELECT count(*) FROM audit_export_log(w(workspace))) AS lines FROM unnest(ARRAY[1, 2, 9]) AS workspace;
SELECT code, replace(message, :'two', '<two>') AS message FROM test.refusal(format('SELECT audit_event_proof(%L)', :'two'));
RESET SESSION AUTHORIZATION;
SET SESSION AUTHORIZATION t_staff_gateway;
SELECT set_config('request.jwt.claims', format('{"sub": "%s"}', w(71)), false) IS NOT NULL AS "user 71";
SELECT what, (test.refusal(statement)).code FROM attempt WHERE what IN ('receipt', 'export', 'root log', 'files', 'root files') ORDER BY no;
SELECT count(*) AS "files of 2" FROM audit_log_files(w(2));
RESET SESSION AUTHORIZATION;
