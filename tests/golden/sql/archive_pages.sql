-- More events of one workspace than a page of an index holds: a search that goes on to the next page still has what it looks for. Archived one by
-- one, brought back by function and by statement, and read in one trail.
\i tests/golden/prelude.sql
CREATE EXTENSION audit_ext;
\set workspace '10000000-0000-4000-8000-000000000001'
INSERT INTO audit_retention_policies (workspace_id, hot_retention_days, warm_archive_days) VALUES (:'workspace', 30, 90000);
INSERT INTO audit_events (created_at, action_type, resource_type, workspace_id, created_by_user_id)
SELECT '2022-03-01Z'::timestamptz + n * interval '1 second', 'PAST', 'thing', :'workspace', '20000000-0000-4000-8000-000000000001' FROM generate_series(1, 1500) AS n;

SELECT archived_count, deleted_count FROM archive_old_audit_events();
SELECT count(*), count(DISTINCT id), min(created_at), max(created_at) FROM audit_events_archive WHERE action_type = 'PAST';

-- By function, every second of them.
SELECT restore_audit_events(ARRAY(SELECT id FROM audit_events_archive WHERE action_type = 'PAST' AND extract(second FROM created_at)::int % 2 = 0));
-- By statement, the others.
WITH back AS (DELETE FROM audit_events_archive WHERE action_type = 'PAST' RETURNING *)
INSERT INTO audit_events SELECT * FROM back;
SELECT (SELECT count(*) FROM audit_events WHERE action_type = 'PAST') AS hot, (SELECT count(*) FROM audit_events_archive WHERE action_type = 'PAST') AS archived;

SELECT count(*), count(DISTINCT id), bool_or(is_archived) AS any_archived, min(created_at), max(created_at)
FROM get_audit_trail(:'workspace', 'thing', p_days_back => 36500, p_limit => 10000);
