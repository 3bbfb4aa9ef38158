-- get_audit_trail: order, ties, filters, what is left out, the archive, the default partition, arguments out of range.
\i tests/golden/prelude.sql
CREATE EXTENSION audit_ext;
\set ws '10000000-0000-4000-8000-000000000001'
-- Rows planted as only maintenance can: hot ones (ties, one soft-deleted, some in the default partition) and archived ones.
CREATE TABLE planted (archived boolean, n int, age interval, action text, kind text, resource uuid, workspace int, erased boolean, created_at timestamptz, id uuid);
INSERT INTO planted VALUES
  (false, 1, '2 days', 'TIE_1', 'doc', '40000000-0000-4000-8000-000000000001', 1, false), (false, 3, '2 days', 'TIE_3', 'doc', '40000000-0000-4000-8000-000000000002', 1, false),
  (false, 2, '2 days', 'TIE_2', 'folder', '40000000-0000-4000-8000-000000000001', 1, false), (false, 4, '1 day', 'ERASED', 'doc', '40000000-0000-4000-8000-000000000001', 1, true),
  (false, 5, '20 days', 'OLDER', 'doc', NULL, 1, false), (false, 6, '31 days', 'LAST_MONTH', 'doc', NULL, 1, false), (false, 7, '400 days', 'LAST_YEAR', 'doc', NULL, 1, false),
  (false, 8, '1 day', 'OTHER_WORKSPACE', 'doc', NULL, 2, false),
  (true, 11, '2 days', 'ARCHIVED_TIE', 'doc', '40000000-0000-4000-8000-000000000001', 1, false), (true, 12, '25 days', 'ARCHIVED', 'doc', NULL, 1, false),
  (true, 13, '500 days', 'ARCHIVED_OLD', 'doc', NULL, 1, false), (true, 14, '26 days', 'ARCHIVED_ERASED', 'doc', NULL, 1, true), (true, 15, '1 day', 'ARCHIVED_OTHER', 'doc', NULL, 2, false);
UPDATE planted SET created_at = now() - age, id = test.id_at(now() - age, n);
SET session_replication_role = replica;
INSERT INTO audit_events (id, created_at, action_type, resource_type, resource_id, workspace_id, created_by_user_id, deleted_at)
SELECT id, created_at, action, kind, resource, format('10000000-0000-4000-8000-00000000000%s', workspace)::uuid, gen_random_uuid(), CASE WHEN erased THEN now() END FROM planted WHERE NOT archived;
INSERT INTO audit_events_archive (id, created_at, action_type, resource_type, resource_id, workspace_id, created_by_user_id, deleted_at)
SELECT id, created_at, action, kind, resource, format('10000000-0000-4000-8000-00000000000%s', workspace)::uuid, gen_random_uuid(), CASE WHEN erased THEN now() END FROM planted WHERE archived;
RESET session_replication_role;
SELECT insert_audit_event('NOW', 'doc', '40000000-0000-4000-8000-000000000001', :'ws', '20000000-0000-4000-8000-000000000001') AS now \gset

-- Newest first, ties by id (descending, as the pages go on), of 30 days; then of more.
SELECT place, action_type, is_archived FROM get_audit_trail(:'ws') WITH ORDINALITY AS trail (id, created_at, created_by_user_id, action_type, resource_type, resource_id, workspace_id, old_values,
  new_values, changed_fields, ip_address, user_agent, request_id, tags, metadata, is_archived, place) ORDER BY place;
SELECT string_agg(action_type, ' ') AS trail FROM get_audit_trail(:'ws', p_days_back := 1000);
SELECT string_agg(action_type, ' ') AS trail FROM get_audit_trail(:'ws', p_days_back := 36500, p_limit := 10000);
SELECT string_agg(action_type, ' ') AS trail FROM get_audit_trail(:'ws', p_days_back := 1);
-- By type, by resource, by both; nothing for what is not there.
SELECT string_agg(action_type, ' ') AS trail FROM get_audit_trail(:'ws', 'folder');
SELECT string_agg(action_type, ' ') AS trail FROM get_audit_trail(:'ws', NULL, '40000000-0000-4000-8000-000000000001');
SELECT string_agg(action_type, ' ') AS trail FROM get_audit_trail(:'ws', 'doc', '40000000-0000-4000-8000-000000000001');
SELECT count(*) FROM get_audit_trail(:'ws', 'Doc');
SELECT count(*) FROM get_audit_trail(:'ws', NULL, '40000000-0000-4000-8000-000000000009');
SELECT count(*) FROM get_audit_trail('10000000-0000-4000-8000-000000000009');
SELECT string_agg(action_type, ' ') AS "of the other workspace" FROM get_audit_trail('10000000-0000-4000-8000-000000000002');
-- Limit, and the page after an event: hot, archived, soft-deleted, in the default partition.
SELECT string_agg(action_type, ' ') AS trail FROM get_audit_trail(:'ws', p_limit := 2);
SELECT action AS after, string_agg(action_type, ' ') AS trail FROM planted, LATERAL get_audit_trail(:'ws', p_days_back := 1000, p_before_event_id := id)
WHERE workspace = 1 GROUP BY planted.created_at, planted.id, action ORDER BY planted.created_at DESC, planted.id DESC;
SELECT string_agg(action_type, ' ') AS "after NOW" FROM get_audit_trail(:'ws', p_before_event_id := :'now');
SELECT string_agg(action_type, ' ') AS "documents after TIE_2" FROM planted, LATERAL get_audit_trail(:'ws', 'doc', p_before_event_id := id) WHERE action = 'TIE_2';
SELECT count(*) AS "after the last" FROM planted, LATERAL get_audit_trail(:'ws', p_days_back := 1000, p_before_event_id := id) WHERE action = 'ARCHIVED_OLD';

-- Refused.
SELECT arguments, code, message, hint FROM unnest(ARRAY['NULL', $$'10000000-0000-4000-8000-000000000001', p_limit := 0$$, $$'10000000-0000-4000-8000-000000000001', p_limit := 10001$$, $$'10000000-0000-4000-8000-000000000001', p_limit := NULL$$,
    $$'10000000-0000-4000-8000-000000000001', p_limit := -1$$, $$'10000000-0000-4000-8000-000000000001', p_days_back := 0$$, $$'10000000-0000-4000-8000-000000000001', p_days_back := 36501$$, $$'10000000-0000-4000-8000-000000000001', p_days_back := NULL$$]) WITH ORDINALITY AS given (arguments, no),
  LATERAL test.refusal(format('SELECT * FROM get_audit_trail(%s)', arguments)) ORDER BY no;
-- An event that does not exist, or is another workspace's, hot or archived.
SELECT * FROM get_audit_trail(:'ws', p_before_event_id := '01900000-0000-7000-8000-000000000099');
\echo :LAST_ERROR_SQLSTATE
SELECT code FROM test.refusal($$SELECT * FROM get_audit_trail('10000000-0000-4000-8000-000000000001', p_before_event_id := '30000000-0000-4000-8000-000000000099')$$);
SELECT action, code FROM planted, LATERAL test.refusal(format('SELECT * FROM get_audit_trail(''10000000-0000-4000-8000-000000000001'', p_before_event_id := %L)', id)) WHERE workspace = 2 ORDER BY action;

-- Drained from the default partition, the same trail.
SELECT md5(string_agg(trail::text, ',')) AS before FROM get_audit_trail(:'ws', p_days_back := 1000) AS trail \gset
SET client_min_messages = warning;
SELECT count(*) > 0 AS "months made" FROM create_monthly_audit_partition(2);
SELECT md5(string_agg(trail::text, ',')) = :'before' AS "the same" FROM get_audit_trail(:'ws', p_days_back := 1000) AS trail;
-- One snapshot: a rolled back event was never there; an event sees itself in its own transaction.
BEGIN;
SELECT insert_audit_event('MINE', 'doc', NULL, :'ws', '20000000-0000-4000-8000-000000000001') IS NOT NULL AS recorded;
SELECT action_type FROM get_audit_trail(:'ws', p_limit := 1);
ROLLBACK;
SELECT action_type FROM get_audit_trail(:'ws', p_limit := 1);

-- A resource is found by its own index, not by going through all that its workspace did.
SELECT sum(idx_scan) AS before FROM pg_stat_user_indexes WHERE indexrelname ~ 'resource_id' \gset
SELECT count(*) FROM get_audit_trail(:'ws', NULL, '40000000-0000-4000-8000-000000000001');
SELECT pg_stat_force_next_flush();
SELECT sum(idx_scan) > :before AS "by its index" FROM pg_stat_user_indexes WHERE indexrelname ~ 'resource_id';
