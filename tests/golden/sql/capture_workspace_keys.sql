-- Workspaces whose key is no UUID: audit_resource_id('workspace', key::text) is the workspace of an event, and the event keeps the key.
\i tests/golden/prelude.sql
CREATE EXTENSION audit_ext;
CREATE FUNCTION events(p_type text) RETURNS TABLE (workspace text, action text, key jsonb, old_values jsonb, new_values jsonb) LANGUAGE sql AS $$
  SELECT CASE WHEN workspace_id = audit_resource_id('workspace', (SELECT value FROM jsonb_each_text(metadata -> 'workspace_key'))) THEN 'of key'
              ELSE right(workspace_id::text, 2) END, action_type, metadata -> 'workspace_key', old_values, new_values
  FROM audit_events WHERE resource_type = p_type ORDER BY created_at, id
$$;
-- One row, many rows, the row that goes to another workspace beside those that stay, no workspace, and all at once.
CREATE TABLE note (id int PRIMARY KEY, company bigint, title text);
SELECT audit_track_table('note', 'company') \g /dev/null
INSERT INTO note VALUES (1, 4711, 'one');
INSERT INTO note VALUES (2, 4711, 'two'), (3, 9223372036854775807, 'three'), (4, NULL, 'four');
UPDATE note SET company = 12 WHERE id = 1;
UPDATE note SET company = CASE id WHEN 2 THEN NULL WHEN 4 THEN 12 ELSE company END, title = upper(title) WHERE id > 1;
DELETE FROM note WHERE id <= 3;
TRUNCATE note;
SELECT * FROM events('note');
-- The trail of a key's workspace is read by audit_resource_id() of the key as text.
SELECT action_type, resource_type, metadata -> 'workspace_key' AS key FROM get_audit_trail(audit_resource_id('workspace', '4711')) ORDER BY created_at, id;
SELECT count(*) AS told_of_others FROM audit_events WHERE workspace_id = audit_resource_id('workspace', '4711') AND (old_values, new_values, metadata)::text ~ '12|9223';

-- Partitions and children, captured row by row. A text that is a uuid is that workspace, and a change of its spelling is no move.
CREATE TABLE part (id int, tenant text, n int, PRIMARY KEY (id, n)) PARTITION BY LIST (n);
CREATE TABLE part_1 PARTITION OF part FOR VALUES IN (1); CREATE TABLE part_2 PARTITION OF part FOR VALUES IN (2);
SELECT audit_track_table('part', 'tenant') \g /dev/null
INSERT INTO part VALUES (1, 'acme', 1), (2, '10000000-0000-4000-8000-0000000000AB', 1), (3, NULL, 1);
UPDATE part SET tenant = lower(tenant) WHERE id = 2;
UPDATE part SET n = 2 WHERE id = 1;
UPDATE part SET tenant = 'other' WHERE id <> 3;
SELECT * FROM events('part');

-- The column is renamed, and gets another type: the key is told under its name, and 7 is the same workspace as '7'.
CREATE TABLE item (id int PRIMARY KEY, workspace_id smallint);
SELECT audit_track_table('item') \g /dev/null
INSERT INTO item VALUES (1, 7);
ALTER TABLE item RENAME workspace_id TO tenant;
UPDATE item SET id = 2;
ALTER TABLE item ALTER tenant TYPE text;
UPDATE item SET id = 3;
ALTER TABLE item ALTER tenant TYPE jsonb USING to_jsonb(tenant);
UPDATE item SET id = 4;
SELECT status, detail, hint FROM audit_health() WHERE check_name = 'tracked_tables';
ALTER TABLE item ALTER tenant TYPE int USING 7;
UPDATE item SET id = 5;
SELECT * FROM events('item');
SELECT count(DISTINCT workspace_id) AS workspaces FROM audit_events WHERE resource_type = 'item';
SELECT status, detail FROM audit_health() WHERE check_name = 'tracked_tables';

-- Each type has the id of its values as text, whatever the session's settings. Documents are no keys.
CREATE TYPE plan AS ENUM ('free', 'Pro plan'); CREATE DOMAIN slug AS varchar(20); CREATE DOMAIN person AS uuid;
CREATE FUNCTION kept(p_type text, p_value text, OUT key jsonb, OUT workspace uuid) LANGUAGE plpgsql AS $$
DECLARE event text := 'of ' || p_type;
BEGIN
  EXECUTE format('CREATE TABLE %I (id int PRIMARY KEY, tenant %s)', event, p_type);
  PERFORM audit_track_table(format('%I', event), 'tenant');
  EXECUTE format('INSERT INTO %I VALUES (1, %L)', event, p_value);
  SELECT metadata -> 'workspace_key', workspace_id INTO key, workspace FROM audit_events WHERE resource_type = event;
END $$;
SET DateStyle = 'German'; SET bytea_output = 'escape';
SELECT type, kept.key, kept.workspace = audit_resource_id('workspace', text) AS is_of_text, kept.workspace = '10000000-0000-4000-8000-0000000000ab' AS is_itself
FROM unnest(ARRAY['int', 'numeric', 'varchar(9)', 'char(9)', 'slug', 'plan', 'boolean', 'name', 'date', 'bytea', 'inet', 'text', 'person', 'text COLLATE "C"'],
  ARRAY['-3', '12.50', ' a b ', 'ab', 'acme', 'Pro plan', 't', 'acme', '2026-02-01', '\x00ff', '10.0.0.1', '', '10000000-0000-4000-8000-0000000000ab', '{10000000-0000-4000-8000-0000000000AB}'],
  ARRAY['-3', '12.50', ' a b ', 'ab', 'acme', 'Pro plan', 'true', 'acme', '2026-02-01', '\x00ff', '10.0.0.1', '', '', '']) WITH ORDINALITY AS given (type, value, text, no), kept(type, value) ORDER BY no;
RESET DateStyle; RESET bytea_output;
CREATE TABLE document (id int, a int[], b jsonb, c json, d note);
SELECT code, message, hint FROM unnest(ARRAY['a', 'b', 'c', 'd']) AS name, test.refusal(format('SELECT audit_track_table(''document'', %L)', name)) ORDER BY name;

-- What may not be shown is not kept: masked and ignored columns.
CREATE TABLE quiet (id int PRIMARY KEY, tenant text);
SELECT audit_track_table('quiet', 'tenant', p_masked_columns => '{tenant}') \g /dev/null
INSERT INTO quiet VALUES (1, 'hidden');
SELECT audit_track_table('quiet', 'tenant', p_ignored_columns => '{tenant}') \g /dev/null
INSERT INTO quiet VALUES (2, 'hidden');
SELECT workspace_id = audit_resource_id('workspace', 'hidden') AS filed, new_values, audit_events::text ~ 'hidden' AS told FROM audit_events WHERE resource_type = 'quiet' ORDER BY created_at;
