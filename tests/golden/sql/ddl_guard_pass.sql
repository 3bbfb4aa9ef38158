-- The pass under which the extension's own maintenance runs its DDL is void for code of others that runs meanwhile: an index expression
-- while events move to their month, and an event trigger of somebody else.
\i tests/golden/prelude.sql
CREATE EXTENSION audit_ext;
CREATE TABLE tried (no int GENERATED ALWAYS AS IDENTITY, way text, code text);
CREATE FUNCTION try_it(p_way text) RETURNS int LANGUAGE plpgsql AS $$
BEGIN
  IF current_setting('test.plainly', true) = 'yes' THEN
    ALTER TABLE public.audit_events DISABLE TRIGGER ALL;
  END IF;
  INSERT INTO public.tried (way, code) SELECT p_way || ', ' || what, r.code FROM (VALUES ('disable', 'ALTER TABLE public.audit_events DISABLE TRIGGER ALL'),
    ('drop', 'DROP TABLE public.audit_deletion_log CASCADE'), ('drop owned', 'DROP OWNED BY CURRENT_USER CASCADE')) AS given (what, statement), LATERAL test.refusal(statement) AS r;
  RETURN 1;
END $$;
CREATE FUNCTION quietly(text) RETURNS int IMMUTABLE LANGUAGE plpgsql AS $$ BEGIN RETURN public.try_it('index expression'); END $$;

-- An index expression of somebody else, as a superuser can make one with the guard off.
ALTER EVENT TRIGGER audit_ddl_command_start DISABLE;
ALTER EVENT TRIGGER audit_ddl_command_end DISABLE;
CREATE INDEX ON audit_events (quietly(action_type));
SELECT audit_setup();
INSERT INTO audit_events (action_type, resource_type, workspace_id, created_by_user_id, created_at)
VALUES ('A', 'r', '10000000-0000-4000-8000-000000000002', '20000000-0000-4000-8000-000000000001', '2020-01-01');
SELECT DISTINCT way, code FROM tried ORDER BY 1;
TRUNCATE tried;
SET test.plainly = 'yes';
SELECT create_past_audit_partitions('2020-01-01', '2020-01-01');
RESET test.plainly;
-- Where it catches errors, its savepoints end the permit under which events move, and they stay.
SELECT create_past_audit_partitions('2020-01-01', '2020-01-01');
DO $$ BEGIN EXECUTE (SELECT format('DROP INDEX %s', indexrelid::regclass) FROM pg_index WHERE indrelid = 'audit_events'::regclass AND indexprs IS NOT NULL); END $$;

-- An event trigger that fires for each statement of the maintenance, before ours and after it.
CREATE FUNCTION interfere() RETURNS event_trigger LANGUAGE plpgsql AS $$
BEGIN
  IF current_setting('test.inside', true) IS DISTINCT FROM 'yes' THEN
    PERFORM set_config('test.inside', 'yes', true), public.try_it('event trigger'), set_config('test.inside', 'no', true);
  END IF;
END $$;
CREATE EVENT TRIGGER aaa ON ddl_command_start EXECUTE FUNCTION interfere();
CREATE EVENT TRIGGER zzz ON ddl_command_end EXECUTE FUNCTION interfere();
SELECT (SELECT count(*) FROM create_monthly_audit_partition(6)) + (SELECT count(*) FROM create_past_audit_partitions('2020-01-01', '2020-01-01')) AS made;
SELECT DISTINCT way, code FROM tried ORDER BY 1;
SELECT audit_setup();
SELECT audit_grant('pg_monitor', 'reader');
SELECT DISTINCT way, code FROM tried ORDER BY 1;
DROP EVENT TRIGGER aaa;
DROP EVENT TRIGGER zzz;
-- After an error in the middle of maintenance the pass is gone.
BEGIN;
CREATE TABLE audit_events_1999_01 (a int);
INSERT INTO audit_events (action_type, resource_type, workspace_id, created_by_user_id, created_at)
VALUES ('A', 'r', '10000000-0000-4000-8000-000000000009', '20000000-0000-4000-8000-000000000001', '1999-01-01');
SAVEPOINT s;
SELECT create_past_audit_partitions('1999-01-01', '1999-01-01');
ROLLBACK TO s;
DROP TABLE audit_events CASCADE;
\echo :LAST_ERROR_SQLSTATE
ROLLBACK;
SELECT check_name, detail FROM audit_health() WHERE status = 'fail' AND check_name <> 'archive_lag';
