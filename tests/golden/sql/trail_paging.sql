-- Pages of get_audit_trail, each continuing after the last event of the one before, hold every event once and in order: over ties,
-- months, the default partition and the archive, and while new events come in.
\i tests/golden/prelude.sql
CREATE EXTENSION audit_ext;
SELECT '10000000-0000-4000-8000-000000000001'::uuid AS ws \gset
INSERT INTO audit_events (action_type, resource_type, resource_id, workspace_id, created_by_user_id, created_at)
SELECT 'A', CASE n % 3 WHEN 0 THEN 'doc' ELSE 'folder' END, format('40000000-0000-4000-8000-00000000000%s', n % 5)::uuid, :'ws', '20000000-0000-4000-8000-000000000001',
  now() - interval '100 days' + (n / 4) * interval '5 hours'
FROM generate_series(1, 1600) AS n WHERE now() - interval '100 days' + (n / 4) * interval '5 hours' < now() ORDER BY n;
SET client_min_messages = warning;
SELECT count(*) > 0 AS made FROM create_monthly_audit_partition(2) \g /dev/null
RESET client_min_messages;
SET session_replication_role = replica;
INSERT INTO audit_events_archive (id, created_at, action_type, resource_type, resource_id, workspace_id, created_by_user_id)
SELECT test.id_at(now() - interval '200 days' + (n / 4) * interval '9 hours', n), now() - interval '200 days' + (n / 4) * interval '9 hours', 'ARCHIVED', 'doc', '40000000-0000-4000-8000-000000000000', :'ws', gen_random_uuid()
FROM generate_series(1, 1500) AS n WHERE now() - interval '200 days' + (n / 4) * interval '9 hours' < now();
INSERT INTO audit_events (id, created_at, action_type, resource_type, workspace_id, created_by_user_id)
SELECT test.id_at(now() - interval '150 days' + n * interval '1 hour', n), now() - interval '150 days' + n * interval '1 hour', 'STRAY', 'doc', :'ws', gen_random_uuid() FROM generate_series(1, 300) AS n;
RESET session_replication_role;

CREATE TABLE page (no int, place int, id uuid, created_at timestamptz, is_archived boolean);
CREATE PROCEDURE read_all(p_limit int, p_type text, p_resource uuid, p_disturb boolean) LANGUAGE plpgsql AS $$
DECLARE last uuid; pages int := 0; got int;
BEGIN
  TRUNCATE page;
  LOOP
    INSERT INTO page SELECT pages, trail.n, trail.id, trail.created_at, trail.is_archived FROM (
      SELECT row_number() OVER () AS n, * FROM get_audit_trail('10000000-0000-4000-8000-000000000001', p_type, p_resource, 1000, p_limit, last)) AS trail;
    GET DIAGNOSTICS got = ROW_COUNT;
    EXIT WHEN got = 0;
    SELECT page.id INTO last FROM page ORDER BY no DESC, place DESC LIMIT 1;
    pages := pages + 1;
    IF p_disturb THEN
      PERFORM insert_audit_event('NEW', 'doc', '40000000-0000-4000-8000-000000000000', '10000000-0000-4000-8000-000000000001', '20000000-0000-4000-8000-000000000001');
      COMMIT;
    END IF;
  END LOOP;
END $$;
-- Compares the pages with the tables, new events left out.
CREATE FUNCTION verdict(p_limit int, p_type text, p_resource uuid) RETURNS TABLE (complete boolean, no_doubles boolean, in_order boolean, full_pages boolean, sides int) LANGUAGE sql AS $$
  SELECT (SELECT count(*) FROM (SELECT id, resource_type, resource_id, workspace_id, action_type FROM audit_events UNION ALL SELECT id, resource_type, resource_id, workspace_id, action_type FROM audit_events_archive) AS event
      WHERE workspace_id = '10000000-0000-4000-8000-000000000001' AND action_type <> 'NEW'
        AND (p_type IS NULL OR resource_type = p_type) AND (p_resource IS NULL OR resource_id = p_resource)
        AND id NOT IN (SELECT id FROM page)) = 0,
    count(*) = count(DISTINCT id),
    (SELECT bool_and((earlier_time, earlier_id) > (created_at, id)) FROM (SELECT created_at, id, lag(created_at) OVER w AS earlier_time, lag(id) OVER w AS earlier_id FROM page WINDOW w AS (ORDER BY no, place)) AS pair WHERE earlier_id IS NOT NULL),
    (SELECT bool_and(n = p_limit) FROM (SELECT count(*) AS n, no FROM page GROUP BY no) AS size WHERE no < (SELECT max(no) FROM page)),
    count(DISTINCT is_archived)::int FROM page
$$;
CALL read_all(7, NULL, NULL, false);
SELECT * FROM verdict(7, NULL, NULL);
CALL read_all(100, NULL, NULL, true);
SELECT * FROM verdict(100, NULL, NULL);
SELECT count(*) AS "new events on the pages" FROM page JOIN audit_events USING (id) WHERE action_type = 'NEW';
CALL read_all(1000, NULL, NULL, false);
SELECT * FROM verdict(1000, NULL, NULL);
CALL read_all(13, 'doc', NULL, true);
SELECT * FROM verdict(13, 'doc', NULL);
CALL read_all(13, NULL, '40000000-0000-4000-8000-000000000000', true);
SELECT * FROM verdict(13, NULL, '40000000-0000-4000-8000-000000000000');
CALL read_all(1, 'doc', '40000000-0000-4000-8000-000000000003', false);
SELECT * FROM verdict(1, 'doc', '40000000-0000-4000-8000-000000000003');
