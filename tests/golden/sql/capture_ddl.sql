-- DDL on tracked tables keeps working, is followed and recorded; so are DROP, and meddling with the capture.
\i tests/golden/prelude.sql
CREATE EXTENSION audit_ext;
CREATE SCHEMA app;
CREATE TABLE app.doc (id int PRIMARY KEY, tenant uuid, title text, pin text, seen int);
SELECT audit_track_table('app.doc', 'tenant', p_ignored_columns => '{seen}', p_masked_columns => '{pin}') \g /dev/null
CREATE VIEW tracked AS SELECT table_schema, table_name, resource_type, workspace_column, ignored_columns, masked_columns, capture FROM audit_tracked_tables;
INSERT INTO app.doc VALUES (1, '10000000-0000-4000-8000-000000000001', 'a', 'pin one', 0);
-- Columns come, go, change type and name; what is masked or ignored stays so.
ALTER TABLE app.doc ADD COLUMN pages int DEFAULT 7;
UPDATE app.doc SET title = 'b';
UPDATE app.doc SET pages = 8;
ALTER TABLE app.doc ALTER COLUMN pages TYPE text USING pages || ' pages';
ALTER TABLE app.doc RENAME COLUMN pin TO secret_code;
ALTER TABLE app.doc RENAME COLUMN tenant TO company;
UPDATE app.doc SET secret_code = 'pin two', pages = '9';
ALTER TABLE app.doc DROP COLUMN seen;
ALTER TABLE app.doc DROP COLUMN title, ADD COLUMN title text;
UPDATE app.doc SET title = 'again';
TABLE tracked;
-- The table moves; its resource type stays, so its history stays in one piece.
ALTER TABLE app.doc RENAME TO paper;
CREATE SCHEMA office;
ALTER TABLE app.paper SET SCHEMA office;
ALTER SCHEMA office RENAME TO bureau;
UPDATE bureau.paper SET title = 'moved';
TABLE tracked;
SELECT action_type, workspace_id, old_values, new_values, changed_fields FROM audit_events WHERE resource_type = 'doc' ORDER BY created_at;
SELECT count(*) AS leaks FROM audit_events WHERE audit_events::text ~ 'pin (one|two)';
SELECT new_values ->> 'command' AS command, new_values ->> 'object' AS object, new_values -> 'columns' AS columns FROM audit_events WHERE action_type = 'AUDIT_TRACKED_TABLE_ALTERED' ORDER BY created_at;
SELECT changed_fields, new_values ->> 'table_schema' AS schema, new_values ->> 'table_name' AS name, new_values -> 'masked_columns' AS masked FROM audit_events WHERE action_type = 'AUDIT_TRACKING_CHANGED' ORDER BY created_at;

-- The workspace column goes: rows are filed under the request's workspace, the default, or none.
ALTER TABLE bureau.paper DROP COLUMN company;
UPDATE bureau.paper SET title = 'homeless';
SELECT workspace_id FROM audit_events WHERE resource_type = 'doc' ORDER BY created_at DESC LIMIT 1;
SELECT audit_setup();

-- A table with AFTER ROW triggers is captured at the first row, before they change rows again; when they are gone the next command turns it back.
CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
CREATE TRIGGER after_row AFTER UPDATE ON bureau.paper FOR EACH ROW EXECUTE FUNCTION nothing();
SELECT string_agg(tgname, ', ' ORDER BY tgname) FROM pg_trigger WHERE tgrelid = 'bureau.paper'::regclass AND NOT tgisinternal;
DROP TRIGGER after_row ON bureau.paper;
COMMENT ON TABLE bureau.paper IS 'not followed';
ALTER TABLE bureau.paper ADD COLUMN more int;
SELECT string_agg(tgname, ', ' ORDER BY tgname) FROM pg_trigger WHERE tgrelid = 'bureau.paper'::regclass AND NOT tgisinternal;

-- Capture switched off or taken away: allowed to the owner of the table, recorded, seen, and put right by audit_setup().
ALTER TABLE bureau.paper DISABLE TRIGGER audit_capture_update;
SELECT table_name, capture FROM tracked;
DROP TRIGGER audit_capture_update ON bureau.paper;
SELECT table_name, capture FROM tracked;
SELECT audit_setup();
SELECT table_name, capture FROM tracked;
SELECT action_type, new_values - 'columns' AS what FROM audit_events WHERE action_type ~ 'AUDIT_(TRACKED|CAPTURE)' ORDER BY created_at DESC, id DESC LIMIT 2;
-- One that fires only under conditions is put right at once where event triggers see it, and seen where they do not.
CREATE OR REPLACE TRIGGER audit_capture_truncate AFTER TRUNCATE ON bureau.paper FOR EACH STATEMENT WHEN (false) EXECUTE FUNCTION audit_capture_changes();
SELECT table_name, capture FROM tracked;
SELECT count(*) AS conditional FROM pg_trigger WHERE tgrelid = 'bureau.paper'::regclass AND tgqual IS NOT NULL;
BEGIN;
ALTER EVENT TRIGGER audit_capture_altered DISABLE;
CREATE OR REPLACE TRIGGER audit_capture_truncate AFTER TRUNCATE ON bureau.paper FOR EACH STATEMENT WHEN (false) EXECUTE FUNCTION audit_capture_changes();
SELECT table_name, capture FROM tracked;
SELECT status, detail FROM audit_health() WHERE check_name = 'tracked_tables' AND detail LIKE '%paper%';
ROLLBACK;

-- Dropped, alone and with its schema; a table of the same name made later is not tracked.
DROP TABLE bureau.paper;
CREATE TABLE bureau.paper (id int);
CREATE TABLE bureau.two (id int);
SELECT audit_track_table('bureau.two', NULL) \g /dev/null
DROP SCHEMA bureau CASCADE;
TABLE tracked;
SELECT action_type, new_values FROM audit_events WHERE action_type = 'AUDIT_TRACKED_TABLE_DROPPED' ORDER BY created_at;
SELECT table_name, untracked_at IS NOT NULL AS untracked, untracked_by FROM audit_tracking ORDER BY tracked_at;

-- DDL that is rolled back was not done; other tables are nobody's business.
CREATE TABLE plain (id int PRIMARY KEY);
SELECT audit_track_table('plain', NULL) \g /dev/null
SELECT count(*) AS before FROM audit_events \gset
BEGIN; ALTER TABLE plain RENAME TO fancy; INSERT INTO fancy VALUES (1); ROLLBACK;
CREATE TABLE nobody (id int); ALTER TABLE nobody ADD x int; DROP TABLE nobody;
INSERT INTO plain VALUES (1);
SELECT count(*) - :before AS events FROM audit_events;

-- DROP EXTENSION takes functions and triggers; what was tracked stays written down and is captured again when the extension is back.
SET client_min_messages = warning;
DROP EXTENSION audit_ext CASCADE;
INSERT INTO plain VALUES (2);
SELECT count(*) FROM pg_trigger WHERE tgrelid = 'plain'::regclass;
CREATE EXTENSION audit_ext;
INSERT INTO plain VALUES (3);
SELECT new_values FROM audit_events WHERE resource_type = 'plain' ORDER BY created_at;
SELECT table_name, capture FROM audit_tracked_tables;
