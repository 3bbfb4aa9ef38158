-- The optional index by contents, which has no order: taken in one workspace and in all, left to the key where a document is in too many events; the same answers in the same order with and without, hot, archived, restored, erased and scrubbed.
\i tests/golden/prelude.sql
CREATE EXTENSION audit_ext;
\set ws '10000000-0000-4000-8000-000000000001'
CREATE FUNCTION test.actor(n int) RETURNS uuid LANGUAGE sql AS $$ SELECT format('20000000-0000-4000-8000-%s', lpad(n::text, 12, '0'))::uuid $$;
-- Of each shape that is stored: objects, lists, scalars, nested and empty ones; values that differ in type alone.
CREATE FUNCTION test.document(n int) RETURNS jsonb LANGUAGE sql AS $$ SELECT CASE n % 9
  WHEN 0 THEN jsonb_build_object('order', n % 40) WHEN 1 THEN jsonb_build_object('order', (n % 40)::text) WHEN 2 THEN jsonb_build_object('a', jsonb_build_object('b', jsonb_build_array(n % 20, 'x'), 'c', NULL))
  WHEN 3 THEN jsonb_build_array(n % 40, jsonb_build_object('order', n % 40)) WHEN 4 THEN to_jsonb(n % 40) WHEN 5 THEN jsonb_build_object('a', '{}'::jsonb) WHEN 6 THEN '[]' WHEN 7 THEN jsonb_build_object('order', n % 40, 'a', jsonb_build_object('b', '[]'::jsonb)) END $$;
INSERT INTO audit_retention_policies (workspace_id, hot_retention_days, warm_archive_days) VALUES (:'ws', 3650, 3650);
INSERT INTO audit_events (action_type, resource_type, workspace_id, created_by_user_id, created_at, old_values, new_values, metadata)
SELECT 'A' || n % 3, 'doc', CASE WHEN n % 7 = 0 THEN '10000000-0000-4000-8000-000000000002' ELSE :'ws' END::uuid, test.actor(1 + n % 3), date_trunc('month', now()) - interval '4 months' + n / 5 * interval '5 hours',
  test.document(n * 7919 % 2003), CASE WHEN n % 3 = 0 THEN test.document(n * 5381 % 2003) END, CASE WHEN n % 4 = 0 THEN test.document(n * 101 % 2003) END
FROM generate_series(1, 2000) AS n ORDER BY n;
SELECT count(*) > 0 AS made FROM create_past_audit_partitions((now() - interval '1 year')::date, current_date);

-- Random documents, windows, pages and orders, against SQL over both tables: a digest of all pages, to compare.
CREATE FUNCTION test.answers() RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  ws uuid; wanted jsonb; since timestamptz; until timestamptz; actors uuid[]; size int; page uuid[]; found uuid[]; expected uuid[]; exported uuid[]; digest text := ''; counted bigint;
BEGIN
  PERFORM setseed(0.42);
  FOR round IN 1..120 LOOP
    ws := CASE WHEN random() < 0.8 THEN '10000000-0000-4000-8000-000000000001'::uuid END;
    wanted := CASE floor(random() * 4) WHEN 0 THEN (ARRAY['{}', '[]', '{"a": {}}', '{"a": {"b": []}}', '{"a": {"b": ["x"]}}', '7', '"x"', 'null', '[{"order": 7}]', '{"order": "7"}', '{"none": 1}']::jsonb[])[1 + floor(random() * 11)::int] ELSE coalesce(test.document((random() * 2003)::int), '{"order": 3}') END;
    since := date_trunc('month', now()) - interval '4 months' + random() * interval '60 days';
    until := CASE WHEN random() < 0.4 THEN since + random() * interval '60 days' + interval '1 second' END;
    actors := CASE WHEN random() < 0.3 THEN ARRAY[test.actor(1), test.actor(2)] END;
    size := 1 + (random() * 60)::int;
    found := '{}';
    LOOP
      SELECT array_agg(event.id) INTO page FROM search_audit_events(ws, since, until, actors, p_contains := wanted, p_limit := size, p_before_event_id := found[cardinality(found)]) AS event;
      found := found || coalesce(page, '{}');
      EXIT WHEN coalesce(cardinality(page), 0) < size;
    END LOOP;
    SELECT coalesce(array_agg(id ORDER BY created_at DESC, id DESC), '{}') INTO expected FROM (TABLE audit_events UNION ALL TABLE audit_events_archive) AS e
    WHERE (ws IS NULL OR workspace_id = ws) AND created_at >= since AND (until IS NULL OR created_at < until) AND (actors IS NULL OR created_by_user_id = ANY (actors)) AND deleted_at IS NULL
      AND (old_values @> wanted OR new_values @> wanted OR metadata @> wanted);
    SELECT event_count INTO counted FROM count_audit_events(ws, since, until, actors, p_contains := wanted);
    IF found <> expected OR counted <> cardinality(expected) THEN RAISE 'round %: % found, % counted, % there', round, cardinality(found), counted, cardinality(expected); END IF;
    -- Oldest first.
    IF ws IS NOT NULL THEN
      SELECT coalesce(array_agg((line::json ->> 'id')::uuid ORDER BY no DESC), '{}') INTO exported FROM export_audit_events(ws, since, until, actors, p_contains := wanted) WITH ORDINALITY AS told (line, no) WHERE line !~ '^{"audit_export"' AND line !~ '"action_type":"AUDIT_';
      expected := ARRAY(SELECT id FROM unnest(expected) WITH ORDINALITY AS e (id, no) WHERE NOT EXISTS (SELECT FROM audit_events AS a WHERE a.id = e.id AND a.action_type LIKE 'AUDIT\_%') ORDER BY no);
      IF exported <> expected THEN RAISE 'round %: % exported, % there', round, cardinality(exported), cardinality(expected); END IF;
    END IF;
    digest := md5(digest || ARRAY(SELECT id FROM unnest(found) WITH ORDINALITY AS e (id, no) WHERE NOT EXISTS (SELECT FROM audit_events AS a WHERE a.id = e.id AND a.action_type LIKE 'AUDIT\_%') ORDER BY no)::text);
  END LOOP;
  RETURN digest;
END $$;
SELECT test.answers() AS before \gset
SELECT access_path, count(*) FROM explain_audit_search(:'ws', '-infinity', p_contains := '{"order": 7}') WHERE partition_name <> 'audit_events_default' GROUP BY 1;
SELECT count(*) AS partitions, min(state) AS state FROM audit_index('contains');
SELECT DISTINCT regexp_replace(pg_get_indexdef(indexrelid), '^.* USING ', '') AS definition FROM pg_index WHERE indexrelid::regclass::text ~ '^audit_index_';
-- The index finds each event once, in whatever column and workspace, and some others: the same key within a list.
SELECT count(*) > 0 AS taken, sum(keys_to_read) >= (SELECT count(*) FROM audit_events WHERE (old_values @> '{"order": 7}' OR new_values @> '{"order": 7}' OR metadata @> '{"order": 7}')) AS "reads these events",
  sum(keys_to_read) < 2 * (SELECT count(*) FROM audit_events WHERE (old_values @> '{"order": 7}' OR new_values @> '{"order": 7}' OR metadata @> '{"order": 7}')) AS "and few others"
FROM explain_audit_search(:'ws', '-infinity', p_contains := '{"order": 7}') WHERE access_path = 'contains';
SELECT count(*) > 0 AS "taken for all workspaces" FROM explain_audit_search(NULL, '-infinity', p_contains := '{"order": 7}') WHERE access_path = 'contains';
-- What is in order, and narrow, comes first.
SELECT count(*) AS "taken beside a resource" FROM explain_audit_search(:'ws', '-infinity', p_contains := '{"order": 7}', p_resource_id := test.actor(1)) WHERE access_path = 'contains';
SELECT test.answers() = :'before' AS "the same answers";

-- A month takes it along; restored events are found, erased ones not; a scrub keeps it.
UPDATE audit_retention_policies SET archive_by = 'month', hot_retention_days = 1 WHERE workspace_id IN (:'ws', '10000000-0000-4000-8000-000000000002');
SELECT archived_count > 0 AS archived FROM archive_old_audit_events();
SELECT count(*) > 0 AS "archived, by index" FROM explain_audit_search(:'ws', '-infinity', p_contains := '{"order": 7}') WHERE is_archived AND access_path = 'contains';
SELECT test.answers() = :'before' AS "the same answers";
SELECT restore_audit_events(ARRAY(SELECT id FROM audit_events_archive WHERE workspace_id = :'ws' ORDER BY id LIMIT 50)) > 0 AS restored;
SELECT test.answers() = :'before' AS "the same answers";
SELECT deletion_log_id AS erasure, deleted_count > 0 AS erased FROM delete_user_audit_events_compliant(test.actor(3), :'ws', 'GDPR', 'T') \gset
SELECT test.answers() <> :'before' AS "others than before";
SELECT test.answers() AS erased \gset
SELECT audit_scrub(:'erasure');
SELECT count(*) > 0 AS "archived, by index" FROM explain_audit_search(:'ws', '-infinity', p_contains := '{"order": 7}') WHERE is_archived AND access_path = 'contains';
SELECT test.answers() = :'erased' AS "the same answers";

-- As many events as are sorted, and one more: then the key is read. Those of another workspace count.
INSERT INTO audit_events (action_type, resource_type, workspace_id, created_by_user_id, created_at, new_values)
SELECT 'BULK', 'doc', '10000000-0000-4000-8000-000000000003', test.actor(1), date_trunc('month', now()) - interval '9 months' + n * interval '1 second', '{"bulk": true}' FROM generate_series(1, 10000) AS n ORDER BY n;
SET client_min_messages = warning;
SELECT count(*) > 0 AS made FROM create_past_audit_partitions((now() - interval '1 year')::date, current_date);
SELECT count(*) AS built FROM audit_index('contains') WHERE state = 'built';
CREATE FUNCTION test.path() RETURNS TABLE (access_path text, keys_to_read bigint) LANGUAGE sql AS $$ SELECT access_path, keys_to_read FROM explain_audit_search('10000000-0000-4000-8000-000000000003', date_trunc('month', now()) - interval '9 months', date_trunc('month', now()) - interval '8 months', p_contains := '{"bulk": true}') WHERE partition_name <> 'audit_events_default' $$;
SELECT * FROM test.path();
SELECT event_count FROM count_audit_events('10000000-0000-4000-8000-000000000003', '-infinity', p_contains := '{"bulk": true}');
INSERT INTO audit_events (action_type, resource_type, workspace_id, created_by_user_id, created_at, new_values)
VALUES ('BULK', 'doc', '10000000-0000-4000-8000-000000000004', test.actor(1), date_trunc('month', now()) - interval '9 months' + interval '20000 seconds', '{"bulk": true}');
SELECT * FROM test.path();
SELECT event_count FROM count_audit_events('10000000-0000-4000-8000-000000000003', '-infinity', p_contains := '{"bulk": true}');
-- The set is small, whatever the setting.
SET work_mem = '64kB';
SELECT event_count FROM count_audit_events('10000000-0000-4000-8000-000000000004', '-infinity', p_contains := '{"bulk": true}');
RESET work_mem;

-- Live: what was just recorded is found, and its transaction's own events are.
SELECT count(*) > 0 AS built FROM audit_index('contains', true) WHERE state = 'built';
BEGIN;
SELECT insert_audit_event('NOW', 'doc', NULL, '10000000-0000-4000-8000-000000000009', test.actor(1), p_new_values => jsonb_build_object('long', repeat('long', 5000), 'k', 1)) IS NOT NULL AS recorded FROM generate_series(1, 3);
SELECT event_count FROM count_audit_events('10000000-0000-4000-8000-000000000009', p_contains := '{"k": 1}');
SELECT count(*) > 0 AS "looked up" FROM explain_audit_search('10000000-0000-4000-8000-000000000009', p_contains := '{"k": 1}') WHERE access_path = 'contains';
ROLLBACK;
SELECT event_count FROM count_audit_events('10000000-0000-4000-8000-000000000009', p_contains := '{"k": 1}');

-- An index of others is taken only if it has all three columns and all events, by the same operators.
SELECT audit_unindex('contains');
SELECT format('CREATE INDEX theirs ON %s USING gin ', partition_name) AS create FROM explain_audit_search('10000000-0000-4000-8000-000000000003', date_trunc('month', now()) - interval '9 months', date_trunc('month', now()) - interval '8 months') WHERE partition_name <> 'audit_events_default' \gset
:create (new_values jsonb_path_ops);
SELECT access_path FROM test.path();
DROP INDEX theirs;
:create (old_values, new_values, metadata);
SELECT access_path FROM test.path();
DROP INDEX theirs;
:create (old_values jsonb_path_ops, new_values jsonb_path_ops, metadata jsonb_path_ops) WHERE action_type = 'BULK';
SELECT access_path FROM test.path();
DROP INDEX theirs;
:create (old_values jsonb_path_ops, new_values jsonb_path_ops, metadata jsonb_path_ops);
SELECT access_path FROM explain_audit_search('10000000-0000-4000-8000-000000000003', date_trunc('month', now()) - interval '9 months', date_trunc('month', now()) - interval '8 months', p_contains := '{"none": true}') WHERE partition_name <> 'audit_events_default';
