-- A row that is given to another workspace is told of in both trails: it leaves one and enters the other, and neither trail tells of the other.
\i tests/golden/prelude.sql
CREATE EXTENSION audit_ext;
\set a '10000000-0000-4000-8000-00000000000a'
\set b '10000000-0000-4000-8000-00000000000b'
CREATE TABLE note (id int PRIMARY KEY, workspace_id uuid, title text);
SELECT audit_track_table('note') \g /dev/null
CREATE FUNCTION events(p_type text) RETURNS TABLE (workspace text, action text, old_values jsonb, new_values jsonb, moved jsonb) LANGUAGE sql AS $$
  SELECT right(workspace_id::text, 1), action_type, old_values, new_values, metadata -> 'moved' FROM audit_events WHERE resource_type = p_type ORDER BY created_at, id
$$;
-- Taken along and destroyed elsewhere: the first workspace hears of it.
INSERT INTO note VALUES (1, :'a', 'mine');
UPDATE note SET workspace_id = :'b', title = 'stolen';
DELETE FROM note;
SELECT * FROM events('note');
SELECT action_type, old_values ->> 'title' AS title FROM get_audit_trail(:'a') ORDER BY created_at;
SELECT count(*) AS told_of_the_other FROM audit_events WHERE resource_type = 'note' AND workspace_id = :'a' AND audit_events::text LIKE '%0000b%';

-- From nowhere and to nowhere; rows that stay, beside one that moves, in one statement.
CREATE TABLE item (id int PRIMARY KEY, workspace_id uuid, n int);
SELECT audit_track_table('item') \g /dev/null
INSERT INTO item VALUES (1, NULL, 1), (2, :'a', 2), (3, :'b', 3);
UPDATE item SET workspace_id = CASE id WHEN 1 THEN :'a'::uuid WHEN 2 THEN NULL ELSE workspace_id END, n = n + 10;
SELECT * FROM events('item') OFFSET 3;

-- Captured row by row, with the column ignored or as text, and where it is the key. A text that reads as the same workspace is no move.
CREATE TABLE tree (id int PRIMARY KEY, workspace_id text, n int);
CREATE TABLE branch () INHERITS (tree);
SELECT audit_track_table('tree', p_ignored_columns => '{workspace_id}') \g /dev/null
INSERT INTO branch VALUES (1, :'a', 1);
UPDATE tree SET workspace_id = upper(workspace_id);
UPDATE tree SET workspace_id = :'b';
CREATE TABLE tenant (id uuid PRIMARY KEY, name text);
SELECT audit_track_table('tenant', 'id') \g /dev/null
INSERT INTO tenant VALUES (:'a', 'one');
UPDATE tenant SET id = :'b';
SELECT * FROM events('tree');
SELECT * FROM events('tenant');

-- changed_fields between SQL's NULL and JSON's: the side with SQL's lacks the column, so that the two differ.
CREATE TABLE doc (id int PRIMARY KEY, body jsonb, other jsonb);
SELECT audit_track_table('doc', NULL) \g /dev/null
INSERT INTO doc VALUES (1, NULL, 'null');
UPDATE doc SET body = 'null';
UPDATE doc SET body = NULL, other = NULL;
UPDATE doc SET body = '1';
SELECT old_values, new_values, changed_fields, metadata -> 'json_null' AS json_null FROM audit_events WHERE resource_type = 'doc' AND action_type = 'UPDATE' ORDER BY created_at;

-- Virtual generated columns are left out of events, and health says so.
DO $$
BEGIN
  CREATE TABLE sums (id int PRIMARY KEY, n int);
  IF current_setting('server_version_num')::int >= 180000 THEN
    EXECUTE 'ALTER TABLE sums ADD COLUMN half int GENERATED ALWAYS AS (10 / n) VIRTUAL, ADD COLUMN more int GENERATED ALWAYS AS (n + 1) VIRTUAL';
  END IF;
  PERFORM audit_track_table('sums', NULL, p_ignored_columns => CASE WHEN current_setting('server_version_num')::int >= 180000 THEN '{more}' ELSE '{}' END::name[]);
  IF current_setting('server_version_num')::int >= 180000 AND NOT EXISTS (
    SELECT FROM audit_health() WHERE check_name = 'tracked_tables' AND status = 'ok' AND detail = 'public.sums: virtual generated columns are not stored and not recorded: half')
  THEN RAISE EXCEPTION 'health does not name the column'; END IF;
END $$;
INSERT INTO sums VALUES (1, 0);
SELECT new_values FROM audit_events WHERE resource_type = 'sums';
SELECT status, detail FROM audit_health() WHERE check_name = 'tracked_tables' AND detail NOT LIKE '%virtual%';
