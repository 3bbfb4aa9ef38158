-- Events are conserved: every way of letting one vanish or change on its way out of the archive, or of smuggling one in, is refused, and
-- what was tried leaves both tables as they were.
\i tests/golden/prelude.sql
CREATE EXTENSION audit_ext;
\set VERBOSITY terse
CREATE FUNCTION w(int) RETURNS uuid LANGUAGE sql IMMUTABLE RETURN ('10000000-0000-4000-8000-' || lpad($1::text, 12, '0'))::uuid;
INSERT INTO audit_events (created_at, action_type, resource_type, workspace_id, created_by_user_id, new_values)
SELECT now() - interval '200 days' + n * interval '1 minute', 'OLD_' || n, 'r', w(1), w(9), jsonb_build_object('n', n) FROM generate_series(1, 3) AS n;
SET client_min_messages = warning;
SELECT count(*) > 0 AS made FROM create_monthly_audit_partition(2);
RESET client_min_messages;
SELECT * FROM archive_old_audit_events();
SELECT insert_audit_event('NEW', 'r', NULL, w(1), w(9)) IS NOT NULL AS recorded;
CREATE VIEW state AS SELECT md5(string_agg(e, ',' ORDER BY e)) FROM (SELECT 'hot' || e::text FROM audit_events AS e UNION ALL SELECT 'archive' || e::text FROM audit_events_archive AS e) AS events (e);
SELECT md5 AS before FROM state \gset
SELECT id AS one FROM audit_events_archive WHERE action_type = 'OLD_1' \gset
SELECT string_agg(attname, ', ' ORDER BY attnum) AS columns FROM pg_attribute WHERE attrelid = 'audit_events'::regclass AND attnum BETWEEN 1 AND 15 \gset

-- A bare DELETE fails at the end of its statement; so do one of all rows, one of a partition, and one in a function.
DELETE FROM audit_events_archive WHERE id = :'one';
\echo :LAST_ERROR_SQLSTATE
SELECT code, message, hint FROM test.refusal('DELETE FROM audit_events_archive');
SELECT test.masked(tableoid::regclass::text) AS partition, tableoid::regclass AS leaf FROM audit_events_archive LIMIT 1 \gset
SELECT code, message FROM test.refusal(format('DELETE FROM %s', :'leaf'));
DO $$ BEGIN DELETE FROM audit_events_archive; END $$;
-- Nothing matched: nothing left, nothing wrong.
DELETE FROM audit_events_archive WHERE false;

-- Put back changed, half, twice, or elsewhere.
WITH gone AS (DELETE FROM audit_events_archive WHERE id = :'one' RETURNING *)
INSERT INTO audit_events (:columns) SELECT id, created_at, created_by_user_id, 'FORGED', resource_type, resource_id, workspace_id, old_values, new_values, changed_fields, ip_address, user_agent, request_id, tags, metadata FROM gone;
WITH gone AS (DELETE FROM audit_events_archive WHERE id = :'one' RETURNING *)
INSERT INTO audit_events (id, created_at, created_by_user_id, action_type, resource_type, workspace_id) SELECT id, created_at, created_by_user_id, action_type, resource_type, workspace_id FROM gone;
WITH gone AS (DELETE FROM audit_events_archive RETURNING *)
INSERT INTO audit_events (:columns) SELECT :columns FROM gone WHERE action_type <> 'OLD_2';
SELECT code FROM test.refusal(format('WITH gone AS (DELETE FROM audit_events_archive WHERE id = %L RETURNING *), twice AS (SELECT * FROM gone UNION ALL SELECT * FROM gone)
INSERT INTO audit_events (%s) SELECT %2$s FROM twice', :'one', :'columns'));
-- Under its id, another event beside it: in another workspace, at another time.
SELECT beside, code, message FROM (VALUES (1, 'created_at, w(2)'), (2, 'created_at - interval ''1 second'', workspace_id')) AS given (no, beside), LATERAL test.refusal(format('WITH gone AS (DELETE FROM audit_events_archive WHERE id = %L RETURNING *)
INSERT INTO audit_events (%s) SELECT %2$s FROM gone UNION ALL SELECT id, %3$s, created_by_user_id, ''FORGED'', resource_type, resource_id, %4$s, old_values, new_values, changed_fields, ip_address, user_agent, request_id, tags, metadata FROM gone', :'one', :'columns', split_part(beside, ', ', 1), split_part(beside, ', ', 2))) ORDER BY no;
CREATE TABLE elsewhere (LIKE audit_events);
WITH gone AS (DELETE FROM audit_events_archive RETURNING *) INSERT INTO elsewhere SELECT * FROM gone;
-- Put back in a later statement is too late.
BEGIN;
DELETE FROM audit_events_archive WHERE id = :'one';
ROLLBACK;

-- A twin that swallows the row: there is none to be had, for nobody brings an id of their own.
INSERT INTO audit_events (id, created_at, action_type, resource_type, workspace_id, created_by_user_id) SELECT id, created_at, 'TWIN', 'r', workspace_id, created_by_user_id FROM audit_events_archive WHERE id = :'one';
-- Even where a superuser plants one with all plain triggers off, ON CONFLICT DO NOTHING onto it destroys nothing.
BEGIN;
SET LOCAL session_replication_role = replica;
INSERT INTO audit_events (id, created_at, action_type, resource_type, workspace_id, created_by_user_id) SELECT id, created_at, 'TWIN', 'r', workspace_id, created_by_user_id FROM audit_events_archive WHERE id = :'one';
SET LOCAL session_replication_role = origin;
WITH gone AS (DELETE FROM audit_events_archive WHERE id = :'one' RETURNING *)
INSERT INTO audit_events (:columns) SELECT :columns FROM gone ON CONFLICT DO NOTHING;
ROLLBACK;

-- The reverse: out of the hot table, into the archive; and straight into the archive.
WITH gone AS (DELETE FROM audit_events WHERE action_type = 'NEW' RETURNING *) INSERT INTO audit_events_archive SELECT * FROM gone;
INSERT INTO audit_events_archive SELECT * FROM audit_events WHERE action_type = 'NEW';
\echo :LAST_ERROR_SQLSTATE
-- Out of the archive and into it again is a detour that leads nowhere.
WITH gone AS (DELETE FROM audit_events_archive WHERE id = :'one' RETURNING *) INSERT INTO audit_events_archive SELECT * FROM gone;

-- No setting opens anything, and neither does the role of a replica.
SET audit_ext.restoring = on;
DELETE FROM audit_events_archive;
RESET audit_ext.restoring;
BEGIN;
SET LOCAL session_replication_role = replica;
DELETE FROM audit_events_archive;
ROLLBACK;

SELECT md5 = :'before' AS "nothing lost, changed or added" FROM state;

-- Savepoints: what was put back and rolled back is in the archive again; what was refused can be tried again.
BEGIN;
SAVEPOINT s;
SELECT restore_audit_events(ARRAY[:'one'::uuid]);
ROLLBACK TO s;
SELECT count(*) AS archived FROM audit_events_archive WHERE id = :'one';
SAVEPOINT s;
DELETE FROM audit_events_archive WHERE id = :'one';
ROLLBACK TO s;
SELECT restore_audit_events(ARRAY[:'one'::uuid]);
RELEASE s;
SELECT restore_audit_events(ARRAY[:'one'::uuid]) AS "again: there is nothing to restore";
COMMIT;
SELECT count(*) FROM audit_events WHERE id = :'one';
