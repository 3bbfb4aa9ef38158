-- Files that are condemned are there until they are known to be gone: what is erased or purged meanwhile is complete only then.
\i tests/golden/prelude.sql
CREATE EXTENSION audit_ext;
\i tests/golden/cold_files.sql
SET client_min_messages = warning;
CREATE FUNCTION w(n int) RETURNS uuid LANGUAGE sql AS $$ SELECT ('00000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid $$;
INSERT INTO audit_retention_policies (workspace_id, hot_retention_days, warm_archive_days, cold_retention_days) SELECT w(n), 30, 60, 36500 FROM generate_series(1, 2) AS n;
INSERT INTO audit_events (created_at, action_type, resource_type, workspace_id, created_by_user_id, metadata)
SELECT month + n * interval '1 hour', 'ACT', 'thing', w(ws), w(71 + n % 4), '{"secret": "payload"}'
FROM generate_series(1, 2) AS ws, unnest(ARRAY[timestamptz '2020-01-05Z', '2020-02-05Z', '2020-03-05Z']) AS month, generate_series(0, 7) AS n ORDER BY 1, 2;
SELECT archived_count FROM archive_old_audit_events();
CREATE FUNCTION certified(p_entry uuid, OUT searched int, OUT pending int, OUT to_remove int, OUT removed int, OUT is_complete bool) LANGUAGE sql AS $$
  SELECT (k ->> 'objects_searched')::int, (k ->> 'objects_pending')::int, (k ->> 'files_to_remove')::int, (k ->> 'files_removed')::int, (c ->> 'is_complete')::bool
  FROM audit_deletion_certificate(p_entry) AS c, LATERAL (SELECT c -> 'cold') AS cold (k) $$;

-- Files that were given up before an erasure hold what it erases.
SELECT test.export(w(1), '2020-01-01') AS given_up \gset
SELECT discard_audit_cold_object(:'given_up', 'another disk');
SELECT deletion_log_id AS erasure FROM delete_user_audit_events_compliant(w(71), w(1), 'GDPR', 'T-1') \gset
SELECT * FROM certified(:'erasure');
SELECT confirm_audit_cold_removed(:'given_up');
SELECT * FROM certified(:'erasure');
-- What is gone concerns no later erasure.
SELECT deletion_log_id AS erasure FROM delete_user_audit_events_compliant(w(79), w(1), 'GDPR', 'T-2') \gset
SELECT * FROM certified(:'erasure');

-- So do files that were replaced, and successors that were given up; each is counted once.
SELECT test.export(w(1), '2020-02-01') AS february \gset
SELECT released_count FROM release_audit_cold_object(:'february', 'SOC2', 'T-3');
SELECT deletion_log_id AS first FROM delete_user_audit_events_compliant(w(72), w(1), 'GDPR', 'T-4') \gset
SELECT test.erase(:'february') AS given_up \gset
SELECT discard_audit_cold_object(:'given_up', 'the disk was full');
SELECT test.erase(:'february') AS successor \gset
SELECT replace_audit_cold_object(:'february', test.successor(:'successor'));
SELECT deletion_log_id AS second FROM delete_user_audit_events_compliant(w(73), w(1), 'GDPR', 'T-5') \gset
SELECT 'first', * FROM certified(:'first') UNION ALL SELECT 'second', * FROM certified(:'second');
SELECT test.erase(:'successor') AS last \gset
SELECT replace_audit_cold_object(:'successor', test.successor(:'last'));
SELECT confirm_audit_cold_removed(:'successor');
SELECT 'first', * FROM certified(:'first') UNION ALL SELECT 'second', * FROM certified(:'second');
SELECT confirm_audit_cold_removed(:'february'), confirm_audit_cold_removed(:'given_up');
SELECT 'first', * FROM certified(:'first') UNION ALL SELECT 'second', * FROM certified(:'second');

-- A purge: of February the file that was replaced is there still, the successor of another one is being written; of March a file was given up.
SELECT test.export(w(2), '2020-02-01') AS february, test.export(w(2), '2020-03-01') AS march \gset
SELECT released_count FROM release_audit_cold_object(:'february', 'SOC2', 'T-6');
SELECT discard_audit_cold_object(:'march', 'another disk');
SELECT deleted_count FROM delete_user_audit_events_compliant(w(71), w(2), 'GDPR', 'T-7');
SELECT test.erase(:'february') AS successor \gset
SELECT replace_audit_cold_object(:'february', test.successor(:'successor'));
SELECT deletion_log_id AS pending FROM delete_user_audit_events_compliant(w(72), w(2), 'GDPR', 'T-8') \gset
SELECT test.erase(:'successor') AS under_way \gset
CALL test.past_the_guard($$ALTER TABLE audit_retention_policies DISABLE TRIGGER ALL$$);
UPDATE audit_retention_policies SET cold_retention_days = 60 WHERE workspace_id = w(2);
CALL test.past_the_guard($$ALTER TABLE audit_retention_policies ENABLE TRIGGER ALL$$);
SELECT deleted_count, deletion_log_id AS purge FROM purge_expired_audit_events(w(2), 'RETENTION', 'T-9') \gset
SELECT :deleted_count AS deleted_count;
SELECT month, state, condemned_reason FROM audit_cold_objects WHERE object_id = :'under_way';
SELECT 'purge', * FROM certified(:'purge') UNION ALL SELECT 'erasure', * FROM certified(:'pending');
SELECT confirm_audit_cold_removed(:'under_way'), confirm_audit_cold_removed(:'successor'), confirm_audit_cold_removed(:'march');
SELECT 'purge', * FROM certified(:'purge') UNION ALL SELECT 'erasure', * FROM certified(:'pending');
SELECT confirm_audit_cold_removed(:'february');
SELECT 'purge', * FROM certified(:'purge') UNION ALL SELECT 'erasure', * FROM certified(:'pending');
