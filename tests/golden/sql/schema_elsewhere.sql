-- The extension in a schema whose name needs quotes: everything works, with an empty search_path and with a hostile one full of
-- look-alike tables, functions, operators and casts.
\i tests/golden/prelude.sql
CREATE SCHEMA "odd ""Schéma"" name";
CREATE EXTENSION audit_ext SCHEMA "odd ""Schéma"" name";
SELECT n.nspname, count(*) AS relations FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relname ~ '^(audit_|vw_sec|partition_sch)' AND c.relkind IN ('r', 'p', 'v') GROUP BY 1 ORDER BY 1;
CREATE TABLE public.members (workspace_id uuid, user_id uuid);
INSERT INTO public.members VALUES ('10000000-0000-4000-8000-000000000001', '20000000-0000-4000-8000-000000000001');

-- Look-alikes in a schema that comes first: tables that would swallow rows, functions and operators that would lie.
CREATE SCHEMA hostile;
CREATE TABLE hostile.audit_events (LIKE "odd ""Schéma"" name".audit_events);
CREATE TABLE hostile.audit_events_archive (LIKE hostile.audit_events);
CREATE TABLE hostile.audit_retention_policies (workspace_id uuid);
CREATE TABLE hostile.audit_sequence_floors (workspace_id uuid);
CREATE TABLE hostile.audit_membership_source (singleton boolean);
CREATE TABLE hostile.audit_access (role_name name, access text, revoked_at timestamptz);
CREATE TABLE hostile.members (workspace_id uuid, user_id uuid);
CREATE TABLE hostile.pg_class (oid oid);
CREATE FUNCTION hostile.lie() RETURNS text LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'a look-alike was called'; END $$;
CREATE FUNCTION hostile.clock_timestamp() RETURNS timestamptz LANGUAGE sql AS 'SELECT hostile.lie()::timestamptz';
CREATE FUNCTION hostile.btrim(text, text) RETURNS text LANGUAGE sql AS 'SELECT hostile.lie()';
CREATE FUNCTION hostile.format(text, VARIADIC "any") RETURNS text LANGUAGE internal AS 'text_format';
CREATE FUNCTION hostile.audit_event_id() RETURNS uuid LANGUAGE sql AS 'SELECT hostile.lie()::uuid';
CREATE FUNCTION hostile.audit_may_read(uuid) RETURNS boolean LANGUAGE sql AS 'SELECT hostile.lie()::boolean';
CREATE FUNCTION hostile.count(anyelement) RETURNS bigint LANGUAGE sql AS 'SELECT hostile.lie()::bigint';
CREATE FUNCTION hostile.uuid_lie(uuid, uuid) RETURNS boolean LANGUAGE sql AS 'SELECT hostile.lie()::boolean';
CREATE FUNCTION hostile.time_lie(timestamptz, timestamptz) RETURNS boolean LANGUAGE sql AS 'SELECT hostile.lie()::boolean';
CREATE FUNCTION hostile.text_lie(text, text) RETURNS boolean LANGUAGE sql AS 'SELECT hostile.lie()::boolean';
CREATE FUNCTION hostile.name_lie(name, text) RETURNS boolean LANGUAGE sql AS 'SELECT hostile.lie()::boolean';
CREATE FUNCTION hostile.oid_lie(oid, oid) RETURNS boolean LANGUAGE sql AS 'SELECT hostile.lie()::boolean';
CREATE OPERATOR hostile.= (LEFTARG = uuid, RIGHTARG = uuid, FUNCTION = hostile.uuid_lie);
CREATE OPERATOR hostile.= (LEFTARG = text, RIGHTARG = text, FUNCTION = hostile.text_lie);
CREATE OPERATOR hostile.= (LEFTARG = name, RIGHTARG = text, FUNCTION = hostile.name_lie);
CREATE OPERATOR hostile.= (LEFTARG = oid, RIGHTARG = oid, FUNCTION = hostile.oid_lie);
CREATE OPERATOR hostile.~ (LEFTARG = name, RIGHTARG = text, FUNCTION = hostile.name_lie);
CREATE OPERATOR hostile.< (LEFTARG = timestamptz, RIGHTARG = timestamptz, FUNCTION = hostile.time_lie);
CREATE OPERATOR hostile.>= (LEFTARG = timestamptz, RIGHTARG = timestamptz, FUNCTION = hostile.time_lie);
CREATE DOMAIN hostile.uuid AS text;
CREATE DOMAIN hostile.timestamptz AS text;
CREATE ROLE t_reader;

-- The same story under each search_path. The operators are found by our statements if anything resolves by the caller's path.
CREATE PROCEDURE test.story() LANGUAGE plpgsql AS $$
DECLARE ws pg_catalog.uuid := '10000000-0000-4000-8000-000000000001'; member pg_catalog.uuid := '20000000-0000-4000-8000-000000000001';
BEGIN
  PERFORM "odd ""Schéma"" name".audit_set_membership_source('public.members', 'workspace_id', 'user_id');
  PERFORM "odd ""Schéma"" name".insert_audit_event('LOGIN', 'session', NULL, ws, member, '{"a": 1}', '{"a": 2}');
  PERFORM "odd ""Schéma"" name".insert_audit_events('[{"action_type": "BULK", "resource_type": "r", "workspace_id": "10000000-0000-4000-8000-000000000001", "created_by_user_id": "20000000-0000-4000-8000-000000000001"}]');
  INSERT INTO "odd ""Schéma"" name".audit_events (action_type, resource_type, workspace_id, created_by_user_id) VALUES ('INSERT', 'r', ws, member);
  INSERT INTO "odd ""Schéma"" name".audit_event_sequence VALUES (ws, ws, pg_catalog.clock_timestamp());
  UPDATE "odd ""Schéma"" name".audit_retention_policies SET hot_retention_days = hot_retention_days OPERATOR(pg_catalog.+) 1;
  PERFORM "odd ""Schéma"" name".audit_grant('t_reader', 'reader');
  PERFORM "odd ""Schéma"" name".audit_revoke('t_reader', 'reader');
  PERFORM "odd ""Schéma"" name".create_monthly_audit_partition(4);
  PERFORM "odd ""Schéma"" name".create_past_audit_partitions('2000-01-01', '2025-01-01');
  PERFORM "odd ""Schéma"" name".audit_clear_unused_policies();
  PERFORM "odd ""Schéma"" name".get_audit_trail(ws);
  PERFORM FROM "odd ""Schéma"" name".vw_security_audit;
  PERFORM FROM "odd ""Schéma"" name".partition_schedule;
  PERFORM FROM "odd ""Schéma"" name".audit_event_sequence;
  PERFORM "odd ""Schéma"" name".audit_setup();
END $$;
SET search_path = '';
SELECT * FROM test.refusal('CALL test.story()');
SET search_path = hostile, pg_catalog, public, "odd ""Schéma"" name";
SELECT * FROM test.refusal('CALL test.story()');
-- A stray month drained, a stranger and a broken event refused, an event erased by nobody: still by the right names.
INSERT INTO "odd ""Schéma"" name".audit_events (action_type, resource_type, workspace_id, created_by_user_id, created_at)
VALUES ('STRAY', 'r', '10000000-0000-4000-8000-000000000001', '20000000-0000-4000-8000-000000000009', DEFAULT);
\echo :LAST_ERROR_SQLSTATE
SELECT code, constraint_name FROM test.refusal($$SELECT "odd ""Schéma"" name".insert_audit_event(' ', 'r')$$);
SELECT code, message FROM test.refusal($$DELETE FROM "odd ""Schéma"" name".audit_events$$);
RESET search_path;
INSERT INTO "odd ""Schéma"" name".audit_events (action_type, resource_type, workspace_id, created_by_user_id, created_at)
VALUES ('STRAY', 'r', '10000000-0000-4000-8000-000000000003', '20000000-0000-4000-8000-000000000001', '2020-01-01');
\echo :LAST_ERROR_SQLSTATE
SELECT "odd ""Schéma"" name".audit_set_membership_source(NULL) \g /dev/null
INSERT INTO "odd ""Schéma"" name".audit_events (action_type, resource_type, workspace_id, created_by_user_id, created_at)
VALUES ('STRAY', 'r', '10000000-0000-4000-8000-000000000003', '20000000-0000-4000-8000-000000000001', '2020-01-01');
SET search_path = hostile, pg_catalog, public, "odd ""Schéma"" name";
SELECT * FROM test.refusal('SELECT "odd ""Schéma"" name".create_past_audit_partitions(''2020-01-01'', ''2020-01-01'')');
-- Archived, brought back, held, purged, all under the hostile path; the procedure and the triggers have no search_path of their own.
SELECT archived_count FROM "odd ""Schéma"" name".archive_old_audit_events();
CALL "odd ""Schéma"" name".archive_audit_events();
WITH gone AS (DELETE FROM "odd ""Schéma"" name".audit_events_archive RETURNING *)
INSERT INTO "odd ""Schéma"" name".audit_events SELECT * FROM gone;
SELECT pg_catalog.count(*) AS kept FROM "odd ""Schéma"" name".audit_restored_events;
CALL test.past_the_guard('ALTER TABLE "odd ""Schéma"" name".audit_restored_events DISABLE TRIGGER audit_restored_events_guard');
UPDATE "odd ""Schéma"" name".audit_restored_events SET keep_hot_until = pg_catalog.now();
CALL test.past_the_guard('ALTER TABLE "odd ""Schéma"" name".audit_restored_events ENABLE ALWAYS TRIGGER audit_restored_events_guard');
SELECT archived_count FROM "odd ""Schéma"" name".archive_old_audit_events();
SELECT "odd ""Schéma"" name".restore_audit_events(ARRAY(SELECT id FROM "odd ""Schéma"" name".audit_events_archive), '0');
SELECT archived_count FROM "odd ""Schéma"" name".archive_old_audit_events();
SELECT location, outcome FROM "odd ""Schéma"" name".explain_audit_retention('10000000-0000-4000-8000-000000000003');
SELECT deleted_count FROM "odd ""Schéma"" name".purge_expired_audit_events('10000000-0000-4000-8000-000000000003', 'GDPR', 'T');
SELECT "odd ""Schéma"" name".place_audit_hold('10000000-0000-4000-8000-000000000003', 'a case') AS hold \gset
SELECT "odd ""Schéma"" name".release_audit_hold(:'hold', 'settled');
SELECT check_name, status FROM "odd ""Schéma"" name".audit_health() ORDER BY check_name, status;
RESET search_path;

SELECT action_type, count(*), bool_and(tableoid::regclass::text LIKE '"odd ""Schéma"" name".%') AS "in its schema" FROM "odd ""Schéma"" name".audit_events GROUP BY 1 ORDER BY 1;
SELECT (SELECT count(*) FROM hostile.audit_events) + (SELECT count(*) FROM hostile.audit_events_archive) + (SELECT count(*) FROM hostile.audit_retention_policies) + (SELECT count(*) FROM hostile.audit_access) AS "rows in look-alikes";
SELECT count(*) AS "relations elsewhere" FROM pg_class WHERE relnamespace NOT IN ('"odd ""Schéma"" name"'::regnamespace, 'hostile'::regnamespace) AND relname ~ '^audit_' AND relkind IN ('r', 'p', 'v');
