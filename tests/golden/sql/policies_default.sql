-- The policy that appears with the first event of a workspace goes past the statement. Its row is the one that a statement makes, and a statement makes it
-- wherever something of somebody else is attached to the table.
\i tests/golden/prelude.sql
CREATE EXTENSION audit_ext;
SET track_functions = 'all';
CREATE FUNCTION workspace(n int) RETURNS uuid LANGUAGE sql RETURN ('10000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid;
CREATE FUNCTION record(n int) RETURNS bool LANGUAGE sql RETURN insert_audit_event('A', 'r', NULL, workspace(n), workspace(1)) IS NOT NULL;
CREATE VIEW policy AS SELECT to_jsonb(p) - ARRAY['workspace_id', 'created_at', 'updated_at'] AS row, p.created_at = p.updated_at AS at_once,
  p.created_at BETWEEN now() AND clock_timestamp() AS now, p.workspace_id FROM audit_retention_policies AS p;
CREATE VIEW asked AS SELECT coalesce(sum(calls), 0) AS triggers_called FROM pg_stat_xact_user_functions WHERE funcname IN ('audit_policy_before_update', 'audit_configuration_changed');

BEGIN;
SELECT record(1);
SELECT * FROM asked;
SELECT row, at_once, now FROM policy WHERE workspace_id = workspace(1);
COMMIT;
-- The row of a statement.
INSERT INTO audit_retention_policies (workspace_id) VALUES (workspace(2));
SELECT count(DISTINCT row) AS kinds_of_rows FROM policy;
-- It can be found by its key, and is undone with its transaction.
SET enable_seqscan = off;
SELECT count(*) FROM audit_retention_policies WHERE workspace_id = workspace(1);
RESET enable_seqscan;
BEGIN;
SELECT record(3);
ROLLBACK;
SELECT count(*) FROM policy WHERE workspace_id = workspace(3);
SELECT record(3);
SELECT count(*) FROM policy WHERE workspace_id = workspace(3);

-- What is attached to the table is refused; where it was attached behind the guard's back, it is run.
SELECT what, code FROM (VALUES ('ALTER TABLE audit_retention_policies ADD CONSTRAINT odd CHECK (hot_retention_days <> 90)'),
  ('ALTER TABLE audit_retention_policies ALTER COLUMN hot_retention_days SET DEFAULT 60'),
  ('CREATE TRIGGER odd BEFORE INSERT ON audit_retention_policies FOR EACH ROW EXECUTE FUNCTION pg_catalog.suppress_redundant_updates_trigger()')) AS given (what), LATERAL test.refusal(what);
ALTER EVENT TRIGGER audit_ddl_command_start DISABLE;
ALTER EVENT TRIGGER audit_ddl_command_end DISABLE;
ALTER EVENT TRIGGER audit_sql_drop DISABLE;
CREATE VIEW days AS SELECT workspace_id, hot_retention_days FROM audit_retention_policies;
ALTER TABLE audit_retention_policies ALTER COLUMN hot_retention_days SET DEFAULT 60;
SELECT record(4), (SELECT hot_retention_days FROM days WHERE workspace_id = workspace(4)) AS before_it_was_made;
SELECT hot_retention_days FROM days WHERE workspace_id = workspace(4);
ALTER TABLE audit_retention_policies ALTER COLUMN hot_retention_days SET DEFAULT 90;
CREATE FUNCTION shorter() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN NEW.hot_retention_days := 30; RETURN NEW; END$$;
CREATE TRIGGER a_shorter BEFORE INSERT ON audit_retention_policies FOR EACH ROW EXECUTE FUNCTION shorter();
SELECT record(5);
SELECT hot_retention_days FROM days WHERE workspace_id = workspace(5);
DROP TRIGGER a_shorter ON audit_retention_policies;
ALTER TABLE audit_retention_policies ADD CONSTRAINT odd CHECK (hot_retention_days <> 90) NOT VALID;
SELECT code, constraint_name FROM test.refusal($$SELECT record(6)$$);
ALTER TABLE audit_retention_policies DROP CONSTRAINT odd;
ALTER EVENT TRIGGER audit_ddl_command_start ENABLE ALWAYS;
ALTER EVENT TRIGGER audit_ddl_command_end ENABLE ALWAYS;
ALTER EVENT TRIGGER audit_sql_drop ENABLE ALWAYS;
SELECT record(6);
SELECT hot_retention_days FROM days WHERE workspace_id = workspace(6);
