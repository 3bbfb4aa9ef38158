-- The server makes ids (UUIDv7 that carry created_at to the microsecond) and takes the time at insertion; what only maintenance
-- may write (an id, the soft-delete columns, the archive) is refused to callers.
\i tests/golden/prelude.sql
CREATE EXTENSION audit_ext;
CREATE FUNCTION insert_with(p_columns text, p_values text) RETURNS text LANGUAGE sql AS $$
  SELECT format('INSERT INTO audit_events (action_type, resource_type, workspace_id, created_by_user_id, %s)
    VALUES (''A'', ''r'', ''10000000-0000-4000-8000-000000000001'', ''20000000-0000-4000-8000-000000000001'', %s)', p_columns, p_values)
$$;

-- A caller's own id is refused, also one that looks like ours.
SELECT id, code, message, hint FROM (VALUES (1, '00000000-0000-0000-0000-000000000001'), (2, '01900000-0000-7000-8000-000000000001'), (3, '00000000-0000-0000-0000-000000000000')) AS given (no, id),
  LATERAL test.refusal(insert_with('id', quote_literal(id))) ORDER BY no;
COPY audit_events (id, action_type, resource_type, workspace_id, created_by_user_id) FROM STDIN;
01900000-0000-7000-8000-000000000001	A	r	10000000-0000-4000-8000-000000000001	20000000-0000-4000-8000-000000000001
\.
SELECT count(*) AS events FROM audit_events;
-- A stored event's id cannot be used again either.
SELECT insert_audit_event('A', 'r', NULL, '10000000-0000-4000-8000-000000000001', '20000000-0000-4000-8000-000000000001') AS event \gset
SELECT code, message FROM test.refusal(insert_with('id', quote_literal(:'event')));

-- NULL and DEFAULT given explicitly are as good as nothing given. A NULL time is refused.
SELECT what, code, message FROM (VALUES
    (1, 'id NULL', 'id', 'NULL'), (2, 'id DEFAULT', 'id', 'DEFAULT'), (3, 'time DEFAULT', 'created_at', 'DEFAULT'),
    (4, 'both DEFAULT', 'id, created_at', 'DEFAULT, DEFAULT'), (5, 'id NULL, time DEFAULT', 'id, created_at', 'NULL, DEFAULT'),
    (6, 'time first', 'created_at, id', 'DEFAULT, DEFAULT')) AS given (no, what, names, vals),
  LATERAL test.refusal(insert_with(names, vals)) ORDER BY no;
SELECT code FROM test.refusal(insert_with('created_at', 'NULL'));

-- Many in one statement and in several: version 7, variant 10, time in the id = created_at, strictly increasing.
INSERT INTO audit_events (action_type, resource_type, workspace_id, created_by_user_id, metadata)
SELECT 'A', 'r', '10000000-0000-4000-8000-000000000001', '20000000-0000-4000-8000-000000000001', to_jsonb(n) FROM generate_series(1, 5000) AS n ORDER BY n;
SELECT count(*) AS events, bool_and(substr(id::text, 15, 1) = '7') AS version_7, bool_and(substr(id::text, 20, 1) IN ('8', '9', 'a', 'b')) AS rfc_variant,
  bool_and(test.time_in(id) = created_at) AS time_in_id, count(DISTINCT id) = count(*) AS unique_ids, count(DISTINCT created_at) = count(*) AS unique_times FROM audit_events;
SELECT bool_and(id > earlier_id AND created_at > earlier_time) AS "in the order of insertion"
FROM (SELECT id, created_at, lag(id) OVER in_order AS earlier_id, lag(created_at) OVER in_order AS earlier_time
  FROM audit_events WHERE metadata IS NOT NULL WINDOW in_order AS (ORDER BY (metadata #>> '{}')::int)) AS event;
-- A caller's time is in the id to the microsecond too.
INSERT INTO audit_events (action_type, resource_type, workspace_id, created_by_user_id, created_at)
SELECT 'A', 'r', '10000000-0000-4000-8000-000000000002', '20000000-0000-4000-8000-000000000001', timestamptz '2020-02-29 23:59:59.999+00' + n * interval '1 microsecond'
FROM generate_series(0, 1999) AS n ORDER BY n;
SELECT count(*), bool_and(test.time_in(id) = created_at) AS time_in_id FROM audit_events WHERE created_at < '2020-03-02';

-- Time is taken at insertion, not when the transaction began.
BEGIN;
SELECT now() IS NOT NULL AS "the transaction has begun", pg_sleep(0.05);
SELECT clock_timestamp() AS before \gset
SELECT insert_audit_event('A', 'r', NULL, '10000000-0000-4000-8000-000000000001', '20000000-0000-4000-8000-000000000001') AS event \gset
SELECT created_at > now() AS "after the beginning", created_at BETWEEN :'before' AND clock_timestamp() AS "at insertion" FROM audit_events WHERE id = :'event';
COMMIT;

-- Times that no id can carry; 1970 itself can.
SELECT time, code, constraint_name, message, hint FROM (VALUES (1, '1969-12-31 23:59:59.999999+00'), (2, '-infinity'), (3, 'infinity'), (4, '0044-03-15 00:00:00+00 BC')) AS given (no, time),
  LATERAL test.refusal(insert_with('created_at', quote_literal(time))) ORDER BY no;
SELECT code FROM test.refusal($$INSERT INTO audit_events (action_type, resource_type, workspace_id, created_by_user_id, created_at)
  VALUES ('A', 'r', '10000000-0000-4000-8000-000000000003', '20000000-0000-4000-8000-000000000001', 'epoch')$$);

-- The soft-delete columns, and the archive.
SELECT names, code, message, hint FROM (VALUES (1, 'deleted_at', 'now()'), (2, 'deleted_by_user_id', 'gen_random_uuid()'), (3, 'deletion_reason', '''GDPR''')) AS given (no, names, vals),
  LATERAL test.refusal(insert_with(names, vals)) ORDER BY no;
SELECT code, message, hint FROM test.refusal($$INSERT INTO audit_events_archive SELECT * FROM audit_events LIMIT 1$$);
SELECT code, message FROM test.refusal($$INSERT INTO audit_events_archive_default (id, created_at, action_type, resource_type, workspace_id, created_by_user_id)
  VALUES (gen_random_uuid(), '2020-01-01', 'A', 'r', gen_random_uuid(), gen_random_uuid())$$);
COPY audit_events_archive (id, created_at, action_type, resource_type, workspace_id, created_by_user_id) FROM STDIN;
01900000-0000-7000-8000-000000000001	2020-01-01 00:00:00+00	A	r	10000000-0000-4000-8000-000000000001	20000000-0000-4000-8000-000000000001
\.
SELECT count(*) AS archived FROM audit_events_archive;
