-- audit_track_table() and audit_untrack_table(): who may, what is refused, options, and that all of it is audited.
\i tests/golden/prelude.sql
CREATE EXTENSION audit_ext;
CREATE TABLE team (id uuid PRIMARY KEY, workspace_id uuid, name text, secret text, noise int);
SELECT audit_track_table('team') \g /dev/null
SELECT table_schema, table_name, resource_type, workspace_column, ignored_columns, masked_columns, tracked_by, capture FROM audit_tracked_tables;
-- Again with the same options: nothing happens. With others: they change.
SELECT audit_track_table('team') \g /dev/null
SELECT audit_track_table('team', p_resource_type => 'group', p_ignored_columns => '{noise}', p_masked_columns => '{secret}') \g /dev/null
INSERT INTO team VALUES ('20000000-0000-4000-8000-000000000001', '10000000-0000-4000-8000-000000000001', 'a', 'hidden', 1);
UPDATE team SET secret = 'other', noise = 2;
UPDATE team SET noise = 3;
UPDATE team SET secret = NULL;
SELECT action_type, resource_type, old_values, new_values, changed_fields FROM audit_events WHERE resource_type IN ('team', 'group') ORDER BY created_at;
SELECT count(*) AS leaks FROM audit_events WHERE audit_events::text ~ 'hidden|other';
-- The resource type stays until another is given.
SELECT audit_track_table('team') \g /dev/null
SELECT audit_untrack_table('team') \g /dev/null
INSERT INTO team VALUES ('20000000-0000-4000-8000-000000000002', '10000000-0000-4000-8000-000000000001', 'b', NULL, 1);
SELECT count(*) AS tracked FROM audit_tracked_tables;
SELECT count(*) AS triggers FROM pg_trigger WHERE tgrelid = 'team'::regclass;
SELECT action_type, old_values - '{id,tracked_at,untracked_at}'::text[] AS old, new_values - '{id,tracked_at,untracked_at}'::text[] AS new, changed_fields
FROM audit_events WHERE action_type = 'AUDIT_TRACKING_CHANGED' ORDER BY created_at;
SELECT count(*) FROM audit_events WHERE resource_type = 'group' AND resource_id = '20000000-0000-4000-8000-000000000002';
-- The configuration is never deleted.
SELECT code, message FROM unnest(ARRAY['DELETE FROM audit_tracking', 'TRUNCATE audit_tracking']) AS statement, test.refusal(statement);

-- What is refused.
CREATE VIEW a_view AS SELECT * FROM team;
CREATE TEMP TABLE fleeting (id int);
CREATE MATERIALIZED VIEW frozen AS SELECT 1 AS x;
CREATE FOREIGN DATA WRAPPER theirs;
CREATE SERVER elsewhere FOREIGN DATA WRAPPER theirs;
CREATE FOREIGN TABLE far (id int) SERVER elsewhere;
CREATE TABLE halves (id int) PARTITION BY LIST (id);
CREATE FOREIGN TABLE far_half PARTITION OF halves FOR VALUES IN (1) SERVER elsewhere;
CREATE TABLE number (id uuid PRIMARY KEY, workspace_id int[]);
CREATE SCHEMA other;
CREATE TABLE other.team (id int, workspace_id uuid);
SELECT audit_track_table('team') \g /dev/null
SELECT no, code, message, hint FROM unnest(ARRAY[
  'SELECT audit_track_table(NULL)', 'SELECT audit_track_table(''a_view'')', 'SELECT audit_track_table(''fleeting'', NULL)', 'SELECT audit_track_table(''frozen'', NULL)',
  'SELECT audit_track_table(''far'', NULL)', 'SELECT audit_track_table(''halves'', NULL)', 'SELECT audit_track_table(''pg_class'', NULL)',
  'SELECT audit_track_table(''information_schema.sql_features'', NULL)', 'SELECT audit_track_table(''audit_events'')', 'SELECT audit_track_table(''audit_tracking'', NULL)',
  'SELECT audit_track_table(''audit_deletion_log'')', 'SELECT audit_track_table(''audit_events_default'')', 'SELECT audit_track_table(''number'', ''tenant'')',
  'SELECT audit_track_table(''other.team'', ''nothing'')', 'SELECT audit_track_table(''number'')', 'SELECT audit_track_table(''other.team'')',
  'SELECT audit_track_table(''team'', p_ignored_columns => ''{nope}'')', 'SELECT audit_track_table(''team'', p_masked_columns => ''{id}'')',
  'SELECT audit_track_table(''team'', p_ignored_columns => ''{name}'', p_masked_columns => ''{name}'')', 'SELECT audit_track_table(''team'', p_resource_type => '' '')',
  'SELECT audit_untrack_table(''number'')', 'SELECT audit_untrack_table(''audit_events'')', 'SELECT audit_track_table(0)']) WITH ORDINALITY AS t (statement, no), test.refusal(statement) ORDER BY no;
SELECT audit_track_table('other.team', p_resource_type => 'other team') \g /dev/null

-- Operators track what they own; others, and tables of others, are refused.
CREATE ROLE t_operator; CREATE ROLE t_reader; CREATE ROLE t_owners;
GRANT t_owners TO t_operator;
SELECT audit_grant('t_operator', 'operator'), audit_grant('t_reader', 'reader') \g /dev/null
GRANT CREATE ON SCHEMA public TO t_operator;
SET ROLE t_operator;
CREATE TABLE mine (id int PRIMARY KEY);
SELECT audit_track_table('mine', NULL) \g /dev/null
INSERT INTO mine VALUES (1);
SELECT code, message, hint FROM unnest(ARRAY['SELECT audit_track_table(''number'', NULL)', 'SELECT audit_untrack_table(''team'')', 'SELECT audit_capture_changes()',
  'CREATE TRIGGER t AFTER INSERT ON mine FOR EACH ROW EXECUTE FUNCTION audit_capture_changes(''a'', ''b'')', 'UPDATE audit_tracking SET resource_type = ''x''']) AS statement, test.refusal(statement);
SELECT table_name, tracked_by FROM audit_tracked_tables ORDER BY table_schema, table_name;
SELECT audit_untrack_table('mine') \g /dev/null
RESET ROLE;
ALTER TABLE number OWNER TO t_owners;
SET ROLE t_operator;
SELECT audit_track_table('number', NULL) \g /dev/null
SET ROLE t_reader;
SELECT code, message FROM unnest(ARRAY['SELECT audit_track_table(''mine'', NULL)', 'SELECT * FROM audit_tracked_tables', 'SELECT * FROM audit_tracking']) AS statement, test.refusal(statement);
RESET ROLE;
SELECT action_type, resource_type, new_values FROM audit_events WHERE resource_type = 'mine';

-- A trigger of ours with somebody else's arguments says so rather than record nonsense.
CREATE TABLE odd (id int);
ALTER EVENT TRIGGER audit_capture_altered DISABLE;
CREATE TRIGGER odd AFTER INSERT ON odd FOR EACH ROW EXECUTE FUNCTION audit_capture_changes('a', 'b');
INSERT INTO odd VALUES (1);
ALTER EVENT TRIGGER audit_capture_altered ENABLE;
-- While the event triggers watch, such a trigger does not last.
ALTER TABLE odd ADD x int;
INSERT INTO odd VALUES (1);
