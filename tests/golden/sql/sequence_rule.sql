-- A workspace's events are in order: a time that a caller supplies is not before the newest event that can be seen, hot,
-- archived or put into audit_event_sequence; equal times are fine; an event of the default time is never refused.
\i tests/golden/prelude.sql
CREATE EXTENSION audit_ext;
CREATE FUNCTION event_at(p_time text, p_workspace text DEFAULT '01') RETURNS text LANGUAGE sql AS $$
  SELECT format('INSERT INTO audit_events (action_type, resource_type, workspace_id, created_by_user_id, created_at)
    VALUES (''A'', ''r'', ''10000000-0000-4000-8000-0000000000%s'', ''20000000-0000-4000-8000-000000000001'', %L)', p_workspace, p_time)
$$;

-- History in order goes in; equal times do; what is before is refused, by INSERT, COPY and the bulk function.
SELECT time, code, constraint_name FROM (VALUES
    (1, '2024-01-31 23:59:59.999999+00'), (2, '2024-02-01 00:00:00+00'), (3, '2024-02-29 12:00:00+00'), (4, '2024-02-29 12:00:00+00'),
    (5, '2024-02-29 11:59:59.999999+00'), (6, '2024-01-15 00:00:00+00'), (7, '2023-06-01 00:00:00+00'), (8, '2024-02-29 12:00:00.000001+00')) AS given (no, time),
  LATERAL test.refusal(event_at(time)) ORDER BY no;
INSERT INTO audit_events (action_type, resource_type, workspace_id, created_by_user_id, created_at)
VALUES ('A', 'r', '10000000-0000-4000-8000-000000000001', '20000000-0000-4000-8000-000000000001', '2024-02-01 00:00:00+00');
\echo :LAST_ERROR_SQLSTATE
COPY audit_events (action_type, resource_type, workspace_id, created_by_user_id, created_at) FROM STDIN;
A	r	10000000-0000-4000-8000-000000000001	20000000-0000-4000-8000-000000000001	2024-03-01 00:00:00+00
A	r	10000000-0000-4000-8000-000000000001	20000000-0000-4000-8000-000000000001	2024-02-29 23:00:00+00
\.
SELECT insert_audit_events('[{"action_type": "A", "resource_type": "r", "workspace_id": "10000000-0000-4000-8000-000000000001", "created_by_user_id": "20000000-0000-4000-8000-000000000001", "created_at": "2024-03-01T00:00:00Z"},
  {"action_type": "A", "resource_type": "r", "workspace_id": "10000000-0000-4000-8000-000000000001", "created_by_user_id": "20000000-0000-4000-8000-000000000001", "created_at": "2024-02-29T00:00:00Z"}]');
\echo :LAST_ERROR_SQLSTATE
SELECT count(*) AS events, max(created_at) FROM audit_events;
-- One statement counts in its own order.
SELECT code FROM test.refusal(event_at('2024-03-02 00:00:00+00') || $$, ('A', 'r', '10000000-0000-4000-8000-000000000001', '20000000-0000-4000-8000-000000000001', '2024-03-01')$$);
SELECT code FROM test.refusal(event_at('2024-03-01 00:00:00+00') || $$, ('A', 'r', '10000000-0000-4000-8000-000000000001', '20000000-0000-4000-8000-000000000001', '2024-03-02')$$);
-- Drained from the default partition into their months, events count as before.
SELECT count(*) AS partitions FROM create_past_audit_partitions('2020-01-01', '2024-12-31');
SELECT time, code FROM (VALUES (1, '2024-02-29 12:00:00+00'), (2, '2024-03-02 00:00:00+00')) AS given (no, time), LATERAL test.refusal(event_at(time)) ORDER BY no;

-- Other workspaces are independent, also in one statement.
SELECT code FROM test.refusal(event_at('2020-01-01 00:00:00+00', '02'));

-- The archive counts: an event planted there as only maintenance can.
SET session_replication_role = replica;
INSERT INTO audit_events_archive (id, created_at, action_type, resource_type, workspace_id, created_by_user_id)
VALUES ('018d0000-0000-7000-8000-000000000001', '2022-06-15 00:00:00+00', 'OLD', 'r', '10000000-0000-4000-8000-000000000003', '20000000-0000-4000-8000-000000000001');
RESET session_replication_role;
SELECT time, code, constraint_name FROM (VALUES (1, '2022-06-14 23:59:59+00'), (2, '2022-06-15 00:00:00+00')) AS given (no, time), LATERAL test.refusal(event_at(time, '03')) ORDER BY no;

-- Floors: not in the future, not before the newest event, hot or archived, not NULL.
CREATE FUNCTION floor_at(p_time text, p_workspace text) RETURNS text LANGUAGE sql AS $$
  SELECT format('INSERT INTO audit_event_sequence VALUES (''10000000-0000-4000-8000-0000000000%s'', ''018d0000-0000-7000-8000-000000000009'', %s)', p_workspace, p_time)
$$;
SELECT what, code, message, hint FROM (VALUES (1, 'future', 'clock_timestamp() + interval ''1 minute''', '04'), (2, 'infinity', '''infinity''', '04'),
    (3, 'below the newest', '''2024-03-01 00:00:00+00''', '01'), (4, 'below an archived one', '''2022-06-14 00:00:00+00''', '03'), (5, 'no time', 'NULL', '04'),
    (6, 'at the newest', '''2024-03-02 00:00:00+00''', '01'), (7, 'free', '''2021-01-01 00:00:00+00''', '04')) AS given (no, what, time, workspace),
  LATERAL test.refusal(floor_at(time, workspace)) ORDER BY no;
SELECT code FROM test.refusal('INSERT INTO audit_event_sequence VALUES (NULL, gen_random_uuid(), now())');
SELECT code FROM test.refusal('INSERT INTO audit_event_sequence VALUES (gen_random_uuid(), NULL, now())');
SELECT time, code, constraint_name FROM (VALUES (1, '2020-12-31 23:59:59+00')) AS given (no, time), LATERAL test.refusal(event_at(time, '04')) ORDER BY no;

-- The default time is never refused: not with a floor at now(), not with a floor put in a moment ago, not on any path.
SELECT code FROM test.refusal(floor_at('clock_timestamp()', '05'));
SELECT insert_audit_event('A', 'r', NULL, '10000000-0000-4000-8000-000000000005', '20000000-0000-4000-8000-000000000001') IS NOT NULL AS recorded;
BEGIN;
SELECT code FROM test.refusal(floor_at('clock_timestamp()', '05'));
INSERT INTO audit_events (action_type, resource_type, workspace_id, created_by_user_id, created_at)
VALUES ('A', 'r', '10000000-0000-4000-8000-000000000005', '20000000-0000-4000-8000-000000000001', DEFAULT);
COPY audit_events (action_type, resource_type, workspace_id, created_by_user_id) FROM STDIN;
A	r	10000000-0000-4000-8000-000000000005	20000000-0000-4000-8000-000000000001
\.
-- A caller's now() is the caller's time: the transaction began before its newest event.
SELECT code, constraint_name FROM test.refusal(event_at(now()::text, '05'));
COMMIT;
SELECT count(*) AS events FROM audit_events WHERE workspace_id = '10000000-0000-4000-8000-000000000005' AND action_type = 'A';

-- The view shows the newest of events, archive and floor; every floor is an event of its own.
SELECT right(workspace_id::text, 2) AS workspace, last_created_at FROM audit_event_sequence
WHERE right(workspace_id::text, 2) IN ('02', '03') ORDER BY 1;
SELECT right(workspace_id::text, 2) AS workspace, count(*) FROM audit_events WHERE action_type = 'AUDIT_SEQUENCE_FLOOR_SET' GROUP BY 1 ORDER BY 1;
SELECT code FROM test.refusal('UPDATE audit_event_sequence SET last_created_at = ''epoch''');
SELECT code FROM test.refusal('DELETE FROM audit_event_sequence');
