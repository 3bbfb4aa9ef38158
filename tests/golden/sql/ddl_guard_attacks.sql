-- DDL that would change, weaken or take away a part of the trail is refused (23001) on tables, partitions, views, indexes and functions,
-- to the superuser and to an owner who is none, plainly and under session_replication_role = replica, in every wrapping.
\i tests/golden/prelude.sql
CREATE ROLE t_owner SUPERUSER;
CREATE ROLE t_other;
CREATE SCHEMA trail;
GRANT ALL ON SCHEMA public, trail TO t_owner;
SET ROLE t_owner;
CREATE EXTENSION audit_ext SCHEMA trail;
SET search_path = trail, public;
SELECT insert_audit_event('A', 'r', NULL, '10000000-0000-4000-8000-000000000001', '20000000-0000-4000-8000-000000000001') IS NOT NULL AS recorded;
CREATE FUNCTION public.theirs() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
CREATE FUNCTION public.theirs(text) RETURNS int IMMUTABLE LANGUAGE sql RETURN 1 / length($1);
CREATE FUNCTION public.theirs_equal(text, text) RETURNS boolean IMMUTABLE LANGUAGE sql RETURN 1 / length($1) = 1;
CREATE OPERATOR public.?| (LEFTARG = text, RIGHTARG = text, FUNCTION = public.theirs_equal);
CREATE OPERATOR public.? (LEFTARG = text, RIGHTARG = text, FUNCTION = public.theirs_equal);
CREATE OPERATOR CLASS public.theirs_ops FOR TYPE text USING btree AS OPERATOR 3 =, FUNCTION 1 bttextcmp(text, text);
CREATE TABLE public.app (id uuid PRIMARY KEY, created_at timestamptz, workspace_id uuid, UNIQUE (workspace_id, created_at, id));
CREATE TABLE public.parent (LIKE audit_access) PARTITION BY RANGE (granted_at);
SET allow_in_place_tablespaces = on;
CREATE TABLESPACE t_space LOCATION '';
SELECT 'trail.audit_events_' || to_char(now() AT TIME ZONE 'UTC', 'YYYY_MM') AS month \gset

CREATE TABLE public.attack (no int GENERATED ALWAYS AS IDENTITY, what text, statement text);
INSERT INTO public.attack (what, statement) VALUES
  ('type USING', 'ALTER TABLE audit_events ALTER COLUMN metadata TYPE jsonb USING NULL'), ('type', 'ALTER TABLE audit_access ALTER COLUMN access TYPE varchar'),
  ('add column', 'ALTER TABLE audit_events ADD COLUMN extra int'), ('drop column', 'ALTER TABLE audit_events DROP COLUMN metadata'),
  ('drop default', 'ALTER TABLE audit_events ALTER id DROP DEFAULT'), ('default', 'ALTER TABLE audit_events ALTER created_at SET DEFAULT ''2000-01-01'''),
  ('not null', 'ALTER TABLE audit_events ALTER metadata SET NOT NULL'), ('drop not null', 'ALTER TABLE audit_deletion_log ALTER event_count DROP NOT NULL'),
  ('storage', 'ALTER TABLE audit_events ALTER metadata SET STORAGE PLAIN'), ('identity', 'ALTER TABLE audit_deletion_log ALTER event_count ADD GENERATED ALWAYS AS IDENTITY'),
  ('check', 'ALTER TABLE audit_events ADD CHECK (action_type <> ''X'') NOT VALID'), ('drop check', 'ALTER TABLE audit_events DROP CONSTRAINT check_action_type_not_empty'),
  ('check on a partition', format('ALTER TABLE %s ADD CHECK (action_type <> ''X'')', :'month')), ('primary key', 'ALTER TABLE audit_events DROP CONSTRAINT audit_events_pkey CASCADE'),
  ('unique constraint', 'ALTER TABLE audit_events ADD UNIQUE (workspace_id, created_at)'), ('exclusion', 'ALTER TABLE audit_access ADD EXCLUDE (role_name WITH =)'),
  ('foreign key', 'ALTER TABLE audit_access ADD FOREIGN KEY (id) REFERENCES public.app'), ('reference', 'CREATE TABLE public.r (a uuid, b timestamptz, c uuid, FOREIGN KEY (a, b, c) REFERENCES audit_events)'),
  ('column reference', 'CREATE TABLE public.r (a uuid REFERENCES audit_access)'), ('reference added', 'ALTER TABLE public.app ADD FOREIGN KEY (workspace_id, created_at, id) REFERENCES audit_events'),
  ('column with reference', 'ALTER TABLE public.app ADD COLUMN a uuid REFERENCES audit_access'), ('reference in a new schema', 'CREATE SCHEMA s CREATE TABLE r (a uuid REFERENCES trail.audit_access)'),
  ('create rule', 'CREATE RULE r AS ON INSERT TO audit_events DO INSTEAD NOTHING'), ('rule on a view', 'CREATE RULE r AS ON INSERT TO audit_event_sequence DO INSTEAD NOTHING'),
  ('trigger', 'CREATE TRIGGER a BEFORE INSERT ON audit_events FOR EACH ROW EXECUTE FUNCTION theirs()'), ('after trigger', 'CREATE TRIGGER a AFTER INSERT ON audit_events FOR EACH ROW EXECUTE FUNCTION theirs()'),
  ('trigger on a partition', format('CREATE TRIGGER a BEFORE INSERT ON %s FOR EACH ROW EXECUTE FUNCTION theirs()', :'month')), ('constraint trigger', 'CREATE CONSTRAINT TRIGGER a AFTER INSERT ON audit_access DEFERRABLE FOR EACH ROW EXECUTE FUNCTION theirs()'),
  ('replaced trigger', 'CREATE OR REPLACE TRIGGER audit_events_guard BEFORE UPDATE OR DELETE ON audit_events FOR EACH ROW EXECUTE FUNCTION theirs()'), ('instead of', 'CREATE TRIGGER a INSTEAD OF DELETE ON audit_event_sequence FOR EACH ROW EXECUTE FUNCTION theirs()'),
  ('disable guard', 'ALTER TABLE audit_events DISABLE TRIGGER audit_events_guard'), ('disable all', 'ALTER TABLE audit_events DISABLE TRIGGER ALL'), ('disable user', 'ALTER TABLE audit_deletion_log DISABLE TRIGGER USER'),
  ('disable on a partition', format('ALTER TABLE %s DISABLE TRIGGER ALL', :'month')), ('enable replica', 'ALTER TABLE audit_events ENABLE REPLICA TRIGGER audit_events_guard'), ('enable plainly', 'ALTER TABLE audit_events ENABLE TRIGGER audit_events_guard'),
  ('membership, always', 'ALTER TABLE audit_events ENABLE ALWAYS TRIGGER check_audit_workspace_membership'), ('membership, one partition', format('ALTER TABLE %s DISABLE TRIGGER check_audit_workspace_membership', :'month')),
  ('allowed and not', 'ALTER TABLE audit_events DISABLE TRIGGER check_audit_workspace_membership, DISABLE TRIGGER audit_events_guard'),
  ('drop trigger', 'DROP TRIGGER audit_events_guard ON audit_events'), ('rename trigger', 'ALTER TRIGGER audit_events_guard ON audit_events RENAME TO zzz'), ('trigger depends', 'ALTER TRIGGER audit_events_guard ON audit_events DEPENDS ON EXTENSION plpgsql'),
  ('policy', 'CREATE POLICY p ON audit_events USING (false)'), ('row security', 'ALTER TABLE audit_events ENABLE ROW LEVEL SECURITY'), ('force row security', 'ALTER TABLE audit_events_default FORCE ROW LEVEL SECURITY'),
  ('partition of', 'CREATE TABLE public.p PARTITION OF audit_events FOR VALUES FROM (''1990-01-01Z'') TO (''1990-02-01Z'')'), ('attach', 'ALTER TABLE audit_events ATTACH PARTITION public.app FOR VALUES FROM (''1990-01-01Z'') TO (''1990-02-01Z'')'),
  ('detach', format('ALTER TABLE audit_events DETACH PARTITION %s', :'month')), ('detach default', 'ALTER TABLE audit_events DETACH PARTITION audit_events_default'),
  ('be a partition', 'ALTER TABLE public.parent ATTACH PARTITION audit_access DEFAULT'), ('partition in a new schema', 'CREATE SCHEMA s CREATE TABLE p PARTITION OF trail.audit_events FOR VALUES FROM (''1990-01-01Z'') TO (''1990-02-01Z'')'),
  ('foreign partition', 'CREATE FOREIGN TABLE public.p PARTITION OF audit_events FOR VALUES FROM (''1990-01-01Z'') TO (''1990-02-01Z'') SERVER nowhere'),
  ('inherits', 'CREATE TABLE public.c () INHERITS (audit_deletion_log)'), ('inherit', 'ALTER TABLE audit_access INHERIT public.app'), ('be inherited', 'ALTER TABLE public.app INHERIT audit_access'), ('no inherit', 'ALTER TABLE audit_access NO INHERIT public.app'),
  ('unlogged', 'ALTER TABLE audit_deletion_log SET UNLOGGED'), ('unlogged partition', format('ALTER TABLE %s SET UNLOGGED', :'month')), ('access method', 'ALTER TABLE audit_deletion_log SET ACCESS METHOD heap'),
  ('tablespace', 'ALTER TABLE audit_deletion_log SET TABLESPACE pg_default'), ('of type', 'ALTER TABLE audit_access NOT OF'),
  ('owner', 'ALTER TABLE audit_events OWNER TO t_other'), ('owner of a partition', 'ALTER TABLE audit_events_default OWNER TO t_other'), ('owner of a view', 'ALTER VIEW vw_security_audit OWNER TO t_other'),
  ('set schema', 'ALTER TABLE audit_events SET SCHEMA public'), ('rename', 'ALTER TABLE audit_events RENAME TO zzz'), ('rename partition', format('ALTER TABLE %s RENAME TO zzz', :'month')), ('rename as a view', 'ALTER VIEW audit_deletion_log RENAME TO zzz'),
  ('rename column', 'ALTER TABLE audit_events RENAME COLUMN tags TO labels'), ('rename constraint', 'ALTER TABLE audit_events RENAME CONSTRAINT check_action_type_not_empty TO zzz'),
  ('rename index', 'ALTER INDEX audit_events_id_idx RENAME TO zzz'), ('drop index', 'DROP INDEX audit_events_id_idx'), ('drop index CASCADE', 'DROP INDEX audit_events_archive_resource_idx CASCADE'),
  ('unique index', 'CREATE UNIQUE INDEX ON audit_events_default (action_type)'), ('dividing index', 'CREATE INDEX ON audit_events ((1 / length(action_type)))'), ('casting index', 'CREATE INDEX ON audit_events (((metadata->>''n'')::int))'),
  ('index with a function', 'CREATE INDEX ON audit_events (theirs(action_type))'), ('partial index', 'CREATE INDEX ON audit_events (id) WHERE theirs(action_type) > 1'), ('index with their operator', 'CREATE INDEX ON audit_events ((action_type ?| ''x''::text))'),
  ('statistics', 'CREATE STATISTICS s ON (theirs(action_type)), action_type FROM audit_events'), ('statistics with their operator', 'CREATE STATISTICS s ON (''x''::text ? action_type), action_type FROM audit_events'),
  ('index with their operator class', 'CREATE INDEX ON audit_events (action_type public.theirs_ops)'),
  ('their operator class, concurrently', 'CREATE INDEX CONCURRENTLY ON audit_events_default (action_type public.theirs_ops)'), ('their default, concurrently', 'CREATE INDEX CONCURRENTLY ON audit_events_default USING gist (action_type)'),
  ('sequence', 'ALTER SEQUENCE audit_archive_attempts MAXVALUE 10 RESTART 1'), ('sequence, owned', 'ALTER SEQUENCE audit_archive_attempts OWNED BY public.app.id'), ('sequence of a column', 'CREATE SEQUENCE s OWNED BY audit_events.metadata'),
  ('constraint trigger from', 'CREATE CONSTRAINT TRIGGER a AFTER INSERT ON public.app FROM audit_access FOR EACH ROW EXECUTE FUNCTION theirs()'),
  ('samples of payload', 'ALTER TABLE audit_events ALTER user_agent SET STATISTICS 100'), ('samples in a partition', format('ALTER TABLE %s ALTER metadata SET STATISTICS -1', :'month')),
  ('samples in statistics', 'CREATE STATISTICS s ON user_agent, action_type FROM audit_events'), ('samples in an expression', 'CREATE STATISTICS s ON (metadata->>''k''), action_type FROM audit_events'),
  ('drop table', 'DROP TABLE audit_events'), ('drop tables', 'DROP TABLE public.app, audit_events_archive CASCADE'), ('drop partition', format('DROP TABLE %s', :'month')), ('drop view', 'DROP VIEW vw_security_audit'),
  ('replace view', 'CREATE OR REPLACE VIEW vw_security_audit AS SELECT * FROM audit_events'), ('view options', 'ALTER VIEW vw_security_audit RESET (security_barrier)'),
  ('drop schema', 'DROP SCHEMA trail CASCADE'), ('drop schemas', 'DROP SCHEMA IF EXISTS nowhere, trail CASCADE'), ('drop owned', 'DROP OWNED BY t_owner CASCADE'), ('drop owned, restrict', 'DROP OWNED BY t_owner'),
  ('grant', 'GRANT UPDATE ON audit_events TO t_other'), ('grant all', 'GRANT ALL ON audit_events TO t_other'), ('grant to everybody', 'GRANT SELECT ON audit_events TO t_other, PUBLIC'), ('grant truncate', 'GRANT TRUNCATE, TRIGGER, REFERENCES ON audit_deletion_log TO t_other'), ('grant on a partition', 'GRANT SELECT ON audit_events_default TO t_other'), ('grant to pass on', 'GRANT SELECT ON audit_events TO t_other WITH GRANT OPTION'),
  ('grant on a column', 'GRANT SELECT (id) ON audit_events TO t_other'), ('grant in a new schema', 'CREATE SCHEMA s GRANT DELETE ON trail.audit_events TO t_other'), ('grant setup', 'GRANT EXECUTE ON FUNCTION audit_setup() TO t_other'), ('revoke from the owner', 'REVOKE INSERT ON audit_events FROM t_owner'), ('revoke all from the owner', 'REVOKE ALL ON ALL TABLES IN SCHEMA trail FROM t_owner'),
  ('replace function', 'CREATE OR REPLACE FUNCTION trail.audit_events_guard() RETURNS trigger LANGUAGE plpgsql AS ''BEGIN RETURN NULL; END'''), ('overload', 'CREATE FUNCTION trail.insert_audit_event(json) RETURNS uuid LANGUAGE sql RETURN NULL'),
  ('aggregate', 'CREATE AGGREGATE trail.insert_audit_event(int) (sfunc = int4pl, stype = int)'),
  ('alter function', 'ALTER FUNCTION audit_events_guard() SET session_replication_role = replica'), ('rename function', 'ALTER FUNCTION audit_events_guard() RENAME TO zzz'), ('function owner', 'ALTER FUNCTION insert_audit_event OWNER TO t_other'), ('function schema', 'ALTER ROUTINE audit_events_guard() SET SCHEMA public'),
  ('extension drops', 'ALTER EXTENSION audit_ext DROP FUNCTION audit_events_guard()'), ('extension adds', 'ALTER EXTENSION audit_ext ADD TABLE audit_events'), ('other extension adds', 'ALTER EXTENSION plpgsql ADD TABLE audit_events'),
  ('security label', 'SECURITY LABEL ON TABLE audit_events IS ''x'''), ('in a DO block', 'DO $$ BEGIN EXECUTE ''ALTER TABLE trail.audit_events ADD COLUMN x int''; END $$'), ('in a procedure', 'DO $$ BEGIN EXECUTE ''DO $x$ BEGIN DROP TABLE trail.audit_events CASCADE; END $x$''; END $$');

-- Each as the superuser who owns it, then the others again: only what is not 23001 is shown.
CREATE FUNCTION public.state() RETURNS text LANGUAGE sql AS $$
  SELECT md5(string_agg(line, E'\n' ORDER BY line)) FROM (
    SELECT e::text FROM trail.audit_events e UNION ALL SELECT format('%s %s %s %s %s', relname, relkind, relowner, relacl, relpersistence) FROM pg_class WHERE relnamespace = 'trail'::regnamespace
    UNION ALL SELECT format('%s %s %s', tgrelid::regclass, tgname, tgenabled) FROM pg_trigger UNION ALL SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE connamespace = 'trail'::regnamespace
    UNION ALL SELECT format('%s %s %s %s', attrelid::regclass, attname, atttypid, attstorage) FROM pg_attribute JOIN pg_class c ON c.oid = attrelid WHERE relnamespace = 'trail'::regnamespace
    UNION ALL SELECT format('%s %s %s %s', proname, prosrc, proowner, proacl) FROM pg_proc WHERE pronamespace = 'trail'::regnamespace) AS every (line)
$$;
SELECT public.state() AS before \gset
SELECT what, code, test.masked(message) AS message FROM public.attack, LATERAL test.refusal(statement) ORDER BY no;
SET session_replication_role = replica;
SELECT what AS "not refused to a replica", code, message FROM public.attack, LATERAL test.refusal(statement) WHERE code <> '23001' ORDER BY no;
RESET session_replication_role;
RESET ROLE;
GRANT ALL ON SCHEMA test TO t_owner;
SELECT what AS "not refused to another superuser", code, message FROM public.attack, LATERAL test.refusal(statement) WHERE code <> '23001' ORDER BY no;
ALTER ROLE t_owner NOSUPERUSER;
SET SESSION AUTHORIZATION t_owner;
SELECT what AS "not refused to an owner who is no superuser", code, message FROM public.attack, LATERAL test.refusal(statement) WHERE code <> '23001' ORDER BY no;
RESET SESSION AUTHORIZATION;
SELECT public.state() = :'before' AS "nothing changed";
-- Every relation and index that the extension made is known to the guard.
SELECT relname AS "not guarded", relkind FROM pg_class, LATERAL test.refusal(format(CASE WHEN relkind IN ('i', 'I') THEN 'ALTER INDEX %s RENAME TO zzz' ELSE 'ALTER TABLE %s ADD COLUMN zzz int' END, oid::regclass))
WHERE relnamespace = 'trail'::regnamespace AND relkind <> 'c' AND code <> '23001';
-- What names no table, and would move these.
SELECT code, regexp_replace(message, '"audit_[a-z_]+"', 'one of them') AS message FROM test.refusal('ALTER TABLE ALL IN TABLESPACE pg_default SET TABLESPACE t_space');
SET session_replication_role = replica;
SELECT code FROM test.refusal('ALTER INDEX ALL IN TABLESPACE pg_default OWNED BY t_owner SET TABLESPACE t_space');
RESET session_replication_role;
-- What cannot run in a block.
SELECT format('ALTER TABLE audit_events DETACH PARTITION %s CONCURRENTLY', :'month') AS detach \gset
:detach;
\echo :LAST_ERROR_SQLSTATE
CREATE UNIQUE INDEX CONCURRENTLY ON audit_events_default (action_type);
CREATE INDEX CONCURRENTLY ON audit_events_default ((metadata->>'k'));
DROP INDEX CONCURRENTLY audit_deletion_log_workspace_idx;
\echo :LAST_ERROR_SQLSTATE
-- Postgres itself: functions go with the extension only; event triggers go to superusers only, so REASSIGN OWNED fails.
SELECT code, message FROM test.refusal('DROP FUNCTION audit_events_guard() CASCADE');
SELECT code, message FROM test.refusal('REASSIGN OWNED BY t_owner TO t_other');
SELECT public.state() = :'before' AS "nothing changed";
SELECT count(*) FROM get_audit_trail('10000000-0000-4000-8000-000000000001');
DROP TABLESPACE t_space;
