-- Every way to change rows of a tracked table gives one event per changed row, with what changed; TRUNCATE gives one.
\i tests/golden/prelude.sql
CREATE EXTENSION audit_ext;
CREATE TABLE note (id uuid PRIMARY KEY, workspace_id uuid, title text, body text, seen int DEFAULT 0);
SELECT audit_track_table('note', p_ignored_columns => '{seen}') \g /dev/null
\set w '10000000-0000-4000-8000-000000000001'
-- Events since the last look, without what every one of them shares.
CREATE SEQUENCE looked;
CREATE FUNCTION events() RETURNS TABLE (action text, resource text, old_values jsonb, new_values jsonb, changed text[]) LANGUAGE sql AS $$
  SELECT action_type, right(resource_id::text, 2), old_values - '{id,workspace_id}'::text[], new_values - '{id,workspace_id}'::text[], changed_fields
  FROM audit_events WHERE resource_type = 'note' ORDER BY created_at, id OFFSET (SELECT last_value FROM looked) - 1
$$;
CREATE FUNCTION n(int) RETURNS uuid LANGUAGE sql RETURN ('20000000-0000-4000-8000-' || lpad($1::text, 12, '0'))::uuid;
\set look 'SELECT * FROM events(); SELECT setval(''looked'', 1 + (SELECT count(*) FROM audit_events WHERE resource_type = ''note'')) \\g /dev/null'

-- INSERT, of several rows and from a query; COPY.
INSERT INTO note VALUES (n(1), :'w', 'one', 'text'), (n(2), :'w', 'two', NULL);
INSERT INTO note (id, workspace_id, title) SELECT n(g), :'w', 'copy ' || g FROM generate_series(3, 4) AS g;
COPY note (id, workspace_id, title) FROM STDIN;
20000000-0000-4000-8000-000000000005	10000000-0000-4000-8000-000000000001	copied
\.
:look;
-- The whole event: resource, workspace, the key among the new values.
SELECT resource_type, resource_id, workspace_id, old_values, new_values, changed_fields, metadata FROM audit_events WHERE resource_type = 'note' ORDER BY created_at LIMIT 1;

-- UPDATE: what changed; nothing for what stays as it is, or is ignored.
UPDATE note SET title = upper(title), body = body WHERE id <= n(2);
UPDATE note SET title = title;
UPDATE note SET seen = seen + 1;
UPDATE note SET body = NULL WHERE id = n(1);
:look;
-- The key in both, so that the row is known.
SELECT old_values, new_values FROM audit_events WHERE action_type = 'UPDATE' ORDER BY created_at LIMIT 1;
-- A key that changes: the event belongs to the row as it was known.
UPDATE note SET id = n(14) WHERE id = n(4);
SELECT right(resource_id::text, 2) AS resource, old_values, new_values, changed_fields FROM audit_events WHERE action_type = 'UPDATE' ORDER BY created_at DESC LIMIT 1;
SELECT setval('looked', 1 + (SELECT count(*) FROM audit_events WHERE resource_type = 'note')) \g /dev/null

-- ON CONFLICT: an event for what was done to each row.
INSERT INTO note VALUES (n(1), :'w', 'again'), (n(6), :'w', 'new') ON CONFLICT (id) DO UPDATE SET title = excluded.title;
INSERT INTO note VALUES (n(1), :'w', 'nothing') ON CONFLICT DO NOTHING;
:look;
-- MERGE: all three at once.
MERGE INTO note USING (VALUES (n(1), 'merged'), (n(2), NULL), (n(7), 'seven')) AS source (id, title) ON source.id = note.id
WHEN MATCHED AND source.title IS NULL THEN DELETE
WHEN MATCHED THEN UPDATE SET title = source.title
WHEN NOT MATCHED THEN INSERT (id, workspace_id, title) VALUES (source.id, '10000000-0000-4000-8000-000000000001', source.title);
:look;
-- Several changes of one table in one statement.
WITH gone AS (DELETE FROM note WHERE id = n(7) RETURNING *), more AS (INSERT INTO note SELECT n(8), workspace_id, title FROM gone)
UPDATE note SET body = 'seen' FROM gone WHERE note.id = n(1);
:look;

-- Cascades: also of a table that refers to itself.
CREATE TABLE parent (id int PRIMARY KEY);
ALTER TABLE note ADD parent int REFERENCES parent ON DELETE CASCADE ON UPDATE CASCADE, ADD above uuid REFERENCES note ON DELETE SET NULL;
INSERT INTO parent VALUES (1);
SELECT setval('looked', 1 + (SELECT count(*) FROM audit_events WHERE resource_type = 'note')) \g /dev/null
INSERT INTO note (id, workspace_id, title, parent) VALUES (n(20), :'w', 'child', 1);
INSERT INTO note (id, workspace_id, title, above) VALUES (n(21), :'w', 'below', n(20));
UPDATE parent SET id = 2;
DELETE FROM parent;
:look;

-- Rolled back, to a savepoint too: no event.
BEGIN;
INSERT INTO note (id, workspace_id, title) VALUES (n(30), :'w', 'kept');
SAVEPOINT s;
UPDATE note SET title = 'undone';
ROLLBACK TO s;
COMMIT;
:look;

-- A trigger that has the last word, and one that changes other rows afterwards.
CREATE FUNCTION polish() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.title := initcap(NEW.title); RETURN NEW; END $$;
CREATE TRIGGER zz BEFORE UPDATE ON note FOR EACH ROW EXECUTE FUNCTION polish();
UPDATE note SET title = 'last word' WHERE id = n(30);
CREATE FUNCTION follow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  IF NEW.body IS NULL THEN UPDATE note SET body = NEW.title WHERE id = NEW.id; END IF; RETURN NULL; END $$;
CREATE TRIGGER follow AFTER UPDATE ON note FOR EACH ROW EXECUTE FUNCTION follow();
UPDATE note SET title = 'first, then' WHERE id = n(30);
:look;
DROP TRIGGER follow ON note;
ALTER TABLE note RESET (fillfactor);

-- Under replica, too, however the table is captured.
SET session_replication_role = replica;
UPDATE note SET title = 'replica' WHERE id = n(30);
RESET session_replication_role;
DELETE FROM note WHERE id = n(30);
TRUNCATE note;
:look;
SELECT resource_type, resource_id, workspace_id FROM audit_events WHERE action_type = 'TRUNCATE';
