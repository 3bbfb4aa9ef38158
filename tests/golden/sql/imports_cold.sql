-- Imported events go to cold storage and come back: with the same ids and digests, marked as before, and sealed as before.
\i tests/golden/prelude.sql
CREATE EXTENSION audit_ext;
\i tests/golden/cold_files.sql
SET client_min_messages = warning;
CREATE FUNCTION w(n int) RETURNS uuid LANGUAGE sql AS $$ SELECT ('00000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid $$;
INSERT INTO audit_retention_policies (workspace_id, hot_retention_days, warm_archive_days, cold_retention_days) VALUES (w(1), 30, 60, 36500);
CREATE TABLE source AS SELECT 'row ' || n AS source_id, timestamptz '2024-02-02+00' + n * interval '1 minute' AS created_at, 'EDIT' AS action_type, 'ticket' AS resource_type, w(1) AS workspace_id, w(70) AS created_by_user_id,
  jsonb_build_object('n', n, 'long', CASE WHEN n % 100 = 0 THEN repeat('x', 10000) END) AS new_values FROM generate_series(1, 250) AS n;
CALL import_audit_events('source', 'old', p_batch => 100);
SELECT sealed_count > 0 AS sealed FROM audit_seal();
SELECT archived_count FROM archive_old_audit_events();
CREATE TABLE before AS SELECT id, sha256(test.canonical(e)) AS digest FROM audit_events_archive AS e WHERE action_type = 'EDIT';
SELECT test.export(w(1), '2024-02-01') AS object \gset
SELECT released_count FROM release_audit_cold_object(:'object', 'SOC2', 'T-1');
SELECT count(*) AS "left in the database" FROM (SELECT id FROM audit_events UNION ALL SELECT id FROM audit_events_archive) AS e WHERE substr(id::text, 15, 1) = '8';
-- What is in a file is skipped, too.
CALL import_audit_events('source', 'old');
SELECT state, imported_count, skipped_count FROM audit_imports;
SELECT sum(restored) AS restored FROM (SELECT restore_audit_cold_events(object_id, chunk, bytes) AS restored FROM test.chunks) AS r;
SELECT count(*) AS events, count(before.id) AS "as they were", bool_and(substr(e.id::text, 15, 1) = '8') AS marked, bool_and(seal_xid < 0) AS "as imports"
FROM audit_events_archive AS e LEFT JOIN before ON before.id = e.id AND before.digest = sha256(test.canonical(e)) WHERE action_type = 'EDIT';
-- What is back is skipped.
CALL import_audit_events('source', 'old');
SELECT state, imported_count, skipped_count FROM audit_imports;
SELECT sealed_count >= 0 AS sealed FROM audit_seal();
SELECT code, detail FROM audit_verify() WHERE severity <> 'info';
