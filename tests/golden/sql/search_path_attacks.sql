-- Code of a caller, or of a table's owner, never runs with the trail's rights: not by operators and types that shadow the server's, not by
-- values that read as SQL, not by settings that code on the membership table leaves behind.
\i tests/golden/prelude.sql
CREATE SCHEMA audit; CREATE EXTENSION audit_ext SCHEMA audit;
CREATE ROLE t_rea; CREATE ROLE t_wri; CREATE ROLE t_ope; CREATE ROLE t_gat; CREATE ROLE t_own;
SELECT audit.audit_grant('t_rea', 'reader'), audit.audit_grant('t_wri', 'writer'), audit.audit_grant('t_ope', 'operator'), audit.audit_grant('t_gat', 'gateway'), audit.audit_grant('t_gat', 'reader') \g /dev/null
GRANT CREATE ON SCHEMA public TO t_rea, t_ope, t_own;
GRANT TEMPORARY ON DATABASE golden TO PUBLIC;
CREATE VIEW public.superusers AS SELECT rolname FROM pg_catalog.pg_roles WHERE rolname LIKE 't\_%' AND rolsuper;
GRANT SELECT ON public.superusers TO PUBLIC;

-- An operator of a reader, met where it is asked whether the reader is a gateway.
SET SESSION AUTHORIZATION t_rea;
CREATE FUNCTION public.evil_eq(name, name) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN BEGIN EXECUTE 'ALTER ROLE t_rea SUPERUSER'; EXCEPTION WHEN OTHERS THEN NULL; END; RETURN true; END $$;
CREATE OPERATOR public.= (LEFTARG = name, RIGHTARG = name, FUNCTION = public.evil_eq);
SET search_path = public, pg_catalog;
SELECT count(*) FROM audit.get_audit_trail('3d6f0a52-9d39-4b8e-8b1c-6f1f6f1c0001');
SELECT count(*) FROM audit.vw_security_audit;
RESET search_path;
TABLE public.superusers;
RESET SESSION AUTHORIZATION;
DROP OPERATOR public.= (name, name); DROP FUNCTION public.evil_eq;

-- A type of a writer in pg_temp, met where the membership source is read.
SET ROLE t_own;
CREATE TABLE public.members (workspace_id uuid, user_id uuid);
INSERT INTO public.members VALUES ('aaaaaaaa-0000-4000-8000-000000000001', '11111111-0000-4000-8000-000000000001');
RESET ROLE;
SELECT audit.audit_set_membership_source('public.members', 'workspace_id', 'user_id') \g /dev/null
\connect -
\set ECHO all
SET SESSION AUTHORIZATION t_wri;
CREATE FUNCTION pg_temp.f(x pg_catalog.text) RETURNS boolean LANGUAGE plpgsql AS
  $$BEGIN IF current_user = 'postgres' THEN EXECUTE 'ALTER ROLE t_wri SUPERUSER'; END IF; RETURN true; END$$;
CREATE DOMAIN pg_temp.text AS pg_catalog.text CHECK (pg_temp.f(VALUE));
SET search_path = pg_temp, pg_catalog;
SELECT audit.insert_audit_event('A', 'r', NULL, 'aaaaaaaa-0000-4000-8000-000000000001', '11111111-0000-4000-8000-000000000001') IS NOT NULL AS recorded;
INSERT INTO audit.audit_events (action_type, resource_type, workspace_id, created_by_user_id) VALUES ('A', 'r', 'aaaaaaaa-0000-4000-8000-000000000001', '11111111-0000-4000-8000-000000000001');
TABLE public.superusers;
RESET SESSION AUTHORIZATION; RESET search_path;

-- Code on the membership table that leaves a setting behind, for whoever records.
SET SESSION AUTHORIZATION t_own;
CREATE FUNCTION public.fold(int) RETURNS boolean IMMUTABLE LANGUAGE plpgsql AS $$BEGIN
  IF session_user <> 't_own' THEN PERFORM set_config('search_path', 'public, pg_catalog', false), set_config('audit_ext.user_id', '11111111-0000-4000-8000-000000000002', false); END IF; RETURN true; END$$;
CREATE INDEX ON public.members (user_id) WHERE public.fold(1);
RESET SESSION AUTHORIZATION;
\connect -
SELECT audit.insert_audit_event('X', 'r', NULL, 'aaaaaaaa-0000-4000-8000-000000000001', '11111111-0000-4000-8000-000000000001') IS NOT NULL AS recorded;
SHOW search_path;
SELECT current_setting('audit_ext.user_id', true) AS "user of the request";

-- Names of an operator's, and of a tracked table's owner, that read as places of our statements or as SQL.
SET SESSION AUTHORIZATION t_ope;
CREATE FUNCTION public.f() RETURNS text LANGUAGE plpgsql AS
  $$BEGIN IF current_user <> 't_ope' THEN EXECUTE 'ALTER ROLE t_ope SUPERUSER'; END IF; RETURN ''; END$$;
CREATE TABLE public.t (id uuid PRIMARY KEY, workspace_id uuid, note text);
SELECT audit.audit_track_table('public.t', 'workspace_id', '@id@''@extschema@');
CREATE TABLE public."||public.f()||" (id uuid PRIMARY KEY, workspace_id uuid);
SELECT audit.audit_track_table('public."||public.f()||"', 'workspace_id', 'A@table_name@B');
TABLE public.superusers;
SELECT audit.audit_track_table('public.t', 'workspace_id', '@options@', ARRAY['note']);
CREATE TABLE public."c@options@" () INHERITS (public.t);
CREATE TABLE public."c@id@" () INHERITS (public.t);
CREATE TABLE public."c@extschema@" () INHERITS (public.t);
ALTER TABLE public.t RENAME note TO "@tracking@";
INSERT INTO public."c@id@" VALUES (gen_random_uuid(), 'aaaaaaaa-0000-4000-8000-000000000001', 'ignored');
RESET SESSION AUTHORIZATION;
SELECT table_name, resource_type, ignored_columns, capture FROM audit.audit_tracked_tables ORDER BY table_name;
SELECT c.relname, count(*) AS triggers FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid WHERE c.relname LIKE 'c@%' GROUP BY 1 ORDER BY 1;
SELECT action_type, resource_type FROM audit.audit_events WHERE resource_type LIKE '@%' ORDER BY id;
TABLE public.superusers;
