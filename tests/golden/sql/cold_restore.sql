-- Events that come back go past statements, into the heap and the indexes; whatever else the tables ask of a row still holds.
\i tests/golden/prelude.sql
CREATE EXTENSION audit_ext;
\i tests/golden/cold_files.sql
\i tests/golden/amcheck.sql
SET client_min_messages = warning;
CREATE FUNCTION w(n int) RETURNS uuid LANGUAGE sql AS $$ SELECT ('00000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid $$;
INSERT INTO audit_retention_policies (workspace_id, hot_retention_days, warm_archive_days, cold_retention_days) VALUES (w(1), 30, 60, 36500);
-- More than are stored together, and some whose values are stored out of line.
INSERT INTO audit_events (created_at, action_type, resource_type, resource_id, workspace_id, created_by_user_id, request_id, new_values)
SELECT timestamptz '2024-02-02+00' + n * interval '1 second', 'ACT', 'thing', w(9), w(1), w(70), 'req-' || n, jsonb_build_object('n', n, 'long', CASE WHEN n % 100 = 0 THEN (SELECT string_agg(md5(i::text), '') FROM generate_series(1, 3000) AS i) END)
FROM generate_series(1, 450) AS n;
SELECT archived_count FROM archive_old_audit_events();
SELECT count(*) > 0 AS made FROM create_past_audit_partitions('2024-02-01', '2024-02-29');
SELECT test.export(w(1), '2024-02-01') AS object \gset
SELECT released_count FROM release_audit_cold_object(:'object', 'SOC2', 'T-1');
CREATE FUNCTION restore() RETURNS bigint LANGUAGE sql AS 'SELECT restore_audit_cold_events(object_id, chunk, bytes) FROM test.chunks';
CREATE VIEW seen AS
  SELECT (SELECT count(*) FROM audit_events_archive_2024_02) AS archived, count(*) AS loans, count(*) FILTER (WHERE row_sha256 = sha256(test.canonical(e))) AS "as stored" FROM audit_cold_loans LEFT JOIN audit_events_archive AS e ON e.id = event_id;
SET client_min_messages = notice;

-- A statement that asks twice gets them once; so does one after a rollback to a savepoint.
BEGIN;
SELECT n, restore_audit_cold_events(object_id, chunk, bytes) AS restored FROM generate_series(1, 2) AS n, test.chunks;
TABLE seen;
ROLLBACK;
BEGIN;
SAVEPOINT before;
SELECT restore();
ROLLBACK TO before;
TABLE seen;
SELECT restore();
TABLE seen;
ROLLBACK;

-- Indexes of others have an entry for each: with a predicate and expressions, to exclude, of another kind, deferrable.
BEGIN;
CALL test.past_the_guard($$CREATE UNIQUE INDEX ON audit_events_archive_2024_02 (lower(request_id), (new_values ->> 'n')) WHERE request_id <> 'req-7'$$);
CALL test.past_the_guard($$ALTER TABLE audit_cold_loans ADD EXCLUDE USING btree (event_id WITH =)$$);
SELECT restore();
TABLE seen;
SELECT count(bt_index_check(indexrelid, true)) > 4 AS sound FROM pg_index WHERE indrelid IN ('audit_events_archive_2024_02'::regclass, 'audit_cold_loans'::regclass);
ROLLBACK;
BEGIN;
CALL test.past_the_guard($$CREATE INDEX ON audit_events_archive_2024_02 USING gin (new_values)$$);
SELECT restore();
SET LOCAL enable_seqscan = off;
SELECT count(*) FROM audit_events_archive_2024_02 WHERE new_values @> '{"n": 77}';
ROLLBACK;
BEGIN;
CALL test.past_the_guard($$ALTER TABLE audit_cold_loans ADD CONSTRAINT once UNIQUE (workspace_id) DEFERRABLE INITIALLY DEFERRED$$);
SELECT restore();
SET CONSTRAINTS ALL IMMEDIATE;
ROLLBACK;

-- Constraints of others refuse by their names, and nothing came back.
CREATE FUNCTION refused(p_ddl text) RETURNS TABLE (code text, constraint_name text, message text) LANGUAGE plpgsql AS $$ BEGIN
  CALL test.past_the_guard(p_ddl);
  RETURN QUERY SELECT r.code, r.constraint_name, r.message FROM test.refusal('SELECT restore()') AS r;
END $$;
BEGIN; SELECT * FROM refused($$ALTER TABLE audit_events_archive_2024_02 ADD CONSTRAINT theirs CHECK (request_id <> 'req-321')$$); TABLE seen; ROLLBACK;
BEGIN; SELECT * FROM refused($$ALTER TABLE audit_events_archive_2024_02 ALTER ip_address SET NOT NULL$$); TABLE seen; ROLLBACK;
BEGIN; SELECT * FROM refused($$CREATE UNIQUE INDEX theirs ON audit_events_archive_2024_02 (resource_id)$$); TABLE seen; ROLLBACK;
BEGIN; SELECT * FROM refused($$ALTER TABLE audit_cold_loans ADD CONSTRAINT never CHECK (workspace_id IS NULL) NOT VALID$$); TABLE seen; ROLLBACK;

-- Without the month's partition they go to the default one; without that, nowhere.
BEGIN;
CALL test.past_the_guard('ALTER TABLE audit_events_archive DETACH PARTITION audit_events_archive_2024_02');
SELECT restore();
SELECT tableoid::regclass AS partition, count(*) FROM audit_events_archive WHERE action_type = 'ACT' GROUP BY 1;
ROLLBACK;
BEGIN;
CALL test.past_the_guard('ALTER TABLE audit_events_archive DETACH PARTITION audit_events_archive_2024_02');
CALL test.past_the_guard('ALTER TABLE audit_events_archive DETACH PARTITION audit_events_archive_default');
SELECT code, message, hint FROM test.refusal('SELECT restore()');
ROLLBACK;

-- Back at last.
SELECT restore();
TABLE seen;
