-- The optional index by request, which has no order: taken in one workspace and in all, left to the key where a request has too many events; the same answers in the same order with and without, hot, archived, restored and erased.
\i tests/golden/prelude.sql
CREATE EXTENSION audit_ext;
\set ws '10000000-0000-4000-8000-000000000001'
CREATE FUNCTION test.actor(n int) RETURNS uuid LANGUAGE sql AS $$ SELECT format('20000000-0000-4000-8000-%s', lpad(n::text, 12, '0'))::uuid $$;
-- Short and long ones; some in two workspaces.
CREATE FUNCTION test.request(n int) RETURNS text LANGUAGE sql AS $$ SELECT CASE n % 3 WHEN 0 THEN repeat('r' || n % 40, 100) ELSE 'R' || n % 40 END $$;
INSERT INTO audit_retention_policies (workspace_id, hot_retention_days, warm_archive_days) VALUES (:'ws', 3650, 3650);
INSERT INTO audit_events (action_type, resource_type, workspace_id, created_by_user_id, created_at, request_id)
SELECT 'A' || n % 3, 'doc', CASE WHEN n % 7 = 0 THEN '10000000-0000-4000-8000-000000000002' ELSE :'ws' END::uuid, test.actor(1 + n % 3), date_trunc('month', now()) - interval '4 months' + n / 5 * interval '5 hours', test.request((n * 7919) % 2003)
FROM generate_series(1, 2000) AS n ORDER BY n;
SELECT count(*) > 0 AS made FROM create_past_audit_partitions((now() - interval '1 year')::date, current_date);

-- Random requests, windows, pages and orders, against SQL over both tables: a digest of all pages, to compare.
CREATE FUNCTION test.answers() RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  ws uuid; request text; since timestamptz; until timestamptz; actors uuid[]; size int; page uuid[]; found uuid[]; expected uuid[]; exported uuid[]; digest text := ''; counted bigint;
BEGIN
  PERFORM setseed(0.42);
  FOR round IN 1..80 LOOP
    ws := CASE WHEN random() < 0.8 THEN '10000000-0000-4000-8000-000000000001'::uuid END;
    request := test.request((random() * 2003)::int);
    since := date_trunc('month', now()) - interval '4 months' + random() * interval '60 days';
    until := CASE WHEN random() < 0.4 THEN since + random() * interval '60 days' + interval '1 second' END;
    actors := CASE WHEN random() < 0.3 THEN ARRAY[test.actor(1)] END;
    size := 1 + (random() * 20)::int;
    found := '{}';
    LOOP
      SELECT array_agg(event.id) INTO page FROM search_audit_events(ws, since, until, actors, p_request_id := request, p_limit := size, p_before_event_id := found[cardinality(found)]) AS event;
      found := found || coalesce(page, '{}');
      EXIT WHEN coalesce(cardinality(page), 0) < size;
    END LOOP;
    SELECT coalesce(array_agg(id ORDER BY created_at DESC, id DESC), '{}') INTO expected FROM (TABLE audit_events UNION ALL TABLE audit_events_archive) AS e
    WHERE (ws IS NULL OR workspace_id = ws) AND created_at >= since AND (until IS NULL OR created_at < until) AND (actors IS NULL OR created_by_user_id = ANY (actors)) AND request_id = request AND deleted_at IS NULL;
    SELECT event_count INTO counted FROM count_audit_events(ws, since, until, actors, p_request_id := request);
    IF found <> expected OR counted <> cardinality(expected) THEN RAISE 'round %: % found, % counted, % there', round, cardinality(found), counted, cardinality(expected); END IF;
    -- Oldest first.
    IF ws IS NOT NULL THEN
      SELECT coalesce(array_agg((line::json ->> 'id')::uuid ORDER BY no DESC), '{}') INTO exported FROM export_audit_events(ws, since, until, actors, p_request_id := request) WITH ORDINALITY AS told (line, no) WHERE line !~ '^{"audit_export"';
      IF exported <> expected THEN RAISE 'round %: % exported, % there', round, cardinality(exported), cardinality(expected); END IF;
    END IF;
    digest := md5(digest || found::text);
  END LOOP;
  RETURN digest;
END $$;
SELECT test.answers() AS before \gset

SELECT count(*) AS partitions, min(state) AS state FROM audit_index('request_id');
SELECT DISTINCT regexp_replace(pg_get_indexdef(indexrelid), '^.* USING ', '') AS definition FROM pg_index WHERE indexrelid::regclass::text ~ '^audit_index_';
SELECT count(*) > 0 AS taken, sum(keys_to_read) = (SELECT count(*) FROM audit_events WHERE request_id = 'R1') AS "reads the request alone" FROM explain_audit_search(:'ws', '-infinity', p_request_id := 'R1') WHERE access_path = 'request_id';
SELECT count(*) > 0 AS "taken for all workspaces" FROM explain_audit_search(NULL, '-infinity', p_request_id := 'R1') WHERE access_path = 'request_id';
SELECT test.answers() = :'before' AS "the same answers";

-- A month takes it along; restored events are found, erased ones not.
UPDATE audit_retention_policies SET archive_by = 'month', hot_retention_days = 1 WHERE workspace_id IN (:'ws', '10000000-0000-4000-8000-000000000002');
SELECT archived_count > 0 AS archived FROM archive_old_audit_events();
SELECT count(*) > 0 AS "archived, by index" FROM explain_audit_search(:'ws', '-infinity', p_request_id := 'R1') WHERE is_archived AND access_path = 'request_id';
SELECT test.answers() = :'before' AS "the same answers";
SELECT restore_audit_events(ARRAY(SELECT id FROM audit_events_archive WHERE workspace_id = :'ws' ORDER BY id LIMIT 50)) > 0 AS restored;
SELECT test.answers() = :'before' AS "the same answers";
SELECT deleted_count > 0 AS erased FROM delete_user_audit_events_compliant(test.actor(3), :'ws', 'GDPR', 'T');
SELECT test.answers() <> :'before' AS "others than before";

-- As many events of a request as are sorted, and one more: then the key is read. Those of another workspace count.
INSERT INTO audit_events (action_type, resource_type, workspace_id, created_by_user_id, created_at, request_id)
SELECT 'BULK', 'doc', '10000000-0000-4000-8000-000000000003', test.actor(1), date_trunc('month', now()) - interval '9 months' + n * interval '1 second', 'bulk' FROM generate_series(1, 10000) AS n ORDER BY n;
SELECT count(*) > 0 AS made FROM create_past_audit_partitions((now() - interval '1 year')::date, current_date);
SELECT state FROM audit_index('request_id') WHERE state = 'built';
SELECT access_path, keys_to_read FROM explain_audit_search('10000000-0000-4000-8000-000000000003', date_trunc('month', now()) - interval '9 months', date_trunc('month', now()) - interval '8 months', p_request_id := 'bulk') WHERE partition_name <> 'audit_events_default';
SELECT event_count FROM count_audit_events('10000000-0000-4000-8000-000000000003', '-infinity', p_request_id := 'bulk');
INSERT INTO audit_events (action_type, resource_type, workspace_id, created_by_user_id, created_at, request_id)
VALUES ('BULK', 'doc', '10000000-0000-4000-8000-000000000004', test.actor(1), date_trunc('month', now()) - interval '9 months' + interval '20000 seconds', 'bulk');
SELECT access_path, keys_to_read FROM explain_audit_search('10000000-0000-4000-8000-000000000003', date_trunc('month', now()) - interval '9 months', date_trunc('month', now()) - interval '8 months', p_request_id := 'bulk') WHERE partition_name <> 'audit_events_default';
SELECT event_count FROM count_audit_events('10000000-0000-4000-8000-000000000003', '-infinity', p_request_id := 'bulk') WHERE partition_name <> 'audit_events_default';
SELECT event_count FROM count_audit_events('10000000-0000-4000-8000-000000000004', '-infinity', p_request_id := 'bulk');

-- Live: events go straight into the partition all the same, whatever the length of the request id.
SELECT count(*) > 0 AS built FROM audit_index('request_id', true) WHERE state = 'built';
\c
SELECT count(insert_audit_event('NOW', 'doc', NULL, '10000000-0000-4000-8000-000000000009', test.actor(1), p_request_id => repeat('long', 200))) FROM generate_series(1, 3);
SELECT count(*) > 0 AS "straight into the partition" FROM pg_backend_memory_contexts WHERE name = 'audit_ext partition';
SELECT event_count FROM count_audit_events('10000000-0000-4000-8000-000000000009', p_request_id := repeat('long', 200));
SELECT audit_unindex('request_id');
SELECT event_count FROM count_audit_events('10000000-0000-4000-8000-000000000009', p_request_id := repeat('long', 200));
