-- Optional indexes: built for months that are over, kept by maintenance, by a month that changes tables, by archive, restore and erasure; the same answers with and without; recording pays for none that is not asked for.
\i tests/golden/prelude.sql
CREATE EXTENSION audit_ext;
CALL test.without_autovacuum();
\set ws '10000000-0000-4000-8000-000000000001'
CREATE FUNCTION test.actor(n int) RETURNS uuid LANGUAGE sql AS $$ SELECT format('20000000-0000-4000-8000-%s', lpad(n::text, 12, '0'))::uuid $$;
CREATE FUNCTION test.indexes() RETURNS TABLE (partition text, definition text, size text) LANGUAGE sql AS $$
  SELECT test.masked(i.indrelid::regclass::text), regexp_replace(pg_get_indexdef(i.indexrelid), '^.* USING ', ''), CASE WHEN pg_relation_size(i.indexrelid) > 8192 THEN 'entries' ELSE 'empty' END
  FROM pg_index AS i WHERE i.indexrelid::regclass::text ~ '^audit_index_' ORDER BY 1 $$;
-- How many partitions are read by which path.
CREATE FUNCTION test.paths(p_filters text) RETURNS TABLE (access_path text, is_archived boolean, partitions bigint) LANGUAGE plpgsql AS $$
BEGIN RETURN QUERY EXECUTE format('SELECT access_path, is_archived, count(*) FROM explain_audit_search(%L, ''-infinity'', %s) GROUP BY 1, 2 ORDER BY 1, 2', '10000000-0000-4000-8000-000000000001', p_filters); END $$;
-- Five months with a partition, and older events in the default one; two actors who share times, some rare.
INSERT INTO audit_retention_policies (workspace_id, hot_retention_days, warm_archive_days) VALUES (:'ws', 3650, 3650);
INSERT INTO audit_events (action_type, resource_type, resource_id, workspace_id, created_by_user_id, created_at, new_values)
SELECT 'A' || n % 3, 'doc', CASE WHEN n % 4 > 0 THEN format('40000000-0000-4000-8000-00000000000%s', n % 10)::uuid END, CASE WHEN n % 7 = 0 THEN '10000000-0000-4000-8000-000000000002' ELSE :'ws' END::uuid, test.actor(CASE WHEN n % 50 = 0 THEN 1 ELSE n % 3 + 2 END), date_trunc('month', now()) - interval '5 months' + n / 3 * interval '5 hours', jsonb_build_object('n', n)
FROM generate_series(1, 2000) AS n ORDER BY n;
INSERT INTO audit_events (action_type, resource_type, workspace_id, created_by_user_id, created_at)
SELECT 'IMPORTED', 'doc', '10000000-0000-4000-8000-000000000003', test.actor(1), timestamptz '2001-01-01Z' + n * interval '1 day' FROM generate_series(1, 20) AS n;
SELECT count(*) > 0 AS made FROM create_past_audit_partitions((now() - interval '2 years')::date, current_date);
CALL test.without_autovacuum();
SELECT count(insert_audit_event('NOW', 'doc', NULL, :'ws', test.actor(1))) FROM generate_series(1, 5);

-- What searches give, over random filters, pages and windows: as a digest, to compare. A page says where the next one begins.
CREATE FUNCTION test.answers() RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  page record; last uuid; digest text := ''; found bigint; size int; actors uuid[]; since timestamptz; until timestamptz; resource uuid; actions text[]; naive bigint;
BEGIN
  PERFORM setseed(0.42);
  FOR round IN 1..60 LOOP
    actors := CASE WHEN random() < 0.8 THEN ARRAY[test.actor(1 + (random() * 4)::int)] ELSE ARRAY[test.actor(1), test.actor(3)] END;
    since := date_trunc('month', now()) - interval '5 months' + random() * interval '120 days';
    until := CASE WHEN random() < 0.5 THEN since + random() * interval '60 days' + interval '1 second' END;
    resource := CASE WHEN random() < 0.2 THEN format('40000000-0000-4000-8000-00000000000%s', (random() * 9)::int)::uuid END;
    actions := CASE WHEN random() < 0.3 THEN ARRAY['A1', 'N*'] END;
    size := 1 + (random() * 40)::int;
    last := NULL;
    found := 0;
    LOOP
      SELECT count(*) AS events, coalesce(md5(string_agg((to_jsonb(event) - 'is_archived')::text, ',')), '') AS content, (array_agg(event.id))[count(*)] AS last INTO page
      FROM search_audit_events('10000000-0000-4000-8000-000000000001', since, until, p_user_ids := actors, p_actions := actions, p_resource_id := resource, p_limit := size, p_before_event_id := last) AS event;
      found := found + page.events;
      digest := md5(digest || page.content);
      last := page.last;
      EXIT WHEN page.events < size;
    END LOOP;
    SELECT count(*) INTO naive FROM (TABLE audit_events UNION ALL TABLE audit_events_archive) AS e
    WHERE workspace_id = '10000000-0000-4000-8000-000000000001' AND created_at >= since AND (until IS NULL OR created_at < until) AND created_by_user_id = ANY (actors)
      AND (actions IS NULL OR action_type = 'A1' OR action_type LIKE 'N%') AND (resource IS NULL OR resource_id = resource) AND deleted_at IS NULL;
    IF naive <> found THEN RAISE 'round %: % events instead of %', round, found, naive; END IF;
  END LOOP;
  RETURN digest;
END $$;
SELECT test.answers() AS before \gset
SELECT * FROM test.paths('p_user_ids := ARRAY[test.actor(1)]');

-- Months that are over and have events; not the current one, none ahead, not the default partition.
SELECT test.masked(partition_name) AS partition, state FROM audit_index('actor') ORDER BY 1;
SELECT * FROM test.indexes();
SELECT * FROM test.paths('p_user_ids := ARRAY[test.actor(1)]');
SELECT * FROM test.paths('p_user_ids := ARRAY[test.actor(1), test.actor(2)]');
SELECT * FROM test.paths($$p_user_ids := ARRAY[test.actor(1)], p_resource_id := '40000000-0000-4000-8000-000000000003'$$);
SELECT test.answers() = :'before' AS "the same answers";
-- The second time it is there, and nothing changed.
SELECT test.masked(partition_name) AS partition, state FROM audit_index('actor') ORDER BY 1;
TABLE audit_indexes;

-- Months change tables and keep theirs; the emptied tables are not read.
UPDATE audit_retention_policies SET archive_by = 'month', hot_retention_days = (SELECT extract(day FROM now() - (date_trunc('month', now()) - interval '3 months'))::int) WHERE workspace_id IN (:'ws', '10000000-0000-4000-8000-000000000002');
SELECT archived_count > 0 AS archived FROM archive_old_audit_events();
SELECT * FROM test.paths('p_user_ids := ARRAY[test.actor(1)]');
SELECT test.answers() = :'before' AS "the same answers";
-- Some come back into tables without an index, until maintenance builds it: not in the run that makes months, whose locks are strong.
SELECT restore_audit_events(ARRAY(SELECT id FROM audit_events_archive WHERE workspace_id = :'ws' AND created_at < date_trunc('month', now()) - interval '4 months' - interval '10 days')) > 0 AS restored;
SELECT * FROM test.paths('p_user_ids := ARRAY[test.actor(1)]');
SELECT test.answers() = :'before' AS "the same answers";
SELECT count(*) > 0 AS made FROM create_monthly_audit_partition();
SELECT * FROM test.paths('p_user_ids := ARRAY[test.actor(1)]');
SELECT count(*) AS made FROM create_monthly_audit_partition();
SELECT * FROM test.paths('p_user_ids := ARRAY[test.actor(1)]');
SELECT test.answers() = :'before' AS "the same answers";

-- Erased events are found by no path, and answers are those of a plain filter.
SELECT deleted_count > 0 AS erased FROM delete_user_audit_events_compliant(test.actor(3), :'ws', 'GDPR', 'T');
SELECT test.answers() <> :'before' AS "others than before";
SELECT test.answers() AS erased \gset

-- Live: the current month and those ahead; events go straight into them all the same, and a month that is made later gets it too.
SELECT test.masked(partition_name) AS partition, state FROM audit_index('actor', true) ORDER BY 1, 2;
\c
SET client_min_messages = debug1;
SELECT count(insert_audit_event('NOW', 'doc', NULL, '10000000-0000-4000-8000-000000000009', test.actor(1))) FROM generate_series(1, 3);
SELECT count(*) > 0 AS "straight into the partition" FROM pg_backend_memory_contexts WHERE name = 'audit_ext partition';
SET client_min_messages = notice;
SELECT * FROM test.paths('p_user_ids := ARRAY[test.actor(1)]');
SELECT count(*) AS made FROM create_monthly_audit_partition(4);
SELECT count(*) AS made FROM create_monthly_audit_partition(4);
SELECT partition FROM test.indexes() WHERE partition LIKE '%<+%' ORDER BY 1;
SELECT event_count FROM count_audit_events('10000000-0000-4000-8000-000000000009', p_user_ids := ARRAY[test.actor(1)]);
SELECT test.answers() = :'erased' AS "the same answers";

-- Set-up finds nothing to do, and nothing foreign.
SELECT audit_setup();

-- Dropped, and wanted no more.
SELECT audit_unindex('actor');
SELECT audit_unindex('actor');
SELECT count(*) >= 0 AS maintained FROM create_monthly_audit_partition();
SELECT count(*) AS indexes FROM test.indexes();
SELECT test.answers() = :'erased' AS "the same answers";
-- Each change is an event.
SELECT action_type, resource_type, old_values, new_values FROM audit_events WHERE action_type LIKE 'AUDIT_INDEX%' OR action_type LIKE 'AUDIT_DDL%' ORDER BY id;

-- Refusals; what is wanted is configuration.
SELECT code, message, hint FROM test.refusal($$SELECT audit_index('text')$$);
SELECT code, message FROM test.refusal($$SELECT audit_index(NULL)$$);
SELECT code, message FROM test.refusal($$SELECT audit_unindex('')$$);
SELECT code FROM test.refusal($$DELETE FROM audit_indexes$$);
CREATE ROLE t_index_operator;
SELECT audit_grant('t_index_operator', 'operator');
SET ROLE t_index_operator;
SELECT code FROM test.refusal($$SELECT audit_index('actor')$$);
SELECT code FROM test.refusal($$SELECT audit_unindex('actor')$$);
SELECT code FROM test.refusal($$UPDATE audit_indexes SET is_wanted = true$$);
SELECT kind, is_wanted, is_live FROM audit_indexes;
RESET ROLE;
DROP OWNED BY t_index_operator; DROP ROLE t_index_operator;
