-- What resets of a test database do: truncating all tables of a schema and dropping it. With the extension in that schema both are refused; with the
-- extension in a schema of its own both work, the trail stays, and a table that is made again is tracked again when its migration says so.
\i tests/golden/prelude.sql
\set VERBOSITY terse
SET client_min_messages = warning;
CREATE FUNCTION test.truncate_all(p_schema text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE (SELECT 'TRUNCATE ' || string_agg(format('%I.%I', schemaname, tablename), ', ' ORDER BY tablename) || ' RESTART IDENTITY CASCADE'
    FROM pg_tables WHERE schemaname = p_schema);
END $$;

-- In public.
CREATE EXTENSION audit_ext;
CREATE TABLE thing (id int PRIMARY KEY, name text);
SELECT audit_track_table('thing', NULL);
INSERT INTO thing VALUES (1, 'first');
SELECT code, message FROM test.refusal($$SELECT test.truncate_all('public')$$);
SELECT code, message FROM test.refusal('DROP SCHEMA public CASCADE');
SELECT count(*) FROM thing;
-- Emptying the tables of the application alone works.
TRUNCATE thing;

-- The two lines that begin anew; the tables of the trail are left as ordinary ones.
DROP EXTENSION audit_ext CASCADE;
DROP SCHEMA public CASCADE;

-- In a schema of its own.
CREATE SCHEMA public;
CREATE SCHEMA audit;
CREATE EXTENSION audit_ext SCHEMA audit;
CREATE TABLE public.thing (id int PRIMARY KEY, name text);
SELECT audit.audit_track_table('public.thing', NULL);
INSERT INTO public.thing VALUES (1, 'first');
SELECT code, message FROM test.refusal($$SELECT test.truncate_all('public')$$);
INSERT INTO public.thing VALUES (2, 'second');
SELECT code, message FROM test.refusal('DROP SCHEMA public CASCADE');
SELECT count(*) AS tracked FROM audit.audit_tracked_tables;
CREATE SCHEMA public;
CREATE TABLE public.thing (id int PRIMARY KEY, name text);
INSERT INTO public.thing VALUES (3, 'nobody told');
SELECT audit.audit_track_table('public.thing', NULL);
INSERT INTO public.thing VALUES (4, 'third');
SELECT action_type, resource_type, new_values ->> 'name' AS name FROM audit.audit_events WHERE action_type <> 'AUDIT_TRACKING_CHANGED' ORDER BY id;
SELECT table_name, capture FROM audit.audit_tracked_tables;
-- The trail's own schema is as guarded as ever.
SELECT code FROM test.refusal($$SELECT test.truncate_all('audit')$$);
SELECT code FROM test.refusal('DROP SCHEMA audit CASCADE');
SELECT check_name, status FROM audit.audit_health() WHERE status = 'fail';
DROP EXTENSION audit_ext CASCADE;
DROP SCHEMA audit CASCADE;
CREATE SCHEMA audit;
CREATE EXTENSION audit_ext SCHEMA audit;
SELECT count(*) FROM audit.audit_events;
