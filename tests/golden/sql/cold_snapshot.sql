-- A transaction with one snapshot for all its statements does not see which erasures were ordered since its first one. No step that depends on them is taken in it.
\i tests/golden/prelude.sql
CREATE EXTENSION audit_ext;
\i tests/golden/cold_files.sql
SET client_min_messages = warning;
CREATE FUNCTION w(n int) RETURNS uuid LANGUAGE sql AS $$ SELECT ('00000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid $$;
CREATE ROLE t_approver LOGIN;
SELECT audit_grant('t_approver', 'compliance');
INSERT INTO audit_retention_policies (workspace_id, hot_retention_days, warm_archive_days, cold_retention_days) SELECT w(n), 30, 60, 3650 FROM generate_series(1, 2) AS n;
SELECT count(*) > 0 AS made FROM create_past_audit_partitions('2024-02-01', '2024-02-29');
INSERT INTO audit_events (created_at, action_type, resource_type, workspace_id, created_by_user_id) SELECT timestamptz '2024-02-10Z' + n * interval '1 day', 'ACT', 'thing', w(1 + n % 2), w(71) FROM generate_series(0, 7) AS n;
SELECT archived_count FROM archive_old_audit_events();
SELECT test.export(w(1), '2024-02-01') AS object \gset
SELECT test.export(w(2), '2024-02-01') AS stored \gset
SELECT released_count FROM release_audit_cold_object(:'object', 'SOC2', 'T-1');
SELECT restore_audit_cold_events(object_id, chunk, bytes) AS lent FROM test.chunks WHERE object_id = :'object';
SELECT deleted_count FROM delete_user_audit_events_compliant(w(71), w(1), 'GDPR', 'T-2');
SELECT request_audit_cold_release(w(2), 'SOC2') AS request \gset
CREATE TABLE steps (step, call) AS SELECT * FROM (VALUES
  ('1 begin', format('SELECT begin_audit_cold_object(w(1), ''2024-02-01'', ''file:///cold'', %L)', :'object')),
  ('2 release', format('SELECT release_audit_cold_object(%L, ''SOC2'', ''T-3'')', :'stored')),
  ('3 release by request', format('SELECT approve_audit_deletion(%L, ''T-3'')', :'request')),
  ('4 restore', format('SELECT restore_audit_cold_events(%L, 0, (SELECT bytes FROM test.chunks WHERE object_id = %1$L))', :'object')),
  ('5 return', 'SELECT return_audit_cold_loans(w(1), ''SOC2'', ''T-3'', ''0'')'),
  ('6 erase', format('SELECT erase_audit_cold_chunk(%L, 0, (SELECT bytes FROM test.chunks WHERE object_id = %1$L))', :'object')),
  ('7 replace', format('SELECT replace_audit_cold_object(%L, (SELECT manifest FROM audit_cold_objects WHERE object_id = %1$L))', :'object')),
  ('8 adopt', format('SELECT adopt_audit_cold_object(manifest, store, path) FROM audit_cold_objects WHERE object_id = %L', :'object'))) AS step (step, call);
GRANT SELECT ON steps TO t_approver;

BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT step, code, message FROM steps, test.refusal(call) WHERE step NOT LIKE '3%' ORDER BY step;
SELECT DISTINCT hint FROM steps, test.refusal(call) WHERE step NOT LIKE '3%';
ROLLBACK;
BEGIN ISOLATION LEVEL SERIALIZABLE;
SELECT DISTINCT code, hint FROM steps, test.refusal(call) WHERE step NOT LIKE '3%';
ROLLBACK;
SET SESSION AUTHORIZATION t_approver;
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT step, code, message FROM steps, test.refusal(call) WHERE step LIKE '3%';
ROLLBACK;
RESET SESSION AUTHORIZATION;
