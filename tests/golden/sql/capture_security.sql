-- Capture runs nobody's code with the trail's rights: rows are converted as the user who changes them, casts of users are not looked for.
\i tests/golden/prelude.sql
CREATE EXTENSION audit_ext;
CREATE ROLE t_mallory; CREATE ROLE t_victim;
GRANT CREATE ON SCHEMA public TO t_mallory;
-- A type whose cast to json makes its owner a superuser when the cast runs with the rights of one.
SET ROLE t_mallory;
CREATE TYPE mood AS ENUM ('sad', 'happy');
CREATE FUNCTION mood_to_json(mood) RETURNS json LANGUAGE plpgsql AS $$ BEGIN ALTER ROLE t_mallory SUPERUSER; RETURN '"x"'; END $$;
CREATE CAST (mood AS json) WITH FUNCTION mood_to_json(mood) AS ASSIGNMENT;
CREATE TYPE pair AS (m mood, n int);
-- A domain whose check tells who evaluates it; a row trigger that tells who is acting.
CREATE TABLE trap (id int PRIMARY KEY, m mood, ms mood[], p pair);
GRANT ALL ON trap TO t_victim;
CREATE FUNCTION who() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE NOTICE 'acting as %', current_user; RETURN NULL; END $$;
CREATE TRIGGER who AFTER INSERT ON trap FOR EACH ROW EXECUTE FUNCTION who();
RESET ROLE;
SELECT audit_track_table('trap', NULL) \g /dev/null
SET ROLE t_victim;
INSERT INTO trap VALUES (1, 'happy', '{sad,happy}', '(sad,2)');
UPDATE trap SET m = 'sad';
RESET ROLE;
INSERT INTO trap VALUES (2, 'happy', '{happy}', '(happy,3)');
SELECT rolname, rolsuper FROM pg_roles WHERE rolname = 't_mallory';
SELECT action_type, old_values, new_values FROM audit_events WHERE resource_type = 'trap' ORDER BY created_at;

-- A type with an output function of its own is printed by it, as the user who writes.
SET client_min_messages = warning;
CREATE TYPE probe;
CREATE FUNCTION probe_in(cstring) RETURNS probe LANGUAGE internal IMMUTABLE STRICT AS 'textin';
CREATE FUNCTION probe_out(probe) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'textout';
CREATE TYPE probe (INPUT = probe_in, OUTPUT = probe_out, LIKE = text);
RESET client_min_messages;
CREATE TABLE probed (id int PRIMARY KEY, p probe);
GRANT ALL ON probed TO t_victim;
SELECT audit_track_table('probed', NULL) \g /dev/null
SET ROLE t_victim;
INSERT INTO probed VALUES (1, 'seen');
RESET ROLE;
SELECT new_values FROM audit_events WHERE resource_type = 'probed';

-- A writer of a tracked table needs no right on the trail, and gets none: no row can be read or written past capture.
SET ROLE t_victim;
SELECT code, message FROM unnest(ARRAY['SELECT * FROM audit_events', 'INSERT INTO audit_events (action_type) VALUES (''x'')', 'SELECT audit_track_table(''trap'')',
  'CREATE TRIGGER mine AFTER INSERT ON trap FOR EACH ROW EXECUTE FUNCTION audit_capture_changes()', 'ALTER TABLE trap DISABLE TRIGGER ALL', 'SET session_replication_role = replica']) AS statement, test.refusal(statement);
RESET ROLE;

-- Nothing depends on search_path, a hostile one included.
CREATE SCHEMA hostile;
CREATE FUNCTION hostile.now() RETURNS timestamptz LANGUAGE sql AS $$ SELECT 'epoch'::timestamptz $$;
CREATE TABLE hostile.audit_events (LIKE audit_events);
CREATE FUNCTION hostile.equal(uuid, uuid) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN RAISE 'hostile'; END $$;
CREATE OPERATOR hostile.= (LEFTARG = uuid, RIGHTARG = uuid, FUNCTION = hostile.equal);
GRANT USAGE ON SCHEMA hostile TO t_victim;
SET search_path = hostile, pg_catalog;
UPDATE public.trap SET m = 'happy' WHERE id = 1;
ALTER TABLE public.trap ADD COLUMN more int;
SELECT public.audit_untrack_table('public.trap'), public.audit_track_table('public.trap', NULL) \g /dev/null
UPDATE public.trap SET more = 1 WHERE id = 1;
SET search_path = '';
UPDATE public.trap SET more = 2 WHERE id = 1;
RESET search_path;
SELECT action_type, changed_fields FROM audit_events WHERE resource_type = 'trap' ORDER BY created_at DESC LIMIT 3;
SELECT count(*) FROM hostile.audit_events;
