-- Setting a floor or a policy is itself recorded, as an AUDIT_* event of now in that workspace. It must not raise the workspace's
-- sequence to now: a policy may be inserted beforehand, a floor says from when on, and history is recorded in order after both.
\i tests/golden/prelude.sql
CREATE EXTENSION audit_ext;
CREATE FUNCTION event_at(p_time text, p_workspace text) RETURNS text LANGUAGE sql AS $$
  SELECT format('INSERT INTO audit_events (action_type, resource_type, workspace_id, created_by_user_id, created_at)
    VALUES (''A'', ''r'', ''10000000-0000-4000-8000-0000000000%s'', ''20000000-0000-4000-8000-000000000001'', %L)', p_workspace, p_time)
$$;

-- A policy inserted beforehand, then the workspace's history.
INSERT INTO audit_retention_policies (workspace_id, hot_retention_days) VALUES ('10000000-0000-4000-8000-000000000001', 30);
SELECT time, code, constraint_name FROM (VALUES (1, '2024-01-01 00:00:00+00'), (2, '2024-02-01 00:00:00+00')) AS given (no, time), LATERAL test.refusal(event_at(time, '01')) ORDER BY no;

-- A policy changed in the middle of it.
UPDATE audit_retention_policies SET hot_retention_days = 60 WHERE workspace_id = '10000000-0000-4000-8000-000000000001';
SELECT code, constraint_name FROM test.refusal(event_at('2024-03-01 00:00:00+00', '01'));
SELECT code, constraint_name FROM test.refusal(event_at('2024-02-15 00:00:00+00', '01'));

-- A floor: before it refused, at it and after it accepted; floors rise.
INSERT INTO audit_event_sequence VALUES ('10000000-0000-4000-8000-000000000002', '018d0000-0000-7000-8000-000000000009', '2021-01-01 00:00:00+00');
SELECT last_created_at FROM audit_event_sequence WHERE workspace_id = '10000000-0000-4000-8000-000000000002';
SELECT time, code, constraint_name FROM (VALUES (1, '2020-12-31 23:59:59+00'), (2, '2021-01-01 00:00:00+00')) AS given (no, time), LATERAL test.refusal(event_at(time, '02')) ORDER BY no;
SELECT code FROM test.refusal($$INSERT INTO audit_event_sequence VALUES ('10000000-0000-4000-8000-000000000002', '018d0000-0000-7000-8000-000000000009', '2021-02-01 00:00:00+00')$$);
SELECT code FROM test.refusal($$INSERT INTO audit_event_sequence VALUES ('10000000-0000-4000-8000-000000000002', '018d0000-0000-7000-8000-000000000009', '2021-01-15 00:00:00+00')$$);
SELECT time, code, constraint_name FROM (VALUES (1, '2021-01-31 23:59:59+00'), (2, '2021-02-01 00:00:00+00')) AS given (no, time), LATERAL test.refusal(event_at(time, '02')) ORDER BY no;
SELECT last_created_at FROM audit_event_sequence WHERE workspace_id = '10000000-0000-4000-8000-000000000002';
