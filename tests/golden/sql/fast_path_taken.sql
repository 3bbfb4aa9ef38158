-- An event goes past the executor into every kind of partition, alone, with others and captured, and no CHECK of the table is evaluated again. The library
-- knows its CHECKs by how PostgreSQL prints them: where a version prints one otherwise, or something else stands in the way, all would work, only slower.
\i tests/golden/prelude.sql
CREATE EXTENSION audit_ext;
\i tests/golden/oracle.sql
-- A month of the past with a partition of its own; what lies in 2002 stays in the default partition.
INSERT INTO audit_events (created_at, action_type, resource_type, workspace_id, created_by_user_id) VALUES ('2001-02-03Z', 'OLD', 'thing', w(1), w(1));
SELECT count(*) > 0 AS made FROM create_past_audit_partitions('2001-02-01', '2001-02-01');
CREATE TABLE thing (id uuid PRIMARY KEY, name text);
SELECT audit_track_table('thing', p_workspace_column => NULL);
-- What is kept for a partition that is stored into directly shows in the list of memory contexts.
CREATE FUNCTION kept() RETURNS bigint LANGUAGE sql RETURN (SELECT count(*) FROM pg_backend_memory_contexts WHERE name = 'audit_ext partition');
CREATE FUNCTION bulk(VARIADIC p_times timestamptz[]) RETURNS bigint LANGUAGE sql AS $$
  SELECT count(*) FROM insert_audit_events((SELECT jsonb_agg(jsonb_build_object('action_type', 'BULK', 'resource_type', 'thing', 'workspace_id', w(2),
    'created_by_user_id', w(1), 'created_at', time, 'old_values', '{"a": 1}'::jsonb, 'new_values', '{"a": 2}'::jsonb) ORDER BY time) FROM unnest(p_times) AS time))
$$;

-- A session that has stored nothing so far. A message would name each CHECK that is evaluated.
\c
SET client_min_messages = debug1;
SELECT kept();
SELECT insert_audit_event('ONE', 'thing', w(9), w(1), w(1), '{"a": 1}', '{"a": 2}', '10.0.0.1', 'agent', '{t}', '{"m": 1}', 'r') IS NOT NULL AS recorded, kept();
SELECT bulk('2001-02-05Z', '2001-02-06Z'), kept();
SELECT bulk('2002-02-05Z', '2002-02-06Z', now()), kept();
-- A session that only captures.
\c -
SET client_min_messages = debug1;
INSERT INTO thing VALUES (w(1), 'first'), (w(2), 'second');
UPDATE thing SET name = 'third';
DELETE FROM thing;
SELECT kept();
RESET client_min_messages;
SELECT tableoid::regclass::text = test.month() AS "of this month", tableoid::regclass IN ('audit_events_2001_02', 'audit_events_default') AS "of another", count(*)
FROM audit_events WHERE action_type NOT LIKE 'AUDIT%' GROUP BY 1, 2 ORDER BY 1;

-- A CHECK that somebody adds, or puts in the place of one of the seven, is evaluated.
CALL test.past_the_guard('ALTER TABLE audit_events ADD CONSTRAINT theirs CHECK (action_type <> ''X'')');
CALL test.past_the_guard('ALTER TABLE audit_events DROP CONSTRAINT check_new_values_not_empty');
CALL test.past_the_guard('ALTER TABLE audit_events ADD CONSTRAINT check_new_values_not_empty CHECK (new_values <> ''{"a": 0}'')');
SET client_min_messages = debug1;
SELECT insert_audit_event('TWO', 'thing', NULL, w(1), w(1)) IS NOT NULL AS recorded, kept();
RESET client_min_messages;
SELECT code, constraint_name FROM test.refusal($$SELECT insert_audit_event('X', 'thing', NULL, w(1), w(1))$$);
