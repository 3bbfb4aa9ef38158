-- audit_scrub() of an erasure that only a file was concerned by: what was in the file has left its bytes in the partition of its month when it was released.
\i tests/golden/prelude.sql
CREATE EXTENSION audit_ext;
\i tests/golden/cold_files.sql
SET client_min_messages = warning;
CREATE FUNCTION w(n int) RETURNS uuid LANGUAGE sql AS $$ SELECT ('00000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid $$;
INSERT INTO audit_retention_policies (workspace_id, hot_retention_days, warm_archive_days, cold_retention_days) VALUES (w(1), 30, 60, 36500);
INSERT INTO audit_events (created_at, action_type, resource_type, workspace_id, created_by_user_id, metadata)
SELECT month + n * interval '1 hour', 'ACT', 'thing', w(1), w(71 + n % 2), '{"secret": "payload"}' FROM unnest(ARRAY[timestamptz '2020-01-05Z', '2020-02-05Z']) AS month, generate_series(0, 7) AS n ORDER BY 1;
SELECT archived_count FROM archive_old_audit_events();
SELECT count(*) AS made FROM create_past_audit_partitions('2020-01-01', '2020-02-29');
SELECT test.export(w(1), '2020-01-01') AS january \gset
SELECT released_count FROM release_audit_cold_object(:'january', 'SOC2', 'T-1');
SELECT deleted_count, deletion_log_id AS entry FROM delete_user_audit_events_compliant(w(79), w(1), 'GDPR', 'T-2') \gset
SELECT :deleted_count AS deleted_count;
CREATE TABLE before AS SELECT oid, relfilenode FROM pg_class WHERE relname LIKE 'audit_events%_2020_0_' AND relkind = 'r';
SELECT audit_scrub(:'entry');
SELECT relname, c.relfilenode <> before.relfilenode AS rewritten FROM pg_class AS c JOIN before USING (oid) ORDER BY 1;
-- So is that of an erasure which a file was rewritten by.
SELECT deleted_count, deletion_log_id AS entry FROM delete_user_audit_events_compliant(w(71), w(1), 'GDPR', 'T-3') \gset
SELECT test.erase(:'january') AS successor \gset
SELECT replace_audit_cold_object(:'january', test.successor(:'successor'));
TRUNCATE before;
INSERT INTO before SELECT oid, relfilenode FROM pg_class WHERE relname LIKE 'audit_events%_2020_0_' AND relkind = 'r';
SELECT audit_scrub(:'entry');
SELECT relname, c.relfilenode <> before.relfilenode AS rewritten FROM pg_class AS c JOIN before USING (oid) ORDER BY 1;
