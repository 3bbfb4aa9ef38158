-- Imports from hostile sources: errors of the documented kinds, and nobody's rights but the caller's.
\i tests/golden/prelude.sql
CREATE EXTENSION audit_ext;
SET client_min_messages = warning;
SET TimeZone = 'UTC';
CREATE FUNCTION w(int) RETURNS uuid LANGUAGE sql IMMUTABLE RETURN ('10000000-0000-4000-8000-' || lpad($1::text, 12, '0'))::uuid;
CREATE TABLE source (source_id text, created_at text, action_type text, resource_type text, workspace_id text, created_by_user_id uuid, amount int);
INSERT INTO source SELECT 'row ' || n, timestamptz '2024-03-01 00:00+00' + interval '1 hour' * n, 'EDIT', 'ticket', w(1), w(2), n FROM generate_series(1, 40) AS n;
CREATE VIEW runs AS SELECT name, state, finished_at IS NOT NULL AS ended, imported_count, failure FROM audit_imports ORDER BY name;

-- A trigger of somebody would be passed by, so nothing is imported beside it.
CREATE VIEW judged AS SELECT 'j ' || source_id AS source_id, created_at, action_type, resource_type, workspace_id, created_by_user_id FROM source;
CREATE FUNCTION theirs() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
CALL test.past_the_guard('CREATE TRIGGER theirs BEFORE INSERT ON audit_events FOR EACH ROW EXECUTE FUNCTION theirs()');
CALL import_audit_events('judged', 'judged');
SELECT * FROM runs WHERE name = 'judged';
CALL test.past_the_guard('DROP TRIGGER theirs ON audit_events');
CALL import_audit_events('judged', 'judged');
SELECT * FROM runs WHERE name = 'judged';

-- Times that are none.
UPDATE source SET created_at = 'infinity' WHERE source_id = 'row 1';
CALL import_audit_events('source', 'times');
UPDATE source SET created_at = '-infinity' WHERE source_id = 'row 1';
CALL import_audit_events('source', 'times');
UPDATE source SET created_at = NULL WHERE source_id = 'row 1';
CALL import_audit_events('source', 'times');
UPDATE source SET created_at = '2024-03-01 01:00+00' WHERE source_id = 'row 1';
SELECT * FROM runs WHERE name = 'times';

-- No rows; a temporary table; a tracked table, whose own events are recorded as ever; the trail itself; a sequence.
CREATE TEMP TABLE empty AS SELECT * FROM source LIMIT 0;
CALL import_audit_events('empty', 'empty');
SELECT * FROM runs WHERE name = 'empty';
CREATE TEMP TABLE scratch AS SELECT 't ' || source_id AS source_id, created_at, action_type, resource_type, workspace_id, created_by_user_id FROM source LIMIT 5;
CALL import_audit_events('scratch', 'scratch');
CREATE TABLE tracked AS SELECT source_id, created_at, action_type, resource_type, workspace_id, created_by_user_id FROM source LIMIT 5;
ALTER TABLE tracked ADD PRIMARY KEY (source_id);
SELECT audit_track_table('tracked') IS NOT NULL AS tracked;
CALL import_audit_events('tracked', 'tracked');
\set VERBOSITY terse
CALL import_audit_events('audit_events', 'itself', '{"source_id": "id"}');
\set VERBOSITY default
CREATE SEQUENCE numbers;
CALL import_audit_events('numbers', 'numbers');
SELECT name, state, imported_count FROM runs WHERE name IN ('scratch', 'tracked', 'itself', 'numbers');

-- Functions of a view run with the caller's rights, and cannot do what the procedure does.
CREATE TABLE seen (who name, wrote boolean);
CREATE FUNCTION peeks(text) RETURNS text LANGUAGE plpgsql VOLATILE AS $$ BEGIN
  INSERT INTO public.seen VALUES (current_user, true);
  BEGIN UPDATE public.audit_imports SET state = 'finished'; EXCEPTION WHEN OTHERS THEN INSERT INTO public.seen VALUES (SQLSTATE, false); END;
  RETURN $1; END $$;
CREATE VIEW peeking AS SELECT 'p ' || source_id AS source_id, created_at, peeks(action_type) AS action_type, resource_type, workspace_id, created_by_user_id FROM source LIMIT 3;
CALL import_audit_events('peeking', 'peeking');
SELECT DISTINCT who = current_user AS me, CASE WHEN NOT wrote THEN who END AS refused FROM seen ORDER BY 1;
SELECT * FROM runs WHERE name = 'peeking';

-- A table of somebody else, with row-level security: each caller imports what it may read itself. The clerk may call the procedure only past the guard.
CREATE ROLE imports_clerk;
CREATE ROLE imports_other;
GRANT CREATE ON SCHEMA public TO imports_other;
CALL test.past_the_guard('GRANT EXECUTE ON PROCEDURE import_audit_events TO imports_clerk');
SET ROLE imports_other;
CREATE TABLE others AS SELECT 'o ' || n AS source_id, timestamptz '2024-03-02' + interval '1 hour' * n AS created_at, 'EDIT' AS action_type, 'ticket' AS resource_type,
  '10000000-0000-4000-8000-000000000001'::uuid AS workspace_id, '10000000-0000-4000-8000-000000000002'::uuid AS created_by_user_id, current_user::text AS user_agent FROM generate_series(1, 9) AS n;
ALTER TABLE others ENABLE ROW LEVEL SECURITY;
CREATE POLICY few ON others TO imports_clerk USING (source_id < 'o 4' AND current_user = 'imports_clerk');
SET ROLE imports_clerk;
CALL import_audit_events('others', 'others');
CALL import_audit_events('source', 'sources');
RESET ROLE;
SELECT count(*) AS none FROM audit_imports WHERE name IN ('others', 'sources');
GRANT SELECT ON others TO imports_clerk;
SET ROLE imports_clerk;
CALL import_audit_events('others', 'others');
SELECT current_user;
RESET ROLE;
SELECT state, imported_count FROM runs WHERE name = 'others';
DROP OWNED BY imports_other, imports_clerk;
DROP ROLE imports_other, imports_clerk;

-- Those who acted then need not be members now; a live event of one who is none is refused.
CREATE TABLE members (workspace_id uuid, user_id uuid);
SELECT audit_set_membership_source('members', 'workspace_id', 'user_id') \g /dev/null
CREATE VIEW left_since AS SELECT 'l ' || source_id AS source_id, created_at, action_type, resource_type, workspace_id, created_by_user_id FROM source;
CALL import_audit_events('left_since', 'left since');
SELECT state, imported_count FROM runs WHERE name = 'left since';
SELECT code, constraint_name FROM test.refusal($$SELECT insert_audit_event('EDIT', 'ticket', NULL, w(1), w(2))$$);

-- The trail is as it was made.
SELECT sealed_count > 0 AS sealed FROM audit_seal();
SELECT code, detail FROM audit_verify() WHERE severity <> 'info';
SELECT name, state FROM audit_imports WHERE state <> 'finished' ORDER BY name;
