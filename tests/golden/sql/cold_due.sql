-- Which months may go to cold storage, and what is in the way of others: audit_cold_due() shows it, begin_audit_cold_object() is refused by it.
\i tests/golden/prelude.sql
CREATE EXTENSION audit_ext;
\i tests/golden/cold.sql
SET client_min_messages = warning;
SET timezone = 'Pacific/Auckland';
CREATE FUNCTION w(int) RETURNS uuid LANGUAGE sql IMMUTABLE RETURN ('10000000-0000-4000-8000-' || lpad($1::text, 12, '0'))::uuid;
CREATE VIEW due AS SELECT right(workspace_id::text, 2) AS workspace, month, event_count, obstacle FROM audit_cold_due(p_min_events => 1) ORDER BY 1, 2;
CREATE FUNCTION begun(int, date, text DEFAULT 'file:///cold') RETURNS TABLE (code text, message text, detail text, hint text) LANGUAGE plpgsql AS $$
BEGIN
  PERFORM begin_audit_cold_object(w($1), $2, $3);
  code := 'begun';
  RETURN NEXT;
EXCEPTION WHEN OTHERS THEN
  GET STACKED DIAGNOSTICS code = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
  RETURN NEXT;
END $$;
INSERT INTO audit_retention_policies (workspace_id, hot_retention_days, warm_archive_days, cold_retention_days)
SELECT w(n), 5, CASE n WHEN 2 THEN 100000 ELSE 10 END, CASE WHEN n = 2 THEN 100000 WHEN n <> 1 THEN 1000 END FROM generate_series(1, 9) AS n;
INSERT INTO audit_events (created_at, action_type, resource_type, resource_id, workspace_id, created_by_user_id)
SELECT at, 'A', 'thing', w(80), w(n), w(70 + part) FROM generate_series(1, 9) AS n,
  (VALUES (1, timestamptz '2020-01-31 23:59:59.999999Z'), (2, '2020-02-01 00:00:00Z'), (3, '2020-02-29 12:00:00Z')) AS given (part, at) ORDER BY n, at;
-- Nothing is archived yet.
SELECT count(*) FROM due;
SELECT code, detail FROM begun(3, '2020-01-01');
SELECT archived_count FROM archive_old_audit_events();

-- No cold_retention_days, or not past warm_archive_days: not shown. Months are of UTC, wherever the session is. A file of less than 100 events is not worth it.
SELECT * FROM due;
SELECT count(*) AS "of 100" FROM audit_cold_due();
SELECT month, event_count FROM audit_cold_due(w(3), 2);
SELECT * FROM begun(1, '2020-01-01');
SELECT * FROM begun(2, '2020-01-01');
SELECT * FROM begun(3, '2019-12-01');
SELECT code, replace(message, to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM'), '<this month>') AS message, detail, hint FROM begun(3, date_trunc('month', now() AT TIME ZONE 'UTC')::date);
SELECT code, message, hint FROM test.refusal('SELECT audit_cold_due(NULL, 0)');
SELECT code FROM test.refusal('SELECT audit_cold_due(NULL, NULL)');

-- A hold, on anybody.
SELECT place_audit_hold(w(3), 'case', w(79)) AS hold \gset
SELECT * FROM due WHERE workspace = '03';
SELECT * FROM begun(3, '2020-01-01');
SELECT release_audit_hold(:'hold', 'over');
SELECT * FROM due WHERE workspace = '03';

-- Compliance mode, until a request says otherwise.
UPDATE audit_retention_policies SET is_compliance_mode = true, compliance_reason = 'HIPAA' WHERE workspace_id = w(4);
SELECT * FROM due WHERE workspace = '04';
SELECT * FROM begun(4, '2020-01-01');

SELECT request_audit_cold_release(w(4), 'TEST') IS NOT NULL AS requested;
SELECT * FROM due WHERE workspace = '04';

-- An event that was brought back is hot for a while.
SELECT restore_audit_events((SELECT array_agg(id) FROM audit_events_archive WHERE workspace_id = w(5) AND created_at < '2020-02-01Z'));
SELECT restore_audit_events((SELECT array_agg(id) FROM (SELECT id FROM audit_events_archive WHERE workspace_id = w(5) ORDER BY created_at LIMIT 1) AS one));
SELECT * FROM due WHERE workspace = '05';
SELECT * FROM begun(5, '2020-02-01');
SELECT code, detail, hint FROM begun(5, '2020-01-01');

-- An object of the month: under way while its session lives, also if it is this one; then stored.
SELECT object_id AS object, path FROM begin_audit_cold_object(w(6), '2020-02-01', 's3://bucket/prefix/') \gset
SELECT :'path' = format('workspace=%s/year=2020/2020-02_%s.parquet', w(6), :'object') AS "path is as specified";
SELECT * FROM due WHERE workspace = '06';
SELECT * FROM begun(6, '2020-02-01');
SELECT code FROM begun(6, '2020-01-01');
SELECT store_audit_cold_object(:'object', test.cold_manifest(:'object'));
SELECT * FROM due WHERE workspace = '06';
SELECT * FROM begun(6, '2020-02-01');
-- When the session has ended, what it left open is condemned by whoever begins next.
\c
SET client_min_messages = warning;
CALL test.sessions_end();
SELECT * FROM due WHERE workspace = '06';
SELECT code FROM begun(6, '2020-01-01');
SELECT month, state, store, condemned_reason, opened_by_pid = pg_backend_pid() AS "of this session" FROM audit_cold_objects ORDER BY month, opened_at;
SELECT action_type, resource_type, resource_id = object_id AS "names the object", new_values - 'path' AS told FROM audit_events JOIN audit_cold_objects ON object_id = resource_id
WHERE action_type LIKE 'AUDIT_COLD%' ORDER BY created_at, id;

-- Released: not due any more. Then an erasure is pending until the file was searched.
SELECT test.cold_stored(w(7), '2020-02-01') AS object \gset
SELECT released_count FROM release_audit_cold_object(:'object', 'TEST', 'T-1');
SELECT * FROM due WHERE workspace = '07';
SELECT deleted_count FROM delete_user_audit_events_compliant(w(72), w(7), 'GDPR', 'T-2');
SELECT * FROM due WHERE workspace = '07';
SELECT * FROM begun(7, '2020-01-01');

-- An event that vouches for a deletion does not go. One that only says so does.
SELECT deleted_count, deletion_log_id AS entry FROM delete_user_audit_events_compliant(w(79), w(9), 'GDPR', 'T-3') \gset
CALL test.past_the_guard('ALTER TABLE audit_events_archive DISABLE TRIGGER USER');
INSERT INTO audit_events_archive (id, created_at, action_type, resource_type, resource_id, workspace_id, created_by_user_id)
SELECT test.id_at('2020-02-02Z', n), '2020-02-02Z', 'AUDIT_EVENTS_ERASED', 'audit_deletion_log', resource_id, w(9), w(71) FROM (VALUES (1, :'entry'), (2, w(1))) AS given (n, resource_id);
SELECT audit_setup();
SELECT * FROM due WHERE workspace = '09';

-- Where the trail is sealed, only what is sealed goes.
SELECT sealed_count > 0 AS sealed FROM audit_seal();
INSERT INTO audit_events (created_at, action_type, resource_type, workspace_id, created_by_user_id) VALUES ('2020-03-03Z', 'A', 'thing', w(8), w(71));
SELECT archived_count FROM archive_old_audit_events();
SELECT * FROM due WHERE workspace = '08';
SELECT * FROM begun(8, '2020-03-01');
