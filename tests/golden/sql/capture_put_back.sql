-- audit_setup() puts the triggers of capture back, whatever the table's owner has put in their place, and nobody can be in the way of its work.
\i tests/golden/prelude.sql
CREATE EXTENSION audit_ext;
CREATE ROLE t_owner;
GRANT CREATE ON SCHEMA public TO t_owner;
SET ROLE t_owner;
CREATE TABLE things (id int PRIMARY KEY, workspace_id uuid);
CREATE FUNCTION own() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
RESET ROLE;
SELECT audit_track_table('things') \g /dev/null
CREATE VIEW triggers AS SELECT tgname, tgfoid::regproc AS function FROM pg_trigger WHERE tgrelid = 'things'::regclass AND NOT tgisinternal ORDER BY tgname;
TABLE triggers;
SET ROLE t_owner;
DROP TRIGGER audit_capture_insert ON things;
DROP TRIGGER audit_capture_update ON things;
DROP TRIGGER audit_capture_delete ON things;
DROP TRIGGER audit_capture_truncate ON things;
CREATE TRIGGER audit_capture_insert AFTER INSERT ON things FOR EACH STATEMENT EXECUTE FUNCTION own();
CREATE TRIGGER "audit_capture_update" AFTER UPDATE ON things FOR EACH STATEMENT EXECUTE FUNCTION own();
CREATE TRIGGER "mine, too" AFTER UPDATE ON things FOR EACH STATEMENT EXECUTE FUNCTION own();
RESET ROLE;
CREATE SCHEMA audit_ext_scratch;
SELECT audit_setup();
TABLE triggers;
INSERT INTO things VALUES (1, '10000000-0000-4000-8000-000000000001');
SELECT count(*) AS captured FROM audit_events WHERE resource_type = 'things';
-- A trigger of capture is of any name.
ALTER TRIGGER audit_capture_delete ON things RENAME TO "a, b";
SELECT audit_setup();
TABLE triggers;
