-- UPDATE, DELETE and TRUNCATE of events, archive and deletion log are refused on every path and to everybody, also to a superuser
-- under session_replication_role = replica; configuration cannot be deleted or truncated.
-- The trail is not sound afterwards: entries of the deletion log and a second row of an event are planted.
\i tests/golden/prelude.sql
CREATE EXTENSION audit_ext;
-- Hot events in this month and in the default partition, archived ones in two partitions, and a log entry (planted as only maintenance can).
SELECT insert_audit_event('A', 'r', NULL, '10000000-0000-4000-8000-000000000001', '20000000-0000-4000-8000-000000000001') IS NOT NULL AS recorded;
INSERT INTO audit_events (action_type, resource_type, workspace_id, created_by_user_id, created_at)
VALUES ('A', 'r', '10000000-0000-4000-8000-000000000002', '20000000-0000-4000-8000-000000000001', '2020-01-01');
SET session_replication_role = replica;
INSERT INTO audit_events_archive (id, created_at, action_type, resource_type, workspace_id, created_by_user_id)
SELECT '01900000-0000-7000-8000-000000000001', time, 'A', 'r', '10000000-0000-4000-8000-000000000003', '20000000-0000-4000-8000-000000000001'
FROM (VALUES (timestamptz '2019-01-01'), (date_trunc('month', now() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC')) AS given (time);
INSERT INTO audit_deletion_log (deleted_by_role, acting_role, workspace_id, deletion_authority, event_count, is_irrevocable)
VALUES ('r', 'r', '10000000-0000-4000-8000-000000000001', 'GDPR', 0, true);
RESET session_replication_role;
CREATE FUNCTION state() RETURNS text LANGUAGE sql AS $$
  SELECT md5(string_agg(t::text, ',' ORDER BY t::text)) FROM (
    SELECT e::text FROM audit_events e UNION ALL SELECT a::text FROM audit_events_archive a UNION ALL SELECT l::text FROM audit_deletion_log l) AS every (t)
$$;
SELECT state() AS before \gset

-- The message, and that it is about the partition that was hit.
DELETE FROM audit_events_default;
\echo :LAST_ERROR_SQLSTATE
TRUNCATE audit_deletion_log;
\echo :LAST_ERROR_SQLSTATE

-- UPDATE and DELETE of tables with rows, TRUNCATE of every table and partition, plainly and as a subscriber's apply worker.
CREATE TABLE target AS
SELECT oid, relname::text AS name, oid::regclass::text AS sql FROM pg_class WHERE relkind IN ('r', 'p') AND (relname = 'audit_deletion_log' OR oid IN (
  SELECT relid FROM pg_partition_tree('audit_events') UNION ALL SELECT relid FROM pg_partition_tree('audit_events_archive')));
CREATE FUNCTION has_rows(p_sql text) RETURNS boolean LANGUAGE plpgsql AS $$ DECLARE n int; BEGIN EXECUTE 'SELECT 1 FROM ' || p_sql || ' LIMIT 1' INTO n; RETURN n IS NOT NULL; END $$;
CREATE VIEW attempt AS
SELECT name, verb, replace(statement, '@', sql) AS statement FROM target, (VALUES ('UPDATE', 'UPDATE @ SET deleted_at = now()'),
  ('DELETE', 'DELETE FROM @'), ('TRUNCATE', 'TRUNCATE @'), ('TRUNCATE CASCADE', 'TRUNCATE ONLY @ RESTART IDENTITY CASCADE')) AS way (verb, statement)
WHERE (verb LIKE 'TRUNCATE%' AND NOT (verb LIKE '%CASCADE' AND name IN ('audit_events', 'audit_events_archive'))) OR (verb NOT LIKE 'TRUNCATE%' AND has_rows(sql));
SELECT verb, code, message, count(*), string_agg(test.masked(name), ' ' ORDER BY test.masked(name)) FILTER (WHERE verb <> 'TRUNCATE CASCADE') AS tables
FROM attempt, LATERAL test.refusal(statement) GROUP BY 1, 2, 3 ORDER BY 1, 2;
SET session_replication_role = replica;
SELECT verb, code, message, count(*) FROM attempt, LATERAL test.refusal(statement) GROUP BY 1, 2, 3 ORDER BY 1, 2;
RESET session_replication_role;
SET session_replication_role = local;
SELECT verb, code, message, count(*) FROM attempt, LATERAL test.refusal(statement) GROUP BY 1, 2, 3 ORDER BY 1, 2;
RESET session_replication_role;

-- Other ways to say it.
CREATE TABLE other (id uuid);
INSERT INTO other SELECT id FROM audit_events;
SELECT what, code, message FROM (VALUES
  (1, 'UPDATE … FROM', $$UPDATE audit_events e SET metadata = '{}' FROM other WHERE other.id = e.id$$),
  (2, 'DELETE … USING', $$DELETE FROM audit_events e USING other WHERE other.id = e.id$$),
  (3, 'writable CTE', $$WITH gone AS (DELETE FROM audit_events RETURNING *) SELECT count(*) FROM gone$$),
  (4, 'CTE moving to the archive', $$WITH gone AS (DELETE FROM audit_events RETURNING *) INSERT INTO audit_events_archive SELECT * FROM gone$$),
  (5, 'moving to another month', $$UPDATE audit_events SET created_at = created_at - interval '2 years'$$),
  (6, 'UPDATE that changes nothing', $$UPDATE audit_events SET action_type = action_type$$),
  (7, 'MERGE … UPDATE', $$MERGE INTO audit_events e USING other o ON o.id = e.id WHEN MATCHED THEN UPDATE SET action_type = 'X'$$),
  (8, 'MERGE … DELETE', $$MERGE INTO audit_events e USING other o ON o.id = e.id WHEN MATCHED THEN DELETE$$),
  (9, 'TRUNCATE of several', $$TRUNCATE other, audit_events$$),
  (10, 'replica role set on the way', $$SET LOCAL session_replication_role = replica; DELETE FROM audit_events_archive$$),
  (11, 'only the default partition', $$DELETE FROM ONLY audit_events_default$$)) AS way (no, what, statement),
  LATERAL test.refusal(statement) ORDER BY no;
RESET session_replication_role;
-- ON CONFLICT never gets as far as a conflict: an id of one's own is refused; as a replica the guard answers.
SELECT code FROM test.refusal($$INSERT INTO audit_events SELECT * FROM audit_events ON CONFLICT (workspace_id, created_at, id) DO UPDATE SET action_type = 'X'$$);
SET session_replication_role = replica;
SELECT code, message FROM test.refusal($$INSERT INTO audit_events SELECT * FROM audit_events ON CONFLICT (workspace_id, created_at, id) DO UPDATE SET action_type = 'X'$$);
RESET session_replication_role;
-- A cursor's row.
BEGIN;
DECLARE at_event CURSOR FOR SELECT * FROM audit_events_default FOR UPDATE;
MOVE at_event;
DELETE FROM audit_events_default WHERE CURRENT OF at_event;
\echo :LAST_ERROR_SQLSTATE
ROLLBACK;
SELECT state() = :'before' AS "nothing changed";

-- Configuration: changed by UPDATE (which is an event), never deleted or truncated.
INSERT INTO audit_event_sequence VALUES ('10000000-0000-4000-8000-000000000009', gen_random_uuid(), '2020-01-01');
SELECT audit_set_membership_source(NULL) AS source, audit_grant(current_user::regrole, 'reader') AS access;
SELECT name, verb, code, message, hint FROM unnest(ARRAY['audit_access', 'audit_membership_source', 'audit_retention_policies', 'audit_sequence_floors']) AS name,
  (VALUES ('DELETE', 'DELETE FROM '), ('TRUNCATE', 'TRUNCATE ')) AS way (verb, statement), LATERAL test.refusal(statement || name) ORDER BY name, verb;
SET session_replication_role = replica;
SELECT name, verb, code FROM unnest(ARRAY['audit_access', 'audit_membership_source', 'audit_retention_policies', 'audit_sequence_floors']) AS name,
  (VALUES ('DELETE', 'DELETE FROM '), ('TRUNCATE', 'TRUNCATE ')) AS way (verb, statement), LATERAL test.refusal(statement || name) ORDER BY name, verb;
