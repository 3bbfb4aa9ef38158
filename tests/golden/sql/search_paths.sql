-- How a search reads: the partitions of its window alone, each by its best index; rows of other actors are not visited, whether pages are all visible or not.
\i tests/golden/prelude.sql
CREATE EXTENSION audit_ext;
\set ws '10000000-0000-4000-8000-000000000001'
CREATE FUNCTION test.actor(n int) RETURNS uuid LANGUAGE sql AS $$ SELECT format('20000000-0000-4000-8000-%s', lpad(n::text, 12, '0'))::uuid $$;
-- 2000 events in six months, one in a hundred of the rare actor; the two oldest months are archived.
INSERT INTO audit_retention_policies (workspace_id, hot_retention_days, warm_archive_days) VALUES (:'ws', 3650, 3650);
INSERT INTO audit_events (action_type, resource_type, resource_id, workspace_id, created_by_user_id, created_at, new_values)
SELECT 'A', 'doc', format('40000000-0000-4000-8000-00000000000%s', n % 10)::uuid, :'ws', test.actor(CASE n % 100 WHEN 0 THEN 1 ELSE 2 END), date_trunc('month', now()) - interval '5 months' + n * interval '1 hour', jsonb_build_object('n', n, 'padding', repeat('x', 300))
FROM generate_series(1, 2000) AS n ORDER BY n;
SELECT count(*) > 0 AS made FROM create_past_audit_partitions(date '2000-01-01', current_date) \g /dev/null
UPDATE audit_retention_policies SET hot_retention_days = (SELECT extract(day FROM now() - (date_trunc('month', now()) - interval '4 months'))::int) WHERE workspace_id = :'ws';
SELECT archived_count > 0 AS archived FROM archive_old_audit_events();
SELECT count(insert_audit_event('B', 'doc', NULL, '10000000-0000-4000-8000-000000000002', test.actor(1))) FROM generate_series(1, 5);

-- Rows that were visited, by the session's statistics of its indexes: as many as the rare actor has, though no page is all visible.
CREATE VIEW indexes AS SELECT indexrelid FROM pg_index WHERE indrelid IN (SELECT relid FROM pg_partition_tree('audit_events') UNION ALL SELECT relid FROM pg_partition_tree('audit_events_archive'));
CREATE FUNCTION visited(p_sql text, OUT hits bigint, OUT rows_visited bigint) LANGUAGE plpgsql AS $$
DECLARE before bigint;
BEGIN
  SELECT sum(pg_stat_get_xact_tuples_fetched(indexrelid)) INTO before FROM indexes;
  EXECUTE 'SELECT count(*) FROM ' || p_sql INTO hits;
  SELECT sum(pg_stat_get_xact_tuples_fetched(indexrelid)) - before INTO rows_visited FROM indexes;
END $$;
SELECT what, visited.* FROM (VALUES ('rare actor', $$search_audit_events('10000000-0000-4000-8000-000000000001', '-infinity', p_user_ids := ARRAY[test.actor(1)])$$),
  ('nobody', $$search_audit_events('10000000-0000-4000-8000-000000000001', '-infinity', p_user_ids := ARRAY[test.actor(3)])$$), ('a page', $$search_audit_events('10000000-0000-4000-8000-000000000001', '-infinity', p_limit := 7)$$),
  ('one resource', $$search_audit_events('10000000-0000-4000-8000-000000000001', '-infinity', p_resource_id := '40000000-0000-4000-8000-000000000003', p_limit := 1000)$$)) AS given (what, sql), LATERAL visited(sql) ORDER BY what;
-- The same answers once all pages are visible.
SELECT md5(string_agg(found::text, ',')) AS before FROM search_audit_events(:'ws', '-infinity', p_user_ids := ARRAY[test.actor(1)]) AS found \gset
CALL test.alone();
VACUUM audit_events, audit_events_archive;
SELECT md5(string_agg(found::text, ',')) = :'before' AS "the same" FROM search_audit_events(:'ws', '-infinity', p_user_ids := ARRAY[test.actor(1)]) AS found;
-- Rows that are not visible any more, or not yet, are no matches, though the index has them.
BEGIN;
SELECT insert_audit_event('ROLLED_BACK', 'doc', NULL, :'ws', test.actor(1)) IS NOT NULL AS recorded;
SELECT event_count FROM count_audit_events(:'ws', '-infinity', p_user_ids := ARRAY[test.actor(1)]);
ROLLBACK;
SELECT event_count FROM count_audit_events(:'ws', '-infinity', p_user_ids := ARRAY[test.actor(1)]);
-- What a search would read, now that VACUUM took the entries of rows that moved.
CREATE FUNCTION paths(p_filters text) RETURNS TABLE (partition text, is_archived boolean, access_path text, keys bigint) LANGUAGE plpgsql AS $$
BEGIN RETURN QUERY EXECUTE format('SELECT test.masked(partition_name), is_archived, access_path, keys_to_read FROM explain_audit_search(%s)', p_filters); END $$;
SELECT access_path, sum(keys) AS keys FROM paths($$'10000000-0000-4000-8000-000000000001', '-infinity'$$) GROUP BY access_path;
SELECT access_path, sum(keys) AS keys FROM paths($$'10000000-0000-4000-8000-000000000001', '-infinity', p_user_ids := ARRAY[test.actor(1)]$$) GROUP BY access_path;
SELECT access_path, sum(keys) AS keys FROM paths($$'10000000-0000-4000-8000-000000000001', '-infinity', p_resource_id := '40000000-0000-4000-8000-000000000003'$$) GROUP BY access_path;
SELECT access_path, sum(keys) AS keys FROM paths($$'10000000-0000-4000-8000-000000000001', '-infinity', p_resource_id := '40000000-0000-4000-8000-000000000003', p_user_ids := ARRAY[test.actor(1)]$$) GROUP BY access_path;
SELECT access_path, sum(keys) AS keys FROM paths($$p_from := '-infinity', p_actions := '{A,B}'$$) GROUP BY access_path;
-- Only the months of the window, and only what lies in it.
SELECT * FROM paths($$'10000000-0000-4000-8000-000000000001', date_trunc('month', now()) - interval '5 months', date_trunc('month', now()) - interval '5 months' + interval '10 hours' + interval '1 microsecond'$$);
SELECT sum(keys) AS keys FROM paths($$'10000000-0000-4000-8000-000000000001', date_trunc('month', now()) - interval '4 months' - interval '1 hour', date_trunc('month', now()) - interval '4 months' + interval '1 hour'$$);
SELECT * FROM paths($$'10000000-0000-4000-8000-000000000001', now() - interval '1 hour'$$);

-- The key has the actor beside it, in both tables and all partitions, and no text.
SELECT DISTINCT pg_get_indexdef(indexrelid) ~ ' \(workspace_id, created_at, id\) INCLUDE \(created_by_user_id\)$' AS "includes the actor" FROM pg_index WHERE indisprimary AND indrelid IN (SELECT relid FROM pg_partition_tree('audit_events') UNION ALL SELECT relid FROM pg_partition_tree('audit_events_archive'));
-- Both forms of ON CONFLICT go by it.
SELECT code FROM test.refusal($$INSERT INTO audit_events (action_type, resource_type, workspace_id, created_by_user_id) VALUES ('A', 'r', gen_random_uuid(), gen_random_uuid()) ON CONFLICT (workspace_id, created_at, id) DO NOTHING$$);
SELECT code FROM test.refusal($$INSERT INTO audit_events (action_type, resource_type, workspace_id, created_by_user_id) VALUES ('A', 'r', gen_random_uuid(), gen_random_uuid()) ON CONFLICT ON CONSTRAINT audit_events_pkey DO NOTHING$$);
