-- Imports that are refused: what cannot be a mapping, what cannot be an event, who may not; and ids of version 8 by any other path.
\i tests/golden/prelude.sql
CREATE EXTENSION audit_ext;
SET client_min_messages = warning;
SET TimeZone = 'UTC';
CREATE FUNCTION w(int) RETURNS uuid LANGUAGE sql IMMUTABLE RETURN ('10000000-0000-4000-8000-' || lpad($1::text, 12, '0'))::uuid;
CREATE TABLE source (source_id text, created_at timestamptz, action_type text, resource_type text, workspace_id uuid, created_by_user_id uuid, old_values jsonb, metadata jsonb);
INSERT INTO source SELECT 'row ' || n, timestamptz '2024-03-01 00:00+00' + interval '1 hour' * n, 'EDIT', 'ticket', w(1), w(2) FROM generate_series(1, 10) AS n;
-- Arguments.
CALL import_audit_events(NULL, 'x');
CREATE INDEX source_idx ON source (created_at);
CALL import_audit_events('source_idx', 'x');
CALL import_audit_events('source', NULL);
CALL import_audit_events('source', '  ');
CALL import_audit_events('source', repeat('x', 201));
CALL import_audit_events('source', 'x', p_batch => 0);
CALL import_audit_events('source', 'x', p_batch => 1000001);
CALL import_audit_events('source', 'x', '[]');
CALL import_audit_events('source', 'x', '{"id": "source_id"}');
CALL import_audit_events('source', 'x', '{"user_agent": "agent"}');
CALL import_audit_events('source', 'x', '{"user_agent": {"sql": "now()"}}');
CALL import_audit_events('source', 'x', '{"source_id": {"value": "1"}}');
CALL import_audit_events('source', 'x', '{"user_agent": "source_id FROM source; DROP TABLE source; --"}');
CALL import_audit_events('source', 'x', '{"action_type": {"value": "''); DROP TABLE source; --"}, "workspace_id": {"value": "no uuid"}}');
BEGIN;
CALL import_audit_events('source', 'x');
ROLLBACK;
SELECT count(*) AS imported FROM audit_events WHERE substr(id::text, 15, 1) = '8';

-- A row that no event can be made of ends its batch; the batches before it stay, and the next run goes on.
\set attempt 'CALL import_audit_events(''source'', ''x'', p_batch => 3);'
UPDATE source SET action_type = ' ' WHERE source_id = 'row 5';
:attempt
SELECT state, imported_count, failure FROM audit_imports;
SELECT count(*) AS imported FROM audit_events WHERE substr(id::text, 15, 1) = '8';
UPDATE source SET action_type = 'EDIT', metadata = '{"audit_ext": {}}' WHERE source_id = 'row 5';
:attempt
UPDATE source SET metadata = NULL, old_values = '{}' WHERE source_id = 'row 5';
:attempt
UPDATE source SET old_values = NULL, workspace_id = NULL WHERE source_id = 'row 5';
:attempt
UPDATE source SET workspace_id = w(1), created_at = NULL WHERE source_id = 'row 5';
:attempt
UPDATE source SET created_at = '1969-12-31' WHERE source_id = 'row 5';
:attempt
UPDATE source SET created_at = now() + interval '3 years' WHERE source_id = 'row 5';
:attempt
UPDATE source SET created_at = '2024-03-01 05:00+00', source_id = NULL WHERE source_id = 'row 5';
:attempt
UPDATE source SET source_id = 'row 5' WHERE source_id IS NULL;
INSERT INTO source SELECT * FROM source WHERE source_id = 'row 5';
:attempt
DELETE FROM source WHERE ctid = (SELECT max(ctid) FROM source WHERE source_id = 'row 5');
:attempt
SELECT state, imported_count, skipped_count, failure FROM audit_imports;
UPDATE source SET resource_type = 'changed' WHERE source_id = 'row 2';
:attempt
UPDATE source SET resource_type = 'ticket' WHERE source_id = 'row 2';
CREATE TABLE other AS TABLE source;
CALL import_audit_events('other', 'x');
SELECT count(*) AS imported, count(DISTINCT id) AS ids FROM audit_events WHERE substr(id::text, 15, 1) = '8';
SELECT count(*) AS months_ahead FROM pg_inherits WHERE inhparent = 'audit_events'::regclass AND inhrelid::regclass::text LIKE '%' || to_char(now() + interval '3 years', 'YYYY');

-- Who may: the owner, with the caller's rights on the source.
CREATE ROLE imports_clerk;
SELECT audit_grant('imports_clerk', level) FROM unnest('{operator,compliance,writer}'::text[]) AS level;
SET ROLE imports_clerk;
CALL import_audit_events('source', 'y');
SELECT name, state FROM audit_imports;
RESET ROLE;
GRANT EXECUTE ON PROCEDURE import_audit_events TO imports_clerk;
-- The table is written by nobody else.
SELECT code, message, hint FROM test.refusal($$INSERT INTO audit_imports (name, source, mapping) VALUES ('z', 'z', '{}')$$);
SELECT code, message FROM test.refusal($$UPDATE audit_imports SET state = 'finished'$$);
SELECT code, message FROM test.refusal($$DELETE FROM audit_imports$$);
SELECT code, message FROM test.refusal($$TRUNCATE audit_imports$$);

-- No other path takes an id of version 8.
SELECT id AS imported FROM audit_events WHERE substr(id::text, 15, 1) = '8' ORDER BY id LIMIT 1 \gset
SELECT code, message FROM test.refusal($$INSERT INTO audit_events (id, created_at, action_type, resource_type, workspace_id, created_by_user_id) VALUES ('018df7b1-8c00-8000-8000-000000000001', '2024-03-01', 'EDIT', 'ticket', w(9), w(2))$$);
SELECT code, message FROM test.refusal($$INSERT INTO audit_events_archive (id, created_at, action_type, resource_type, workspace_id, created_by_user_id) VALUES ('018df7b1-8c00-8000-8000-000000000001', '2024-03-01', 'EDIT', 'ticket', w(9), w(2))$$);
SELECT code, message FROM test.refusal($$SELECT insert_audit_events('[{"id": "018df7b1-8c00-8000-8000-000000000001", "action_type": "EDIT", "resource_type": "ticket"}]')$$);
COPY audit_events (id, created_at, action_type, resource_type, workspace_id, created_by_user_id) FROM STDIN WITH (DELIMITER ',');
018df7b1-8c00-8000-8000-000000000001,2024-03-01,EDIT,ticket,10000000-0000-4000-8000-000000000009,10000000-0000-4000-8000-000000000002
\.
SELECT code, message FROM test.refusal(format('UPDATE audit_events SET action_type = %L WHERE id = %L', 'X', :'imported'));
DROP OWNED BY imports_clerk;
DROP ROLE imports_clerk;
