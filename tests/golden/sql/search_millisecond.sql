-- Ids of imported events are greater than all live ones of their millisecond, whatever their times are. Who reads all workspaces, by ids, still gets events in
-- the order of time: no page, no export that goes on and no answer to a person leaves one out or gives one twice.
\i tests/golden/prelude.sql
CREATE EXTENSION audit_ext;
SET client_min_messages = warning;
SET TimeZone = 'UTC';
CREATE FUNCTION w(int) RETURNS uuid LANGUAGE sql IMMUTABLE RETURN ('10000000-0000-4000-8000-' || lpad($1::text, 12, '0'))::uuid;
-- Microseconds of 2024-03-01. The milliseconds have: 0 both, in turns, some at the same time; 1 live ones first; 2 imported ones first; 3 and 4 only one kind; 5 both, many at one time.
CREATE TABLE given AS SELECT row_number() OVER (ORDER BY us, is_live DESC) AS no, timestamptz '2024-03-01' + us * interval '1 microsecond' AS at, is_live FROM (
  SELECT us, true AS is_live FROM unnest(ARRAY[50, 500, 500, 700, 999, 1000, 1001, 2900, 3100, 3200]) AS us
  UNION ALL SELECT us, false FROM unnest(ARRAY[0, 100, 500, 500, 900, 1900, 1999, 2000, 2100, 4000, 4100]) AS us
  UNION ALL SELECT 5000 + n / 20 * 300, n % 2 = 0 FROM generate_series(0, 59) AS n) AS u;
SELECT count(*) > 0 AS made FROM create_past_audit_partitions('2024-03-01', '2024-03-31');
-- An event is long, so that a call of an export gives but a few lines.
INSERT INTO audit_events (created_at, action_type, resource_type, workspace_id, created_by_user_id, new_values)
SELECT at, 'LIVE', 'r', w((no % 3)::int), w(70), jsonb_build_object('long', repeat('x', 40000)) FROM given WHERE is_live ORDER BY no;
CREATE TABLE log AS SELECT no, at, 'OLD' AS op, 'r' AS kind, w(70) AS actor, w((no % 3)::int) AS tenant, json_build_object('long', repeat('x', 40000)) AS after FROM given WHERE NOT is_live;
CALL import_audit_events('log', 'old log', '{"source_id": "no", "created_at": {"column": "at"}, "action_type": "op", "resource_type": "kind", "created_by_user_id": "actor", "workspace_id": "tenant", "new_values": "after"}');
CREATE VIEW trail AS SELECT id, created_at FROM (SELECT id, created_at FROM audit_events UNION ALL SELECT id, created_at FROM audit_events_archive) AS e WHERE created_at < '2024-03-02';
CREATE FUNCTION wanted(p_is_newest_first boolean) RETURNS uuid[] LANGUAGE sql AS $$
  SELECT CASE WHEN p_is_newest_first THEN array_agg(id ORDER BY created_at DESC, id DESC) ELSE array_agg(id ORDER BY created_at, id) END FROM trail $$;
SELECT count(*), array_agg(id ORDER BY id) = wanted(false) AS "ids are in the order of time" FROM trail;
CREATE FUNCTION pages(p_limit int) RETURNS uuid[] LANGUAGE plpgsql AS $$
DECLARE found uuid[] := '{}'; page uuid[];
BEGIN
  LOOP
    SELECT array_agg(id ORDER BY n) INTO page
    FROM search_audit_events(NULL, p_from => '-infinity', p_to => '2024-03-02', p_limit => p_limit, p_before_event_id => found[cardinality(found)]) WITH ORDINALITY AS s (id, a, b, c, d, e, f, g, h, i, j, k, l, m, o, p, n);
    EXIT WHEN page IS NULL;
    found := found || page;
    EXIT WHEN cardinality(found) > 1000;
  END LOOP;
  RETURN found;
END $$;
CREATE FUNCTION exported(p_after uuid DEFAULT NULL) RETURNS uuid[] LANGUAGE sql AS $$
  SELECT coalesce(array_agg((line::jsonb ->> 'id')::uuid ORDER BY n) FILTER (WHERE line::jsonb ? 'id'), '{}')
  FROM export_audit_events(NULL, p_to => '2024-03-02', p_after_event_id => p_after) WITH ORDINALITY AS e (line, n) $$;
CREATE FUNCTION of_person() RETURNS uuid[] LANGUAGE sql AS $$
  SELECT array_agg((line::jsonb ->> 'id')::uuid ORDER BY n) FILTER (WHERE line::jsonb ->> 'action_type' IN ('LIVE', 'OLD'))
  FROM export_person_audit_events(w(70), 'GDPR', 'T-1') WITH ORDINALITY AS e (line, n) $$;
CREATE VIEW compared AS
  SELECT (SELECT array_agg(p_limit ORDER BY p_limit) FROM unnest(ARRAY[1, 2, 3, 7, 40, 1000]) AS p_limit WHERE pages(p_limit) IS DISTINCT FROM wanted(true)) AS "other pages",
    exported() = wanted(false) AS export,
    -- One that was broken off goes on behind any event.
    (SELECT count(*) FROM unnest(wanted(false)) WITH ORDINALITY AS t (id, n) WHERE exported(id) <> (wanted(false))[n + 1:]) AS "other rests",
    of_person() = wanted(false) AS person, (SELECT event_count FROM count_audit_events(NULL, '-infinity', '2024-03-02')) AS counted;
TABLE compared;
-- The first and the last of a millisecond.
SELECT action_type, created_at FROM search_audit_events(NULL, p_from => '2024-03-01', p_to => '2024-03-01 00:00:00.001', p_limit => 2);
-- A window that begins and ends within a millisecond.
SELECT count(*), array_agg(id ORDER BY n) = (SELECT array_agg(id ORDER BY created_at DESC, id DESC) FROM trail WHERE created_at >= '2024-03-01 00:00:00.0005' AND created_at < '2024-03-01 00:00:00.00502') AS same
FROM search_audit_events(NULL, p_from => '2024-03-01 00:00:00.0005', p_to => '2024-03-01 00:00:00.00502', p_limit => 1000) WITH ORDINALITY AS s (id, a, b, c, d, e, f, g, h, i, j, k, l, m, o, p, n);
-- The same when they are archived.
SELECT archived_count > 50 AS archived FROM archive_old_audit_events();
TABLE compared;
