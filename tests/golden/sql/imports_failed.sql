-- Imports that an error of PostgreSQL ends: the row is named where it can be told from the others, the import has failed, and the next run goes on.
\i tests/golden/prelude.sql
CREATE EXTENSION audit_ext;
SET client_min_messages = warning;
SET TimeZone = 'UTC';
CREATE FUNCTION w(int) RETURNS uuid LANGUAGE sql IMMUTABLE RETURN ('10000000-0000-4000-8000-' || lpad($1::text, 12, '0'))::uuid;
CREATE TABLE source (source_id text, created_at text, action_type text, resource_type text, workspace_id text, created_by_user_id uuid, amount int);
INSERT INTO source SELECT 'row ' || n, timestamptz '2024-03-01 00:00+00' + interval '1 hour' * n, 'EDIT', 'ticket', w(1), w(2), n FROM generate_series(1, 40) AS n;
CREATE VIEW runs AS SELECT name, state, finished_at IS NOT NULL AS ended, imported_count, failure FROM audit_imports ORDER BY name;

-- A value that cannot be cast, and an expression of a view: the row is named, nothing is imported, and the import has failed.
UPDATE source SET workspace_id = 'no uuid' WHERE source_id = 'row 17';
CALL import_audit_events('source', 'cast', p_batch => 3);
SELECT * FROM runs;
UPDATE source SET workspace_id = w(1) WHERE source_id = 'row 17';
UPDATE source SET created_at = 'yesterday evening' WHERE source_id = 'row 3';
CALL import_audit_events('source', 'cast');
SELECT * FROM runs;
UPDATE source SET created_at = '2024-03-01 03:00+00' WHERE source_id = 'row 3';
CALL import_audit_events('source', 'cast');
SELECT * FROM runs;
-- The second run says how the first one ended.
SELECT new_values ->> 'after' AS after FROM audit_events WHERE action_type = 'AUDIT_IMPORT_STARTED' ORDER BY created_at, id;
CREATE VIEW shares AS SELECT source_id, created_at, action_type, resource_type, workspace_id, created_by_user_id, jsonb_build_object('share', 100 / (amount - 20)) AS new_values FROM source;
CALL import_audit_events('shares', 'expression');
SELECT * FROM runs WHERE name = 'expression';
UPDATE source SET amount = 0 WHERE source_id = 'row 20';
CALL import_audit_events('shares', 'expression');
SELECT * FROM runs WHERE name = 'expression';
-- Two such rows: one of them is named. None, where no row can be told from the others.
UPDATE source SET workspace_id = 'no uuid' WHERE source_id IN ('row 8', 'row 9');
CALL import_audit_events('source', 'two', p_batch => 7);
CREATE VIEW never AS SELECT source_id, created_at, resource_type, created_by_user_id, (1 / (count(*) OVER () - 40))::text AS action_type, w(1) AS workspace_id FROM source;
CALL import_audit_events('never', 'never');
CREATE VIEW nameless AS SELECT CASE WHEN amount <> 8 AND amount <> 9 THEN source_id END AS source_id, created_at, action_type, resource_type, workspace_id, created_by_user_id FROM source;
CALL import_audit_events('nameless', 'nameless');
UPDATE source SET workspace_id = w(1);
SELECT * FROM runs WHERE name IN ('two', 'never', 'nameless');

-- What no row could pass leaves no import behind.
CREATE VIEW wrong AS SELECT source_id, created_at, action_type, resource_type, amount AS workspace_id, created_by_user_id FROM source;
CALL import_audit_events('wrong', 'wrong');
CALL import_audit_events('source', 'wrong', '{"workspace_id": {"value": "no uuid"}}');
SELECT count(*) AS none FROM audit_imports WHERE name = 'wrong';

-- A constraint that somebody added is asked for each row, also one that raises an error.
CALL test.past_the_guard($$ALTER TABLE audit_events ADD CONSTRAINT theirs CHECK (CASE WHEN user_agent = 'row 5 of it' THEN 1 / (octet_length(user_agent) - 11) > 0 ELSE user_agent IS DISTINCT FROM 'row 6 of it' END) NOT VALID$$);
CREATE VIEW judged AS SELECT source_id || ' of it' AS source_id, source_id || ' of it' AS user_agent, created_at, action_type, resource_type, workspace_id, created_by_user_id FROM source;
CALL import_audit_events('judged', 'judged', p_batch => 2);
SELECT * FROM runs WHERE name = 'judged';
CALL test.past_the_guard('ALTER TABLE audit_events DROP CONSTRAINT theirs');
CALL import_audit_events('judged', 'judged', p_batch => 2);
SELECT * FROM runs WHERE name = 'judged';

-- Functions that cannot be called there.
CREATE FUNCTION commits(text) RETURNS text LANGUAGE plpgsql VOLATILE AS $$ BEGIN COMMIT; RETURN $1; END $$;
CREATE VIEW committing AS SELECT source_id, created_at, commits(action_type) AS action_type, resource_type, workspace_id, created_by_user_id FROM source;
CALL import_audit_events('committing', 'committing');
CREATE FUNCTION again(text) RETURNS text LANGUAGE plpgsql VOLATILE AS $$ BEGIN CALL public.import_audit_events('public.source', 'within'); RETURN $1; END $$;
CREATE VIEW recursive_one AS SELECT source_id, created_at, again(action_type) AS action_type, resource_type, workspace_id, created_by_user_id FROM source;
CALL import_audit_events('recursive_one', 'within');
SELECT name, state, failure FROM runs WHERE name IN ('committing', 'within');
-- A timeout.
CREATE VIEW slow AS SELECT source_id, created_at, action_type || pg_sleep(1)::text AS action_type, resource_type, workspace_id, created_by_user_id FROM source;
SET statement_timeout = '2s';
CALL import_audit_events('slow', 'slow');
RESET statement_timeout;
SELECT state, failure FROM runs WHERE name = 'slow';

-- The trail is sound, and nothing is left running.
SELECT sealed_count > 0 AS sealed FROM audit_seal();
SELECT code, detail FROM audit_verify() WHERE severity <> 'info';
SELECT count(*) AS running FROM audit_imports WHERE state = 'running';
