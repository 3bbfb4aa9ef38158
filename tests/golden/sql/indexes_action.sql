-- The optional index by action: taken for whole names that it has, in one workspace; kept by a month that changes tables, by restore and erasure; the same answers with and without, and each event once.
\i tests/golden/prelude.sql
CREATE EXTENSION audit_ext;
CALL test.without_autovacuum();
\set ws '10000000-0000-4000-8000-000000000001'
CREATE FUNCTION test.actor(n int) RETURNS uuid LANGUAGE sql AS $$ SELECT format('20000000-0000-4000-8000-%s', lpad(n::text, 12, '0'))::uuid $$;
CREATE FUNCTION test.paths(p_filters text) RETURNS TABLE (access_path text, is_archived boolean, partitions bigint) LANGUAGE plpgsql AS $$
BEGIN RETURN QUERY EXECUTE format('SELECT access_path, is_archived, count(*) FROM explain_audit_search(%L, ''-infinity'', %s) GROUP BY 1, 2 ORDER BY 1, 2', '10000000-0000-4000-8000-000000000001', p_filters); END $$;
-- Names that differ in case, are longer than an index has, or at its limit; many events share their time.
CREATE FUNCTION test.action(n int) RETURNS text LANGUAGE sql AS $$ SELECT (ARRAY['login', 'LOGIN', 'login.failed', 'häßlich', repeat('x', 200), repeat('x', 201), repeat('ä', 101), repeat('long', 250), 'rare'])[n] $$;
INSERT INTO audit_retention_policies (workspace_id, hot_retention_days, warm_archive_days) VALUES (:'ws', 3650, 3650);
INSERT INTO audit_events (action_type, resource_type, workspace_id, created_by_user_id, created_at)
SELECT test.action(CASE WHEN n % 97 = 0 THEN 9 ELSE 1 + n % 8 END), 'doc', CASE WHEN n % 7 = 0 THEN '10000000-0000-4000-8000-000000000002' ELSE :'ws' END::uuid, test.actor(1 + n % 3), date_trunc('month', now()) - interval '4 months' + n / 5 * interval '5 hours'
FROM generate_series(1, 2000) AS n ORDER BY n;
SELECT count(*) > 0 AS made FROM create_past_audit_partitions((now() - interval '1 year')::date, current_date);
CALL test.without_autovacuum();

-- Random lists of names, windows and pages, against SQL over both tables: a digest of all pages, to compare.
CREATE FUNCTION test.answers() RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  names text[]; since timestamptz; until timestamptz; actors uuid[]; size int; page uuid[]; found uuid[]; expected uuid[]; digest text := ''; counted bigint;
BEGIN
  PERFORM setseed(0.42);
  FOR round IN 1..80 LOOP
    -- The same name may come twice.
    names := ARRAY(SELECT test.action(1 + (random() * 8)::int) FROM generate_series(0, (random() * 3)::int)) || CASE WHEN random() < 0.15 THEN ARRAY['log*'] ELSE '{}' END;
    since := date_trunc('month', now()) - interval '4 months' + random() * interval '100 days';
    until := CASE WHEN random() < 0.5 THEN since + random() * interval '60 days' + interval '1 second' END;
    actors := CASE WHEN random() < 0.3 THEN ARRAY[test.actor(1), test.actor(2)] END;
    size := 1 + (random() * 40)::int;
    found := '{}';
    LOOP
      SELECT array_agg(event.id) INTO page FROM search_audit_events('10000000-0000-4000-8000-000000000001', since, until, actors, names, p_limit := size, p_before_event_id := found[cardinality(found)]) AS event;
      found := found || coalesce(page, '{}');
      EXIT WHEN coalesce(cardinality(page), 0) < size;
    END LOOP;
    SELECT coalesce(array_agg(id ORDER BY created_at DESC, id DESC), '{}') INTO expected FROM (TABLE audit_events UNION ALL TABLE audit_events_archive) AS e
    WHERE workspace_id = '10000000-0000-4000-8000-000000000001' AND created_at >= since AND (until IS NULL OR created_at < until) AND (actors IS NULL OR created_by_user_id = ANY (actors))
      AND (action_type = ANY (names) OR 'log*' = ANY (names) AND action_type LIKE 'log%') AND deleted_at IS NULL;
    SELECT event_count INTO counted FROM count_audit_events('10000000-0000-4000-8000-000000000001', since, until, actors, names);
    IF found <> expected OR counted <> cardinality(expected) THEN RAISE 'round %: % found, % counted, % there', round, cardinality(found), counted, cardinality(expected); END IF;
    digest := md5(digest || found::text);
  END LOOP;
  RETURN digest;
END $$;
SELECT test.answers() AS before \gset
SELECT * FROM test.paths($$p_actions := '{rare}'$$);

SELECT count(*) AS partitions, min(state) AS state FROM audit_index('action');
SELECT DISTINCT regexp_replace(pg_get_indexdef(indexrelid), '^.* USING ', '') AS definition FROM pg_index WHERE indexrelid::regclass::text ~ '^audit_index_';
-- Taken for whole names of its length; the beginning of a name and a longer one are left to the key.
SELECT * FROM test.paths($$p_actions := '{rare, login, rare}'$$);
SELECT * FROM test.paths($$p_actions := ARRAY['rare', repeat('x', 200), repeat('ä', 100)]$$);
SELECT * FROM test.paths($$p_actions := ARRAY['rare', repeat('x', 201)]$$);
SELECT * FROM test.paths($$p_actions := ARRAY['rare', repeat('ä', 101)]$$);
SELECT * FROM test.paths($$p_actions := '{rare, login*}'$$);
SELECT * FROM test.paths($$p_actions := '{rare}', p_user_ids := ARRAY[test.actor(1)]$$);
SELECT access_path, count(*) FROM explain_audit_search(NULL, '-infinity', p_actions := '{rare}') GROUP BY 1;
SELECT sum(keys_to_read) = (SELECT count(*) FROM audit_events WHERE workspace_id = :'ws' AND action_type = 'rare') AS "reads their entries alone" FROM explain_audit_search(:'ws', '-infinity', p_actions := '{rare}') WHERE access_path = 'action';
SELECT test.answers() = :'before' AS "the same answers";

-- A month takes it along; erased events are not found by it.
UPDATE audit_retention_policies SET archive_by = 'month', hot_retention_days = 1 WHERE workspace_id IN (:'ws', '10000000-0000-4000-8000-000000000002');
SELECT archived_count > 0 AS archived FROM archive_old_audit_events();
SELECT count(*) > 0 AS "archived, by index" FROM explain_audit_search(:'ws', '-infinity', p_actions := '{rare}') WHERE is_archived AND access_path = 'action';
SELECT test.answers() = :'before' AS "the same answers";
SELECT restore_audit_events(ARRAY(SELECT id FROM audit_events_archive WHERE workspace_id = :'ws' ORDER BY id LIMIT 50)) > 0 AS restored;
SELECT test.answers() = :'before' AS "the same answers";
SELECT deleted_count > 0 AS erased FROM delete_user_audit_events_compliant(test.actor(3), :'ws', 'GDPR', 'T');
SELECT test.answers() <> :'before' AS "others than before";
SELECT test.answers() AS erased \gset

-- Live: a name that no index can hold is recorded all the same, and found.
SELECT count(*) > 0 AS built FROM audit_index('action', true) WHERE state = 'built';
SELECT insert_audit_event(repeat('0123456789', 10000), 'doc', NULL, '10000000-0000-4000-8000-000000000003', test.actor(1)) IS NOT NULL AS recorded;
SELECT insert_audit_event(repeat('y', 200), 'doc', NULL, '10000000-0000-4000-8000-000000000003', test.actor(1)) IS NOT NULL AS recorded;
SELECT event_count FROM count_audit_events('10000000-0000-4000-8000-000000000003', p_actions := '{0*}');
SELECT event_count FROM count_audit_events('10000000-0000-4000-8000-000000000003', p_actions := ARRAY[repeat('y', 200)]);

-- An index of others is taken only if it compares bytes and has all names of its length.
SELECT audit_unindex('action');
SELECT format('CREATE INDEX theirs ON %s (workspace_id, action_type, created_at, id)', partition_name) AS create FROM explain_audit_search(:'ws', '-infinity') ORDER BY 1 DESC LIMIT 1 \gset
:create ;
SELECT DISTINCT access_path FROM explain_audit_search(:'ws', '-infinity', p_actions := '{rare}');
DROP INDEX theirs;
SELECT replace(:'create', 'action_type,', 'action_type COLLATE "C",') AS bytes \gset
SELECT :'bytes' || ' WHERE octet_length(action_type) <= 199' AS shorter, :'bytes' || ' WHERE octet_length(action_type) <= 300' AS longer \gset
CALL test.past_the_guard(:'shorter');
SELECT DISTINCT access_path FROM explain_audit_search(:'ws', '-infinity', p_actions := '{rare}');
DROP INDEX theirs;
CALL test.past_the_guard(:'longer');
SELECT DISTINCT access_path FROM explain_audit_search(:'ws', '-infinity', p_actions := '{rare}');
DROP INDEX theirs;
:bytes WHERE resource_type = 'doc';
SELECT DISTINCT access_path FROM explain_audit_search(:'ws', '-infinity', p_actions := '{rare}');
DROP INDEX theirs;
:bytes ;
SELECT DISTINCT access_path FROM explain_audit_search(:'ws', '-infinity', p_actions := '{rare}');
SELECT test.answers() = :'erased' AS "the same answers";
