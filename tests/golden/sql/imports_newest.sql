-- A caller's time is compared with the newest event of its workspace that was not imported. Imported events beside it may be many: their rows are not visited.
\i tests/golden/prelude.sql
CREATE EXTENSION audit_ext;
SET client_min_messages = warning;
SET TimeZone = 'UTC';
CREATE FUNCTION w(int) RETURNS uuid LANGUAGE sql IMMUTABLE RETURN ('10000000-0000-4000-8000-' || lpad($1::text, 12, '0'))::uuid;
INSERT INTO audit_events (created_at, action_type, resource_type, workspace_id, created_by_user_id) VALUES ('2024-03-02 00:00+00', 'LIVE', 'r', w(1), w(2));
CREATE TABLE source AS SELECT n::text AS source_id, timestamptz '2024-03-02 00:00+00' + interval '1 second' * n AS created_at, 'EDIT' AS action_type, 'r' AS resource_type, w(1) AS workspace_id, w(2) AS created_by_user_id
FROM generate_series(1, 50000) AS n;
CALL import_audit_events('source', 'many');
CALL test.alone();
VACUUM audit_events;
-- Pages that one recorded event reads or makes.
CREATE FUNCTION pages(p_at timestamptz) RETURNS bigint LANGUAGE plpgsql AS $$ DECLARE plan json; BEGIN
  EXECUTE format('EXPLAIN (ANALYZE, BUFFERS, COSTS OFF, TIMING OFF, FORMAT json) INSERT INTO audit_events (created_at, action_type, resource_type, workspace_id, created_by_user_id) VALUES (%L, %L, %L, %L, %L)', p_at, 'LATER', 'r', w(1), w(2)) INTO plan;
  RETURN (plan -> 0 -> 'Plan' ->> 'Shared Hit Blocks')::bigint + (plan -> 0 -> 'Plan' ->> 'Shared Read Blocks')::bigint;
END $$;
SELECT pages('2024-03-02 00:00:01+00') > 0 AS warm;
-- Fewer than the table has beside its index.
SELECT pages('2024-03-02 00:00:02+00') < pg_relation_size('audit_events_2024_03_pkey') / 8192 + 200 AS "beside 50,000 imported events", pg_relation_size('audit_events_2024_03') / 8192 > 600 AS "pages that are not read";
-- The rule is the same as before: the newest one that was not imported counts.
SELECT code, constraint_name FROM test.refusal($$INSERT INTO audit_events (created_at, action_type, resource_type, workspace_id, created_by_user_id) VALUES ('2024-03-02 00:00:00.5+00', 'EARLIER', 'r', w(1), w(2))$$);
SELECT code, constraint_name FROM test.refusal($$INSERT INTO audit_events (created_at, action_type, resource_type, workspace_id, created_by_user_id) VALUES ('2024-03-02 00:00:02+00', 'SAME', 'r', w(1), w(2))$$);
SELECT last_created_at FROM audit_event_sequence WHERE workspace_id = w(1);
