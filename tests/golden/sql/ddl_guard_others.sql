-- The guard never gets in the way of anybody else's tables, whatever their names, and takes back what a sweeping GRANT gave on the trail.
\i tests/golden/prelude.sql
CREATE EXTENSION audit_ext;
CREATE ROLE t_app;
CREATE ROLE t_writer;
SELECT audit_grant('t_writer', 'writer');
CREATE SCHEMA app AUTHORIZATION t_app;

-- Names of ours in another schema, with everything that is refused on ours.
CREATE TABLE app.audit_events (id int PRIMARY KEY, made timestamptz);
CREATE TABLE app.audit_access () INHERITS (app.audit_events);
CREATE FUNCTION app.audit_events_guard() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER audit_events_guard BEFORE UPDATE ON app.audit_events FOR EACH ROW EXECUTE FUNCTION app.audit_events_guard();
CREATE UNIQUE INDEX audit_events_id_idx ON app.audit_events ((1 / id));
CREATE RULE r AS ON DELETE TO app.audit_events DO INSTEAD NOTHING;
ALTER TABLE app.audit_events ADD COLUMN x int, DISABLE TRIGGER ALL;
ALTER TABLE app.audit_events ENABLE ROW LEVEL SECURITY;
CREATE POLICY p ON app.audit_events USING (true);
GRANT ALL ON app.audit_events TO PUBLIC;
CREATE OR REPLACE FUNCTION app.audit_events_guard() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN OLD; END';
ALTER FUNCTION app.audit_events_guard() RENAME TO guard;
CREATE VIEW app.vw_security_audit AS SELECT * FROM app.audit_events;
DROP VIEW app.vw_security_audit;
DROP INDEX app.audit_events_id_idx;
DROP TRIGGER audit_events_guard ON app.audit_events;
CREATE SCHEMA fresh CREATE TABLE audit_events (id int PRIMARY KEY) CREATE TABLE r (id int REFERENCES audit_events) CREATE UNIQUE INDEX i ON audit_events (id) GRANT ALL ON audit_events TO PUBLIC;
DROP SCHEMA fresh CASCADE;
-- Names that look like ours in the same schema.
CREATE TABLE public.audit_events_1999_01 (a int);
CREATE TABLE public.audit_notes (a int);
ALTER TABLE public.audit_notes RENAME TO audit_remarks;
CREATE INDEX audit_notes_idx ON public.audit_remarks (a);
CREATE TRIGGER audit_events_guard BEFORE UPDATE ON public.audit_remarks FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger();
DROP TABLE public.audit_events_1999_01, public.audit_remarks;
-- Names that hide ours in the search_path.
SET search_path = app, public;
ALTER TABLE audit_events SET SCHEMA public;
CREATE VIEW vw_security_audit AS SELECT 1 AS a;
CREATE OR REPLACE VIEW vw_security_audit AS SELECT 2 AS a;
ALTER VIEW vw_security_audit RENAME TO partition_schedule;
DROP VIEW partition_schedule;
ALTER TABLE audit_events RENAME COLUMN x TO y;
ALTER TABLE audit_events RENAME TO theirs;
ALTER TABLE theirs SET SCHEMA public;
RESET search_path;
DROP TABLE public.theirs CASCADE;
-- Names that are not there fail as ever.
ALTER TABLE nowhere ADD COLUMN x int;
DROP TABLE IF EXISTS nowhere.nothing;
DROP SCHEMA nowhere CASCADE;
CREATE FUNCTION nowhere.f() RETURNS int LANGUAGE sql RETURN 1;
ALTER FUNCTION nothing(int) STRICT;
DROP OWNED BY nobody;
GRANT SELECT ON nothing TO PUBLIC;
COMMENT ON TABLE nothing IS 'x';

-- A sweeping GRANT works for the others' tables; on the trail it gives what the access levels give.
CREATE TABLE public.notes (a int);
CREATE VIEW held AS SELECT DISTINCT CASE WHEN relname LIKE 'audit%' OR relname IN ('partition_schedule', 'vw_security_audit') THEN 'trail' ELSE relname END AS relation,
  CASE grantee WHEN 0 THEN 'PUBLIC' ELSE grantee::regrole::text END AS grantee, string_agg(privilege_type, ' ' ORDER BY privilege_type) AS rights
FROM pg_class, aclexplode(relacl) WHERE relnamespace = 'public'::regnamespace AND grantee <> relowner AND privilege_type <> 'MAINTAIN' GROUP BY relname, 2;
GRANT ALL ON ALL TABLES IN SCHEMA public TO t_app, PUBLIC;
GRANT ALL ON ALL FUNCTIONS IN SCHEMA public TO t_app;
SELECT * FROM held WHERE relation <> 'held' ORDER BY 1, 2;
SELECT has_function_privilege('t_app', 'audit_setup()', 'EXECUTE') AS setup, has_function_privilege('t_writer', 'insert_audit_events(jsonb)', 'EXECUTE') AS writer;
GRANT ALL ON ALL TABLES IN SCHEMA app TO t_app;

-- Operators of somebody in front of the built-in ones are never called by the guard.
CREATE SCHEMA hostile;
CREATE FUNCTION hostile.lie(text, text) RETURNS boolean LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''it ran''; END';
CREATE FUNCTION hostile.lie(oid, oid) RETURNS boolean LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''it ran''; END';
CREATE OPERATOR hostile.= (LEFTARG = text, RIGHTARG = text, FUNCTION = hostile.lie);
CREATE OPERATOR hostile.= (LEFTARG = oid, RIGHTARG = oid, FUNCTION = hostile.lie);
SET search_path = hostile, pg_catalog, public;
CREATE TABLE hidden (a int);
DROP TABLE hidden;
CREATE INDEX theirs ON audit_access (access);
DROP INDEX public.theirs;
GRANT ALL ON ALL TABLES IN SCHEMA public TO t_app;
RESET search_path;
DROP SCHEMA hostile CASCADE;

-- Whoever owns nothing of the trail can be dropped with all they have.
CREATE TABLE app.more (a int);
ALTER TABLE app.more OWNER TO t_app;
DROP OWNED BY t_app CASCADE;
DROP SCHEMA IF EXISTS app CASCADE;
DROP ROLE t_app;
SELECT count(*) AS "recorded of all this, for the index" FROM audit_events WHERE action_type LIKE 'AUDIT_DDL%';
-- Temporary tables, and a trail's names among them.
CREATE TEMP TABLE audit_events (a int);
ALTER TABLE audit_events ADD COLUMN b int;
DROP TABLE audit_events;
SELECT count(*) FROM public.audit_events WHERE action_type = 'AUDIT_ACCESS_CHANGED';
