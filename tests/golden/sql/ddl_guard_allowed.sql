-- What maintenance and DBAs need is allowed on the trail; what of it changes something leaves an audit event of who did it.
\i tests/golden/prelude.sql
CREATE EXTENSION audit_ext;
CREATE ROLE t_reader;
SELECT insert_audit_event('A', 'r', NULL, '10000000-0000-4000-8000-000000000001', '20000000-0000-4000-8000-000000000001') IS NOT NULL AS recorded;
SELECT 'audit_events_' || to_char(now() AT TIME ZONE 'UTC', 'YYYY_MM') AS month \gset
CREATE VIEW done AS SELECT action_type, resource_type, new_values - 'object' AS what, test.masked(new_values->>'object') AS object, metadata->'audit_ext'->>'session_user' AS by
FROM audit_events WHERE action_type LIKE 'AUDIT_DDL%' ORDER BY id;

-- Nothing to record.
VACUUM ANALYZE audit_events;
VACUUM FULL :month;
REINDEX TABLE audit_events;
REINDEX TABLE CONCURRENTLY :month;
REINDEX INDEX CONCURRENTLY audit_deletion_log_pkey;
CLUSTER audit_deletion_log USING audit_deletion_log_pkey;
ALTER TABLE audit_deletion_log SET WITHOUT CLUSTER;
COMMENT ON COLUMN audit_events.metadata IS 'As in our handbook.';
CREATE VIEW theirs AS SELECT action_type FROM audit_events;
CREATE MATERIALIZED VIEW theirs_too AS SELECT count(*) FROM audit_events;
CREATE TABLE shaped (LIKE audit_events INCLUDING ALL);
CREATE TABLE IF NOT EXISTS audit_events (a int);
CREATE TABLE audit_events (a int);
DROP MATERIALIZED VIEW theirs_too;
DROP VIEW theirs;
TABLE done;

-- Recorded.
ALTER TABLE audit_events DISABLE TRIGGER check_audit_workspace_membership;
ALTER TABLE audit_events ENABLE TRIGGER check_audit_workspace_membership;
ALTER TABLE audit_deletion_log SET (fillfactor = 90);
ALTER TABLE :month REPLICA IDENTITY FULL;
ALTER INDEX audit_deletion_log_pkey SET (fillfactor = 90);
GRANT SELECT, INSERT ON audit_events TO t_reader;
GRANT EXECUTE ON FUNCTION get_audit_trail TO t_reader;
REVOKE SELECT ON audit_events FROM t_reader;
ALTER TABLE audit_events ALTER COLUMN action_type SET STATISTICS 500;
ALTER TABLE :month ALTER COLUMN metadata SET STATISTICS 0;
CREATE STATISTICS theirs ON action_type, (lower(resource_type)) FROM audit_events;
DROP STATISTICS theirs;
SET client_min_messages = error;
CREATE PUBLICATION theirs FOR TABLE audit_events WITH (publish = 'insert');
ALTER PUBLICATION theirs SET (publish = 'insert, update');
ALTER PUBLICATION theirs DROP TABLE audit_events;
ALTER PUBLICATION theirs SET (publish = 'insert');
DROP PUBLICATION theirs;
CREATE PUBLICATION theirs FOR ALL TABLES;
DROP PUBLICATION theirs;
RESET client_min_messages;
CREATE INDEX theirs ON audit_events (action_type) WHERE resource_id IS NOT NULL;
CREATE INDEX IF NOT EXISTS theirs ON audit_events (action_type);
ALTER INDEX theirs RENAME TO theirs_too;
DROP INDEX theirs_too;
CREATE INDEX theirs ON :month USING gin (metadata jsonb_path_ops);
CREATE INDEX theirs_too ON audit_events ((metadata->>'k'), lower(action_type)) WHERE tags @> ARRAY['x'] AND NOT action_type IN ('a', 'b');
DROP INDEX theirs, theirs_too;
-- Built without holding anybody up, in the way that Postgres documents.
CREATE INDEX theirs ON ONLY audit_events_archive (action_type);
CREATE INDEX CONCURRENTLY theirs_default ON audit_events_archive_default (action_type);
ALTER INDEX theirs ATTACH PARTITION theirs_default;
DROP INDEX CONCURRENTLY IF EXISTS nowhere;
TABLE done;
-- An event that cannot be undone by the command's own failure, and none of a command that failed.
SELECT code FROM test.refusal('ALTER TABLE audit_events DISABLE TRIGGER check_audit_workspace_membership, ALTER nothing SET STATISTICS 9');
SELECT count(*) AS "as many as before" FROM done;

-- With all that the trail works on, also its maintenance.
SELECT insert_audit_event('A', 'r', NULL, '10000000-0000-4000-8000-000000000001', '20000000-0000-4000-8000-000000000001', p_metadata => '{"k": {"deep": [1]}}') IS NOT NULL AS recorded;
SELECT count(*) AS made FROM create_monthly_audit_partition(4);
SELECT audit_setup(), audit_grant('t_reader', 'reader'), audit_revoke('t_reader', 'reader'), audit_set_membership_source(NULL);
SELECT code FROM test.refusal('UPDATE audit_events SET action_type = ''X''');

-- What somebody left on the tables before they were guarded can be dropped, and nothing else.
ALTER EVENT TRIGGER audit_ddl_command_start DISABLE;
ALTER EVENT TRIGGER audit_ddl_command_end DISABLE;
DROP TABLE shaped;
ALTER TABLE audit_access ENABLE ROW LEVEL SECURITY;
CREATE POLICY theirs ON audit_access USING (false);
CREATE RULE theirs AS ON INSERT TO audit_deletion_log DO ALSO NOTIFY x;
CREATE FUNCTION theirs() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
CREATE TRIGGER theirs AFTER INSERT ON audit_events FOR EACH ROW EXECUTE FUNCTION theirs();
ALTER EVENT TRIGGER audit_ddl_command_start ENABLE ALWAYS;
ALTER EVENT TRIGGER audit_ddl_command_end ENABLE;
DROP POLICY theirs ON audit_access;
ALTER TABLE audit_access DISABLE ROW LEVEL SECURITY;
DROP RULE theirs ON audit_deletion_log;
DROP TRIGGER theirs ON audit_events;
SELECT audit_setup();
SELECT evtname, evtenabled FROM pg_event_trigger ORDER BY 1;
SELECT * FROM done WHERE action_type LIKE '%FOREIGN%' OR action_type LIKE '%SECURITY%';

-- The documented way out: by a superuser, with a warning; the tables stay and are adopted with their guards.
\set VERBOSITY terse
DROP EXTENSION audit_ext;
SELECT count(*) AS before FROM audit_events \gset
DROP EXTENSION audit_ext CASCADE;
SELECT count(*) FROM pg_event_trigger;
CREATE EXTENSION audit_ext;
SELECT evtname, evtenabled FROM pg_event_trigger ORDER BY 1;
SELECT count(*) = :before AS "every event is there, and no other" FROM audit_events;
