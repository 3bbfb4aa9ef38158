-- Events of one call that are stored together: however many and large they are, with some among them that must be stored by themselves, and with code of others
-- in between, each is stored as it was given, in its order, or none is.
\i tests/golden/prelude.sql
CREATE EXTENSION audit_ext;
\i tests/golden/oracle.sql
CREATE FUNCTION element(p_n int, p_more jsonb DEFAULT '{}', p_workspace int DEFAULT 1) RETURNS jsonb LANGUAGE sql AS $$
  SELECT jsonb_build_object('action_type', 'BATCH', 'resource_type', 'call', 'resource_id', w(p_n), 'workspace_id', w(p_workspace), 'created_by_user_id', w(1), 'new_values', jsonb_build_object('n', p_n)) || p_more
$$;
CREATE TABLE test.recorded (n bigint, id uuid);
-- The n-th id that is given back is that of the n-th element.
CREATE FUNCTION differences(p_events jsonb) RETURNS TABLE (n bigint, stored jsonb) LANGUAGE sql AS $$
  DELETE FROM test.recorded;
  WITH recorded AS MATERIALIZED (SELECT id, row_number() OVER () AS n FROM insert_audit_events(p_events) AS id)
  INSERT INTO test.recorded SELECT n, id FROM recorded;
  SELECT given.n, to_jsonb(e) FROM jsonb_array_elements(p_events) WITH ORDINALITY AS given (event, n) LEFT JOIN test.recorded AS r USING (n) LEFT JOIN audit_events AS e ON e.id = r.id
  WHERE e.id IS NULL OR NOT to_jsonb(e) @> (event - 'created_at') OR test.time_in(e.id) <> e.created_at OR coalesce(e.created_at <> (event ->> 'created_at')::timestamptz, false)
$$;
SELECT test.goes_past_the_executor();

-- One, as many as are stored at once, one more, many.
SELECT count, d.* FROM unnest(ARRAY[0, 1, 2, 99, 100, 101, 1000]) AS count, LATERAL (SELECT * FROM differences((SELECT coalesce(jsonb_agg(element(n) ORDER BY n), '[]') FROM generate_series(1, count) AS n))) AS d;
SELECT count(*), count(DISTINCT id) AS ids, array_agg(id ORDER BY id) = array_agg(id ORDER BY created_at) AS ordered FROM audit_events WHERE action_type = 'BATCH';
-- Every index finds them.
SET enable_seqscan = off;
SELECT count(*) FROM audit_events AS e WHERE action_type = 'BATCH' AND (SELECT count(*) FROM audit_events AS other WHERE other.id = e.id) = 1;
SELECT count(*) FROM generate_series(1, 1000) AS n, LATERAL (SELECT FROM audit_events WHERE workspace_id = w(1) AND resource_id = w(n) ORDER BY created_at DESC, id DESC LIMIT 1) AS found;
RESET enable_seqscan;

-- With times of the caller among them, in this month and in others, and with the first events of workspaces.
SELECT * FROM differences((SELECT jsonb_agg(CASE n % 5 WHEN 0 THEN element(n, jsonb_build_object('created_at', timestamptz '2020-01-01Z' + n * interval '1 day'), 2)
  WHEN 1 THEN element(n, '{}', 1000 + n) ELSE element(n) END ORDER BY n) FROM generate_series(1, 300) AS n));
-- A time of the caller's is judged by what is before it in the call.
SELECT code, constraint_name FROM test.refusal(format('SELECT insert_audit_events(%L)', jsonb_build_array(element(1, '{}', 3), element(2, '{"created_at": "2001-01-01T00:00:00Z"}', 3))));
SELECT * FROM differences(jsonb_build_array(element(1, '{"created_at": "2001-01-01T00:00:00Z"}', 3), element(2, '{}', 3)));

-- Large ones, which fill what waits, and are stored out of line.
SELECT * FROM differences((SELECT jsonb_agg(element(n, jsonb_build_object('metadata', (SELECT jsonb_agg(md5(n || ' ' || i)) FROM generate_series(1, n * 40) AS i)))) FROM generate_series(1, 60) AS n));

-- One that is refused is named, whether it breaks a rule, is nobody's, or meets a constraint or an index that a DBA added; and none is there.
CREATE TABLE members (workspace uuid, member uuid);
INSERT INTO members SELECT w(n), w(1) FROM generate_series(1, 10) AS n;
SELECT count(*) AS before FROM audit_events \gset
CREATE FUNCTION refused(p_more jsonb) RETURNS TABLE (code text, constraint_name text, stored bigint) LANGUAGE sql AS $$
  SELECT r.code, r.constraint_name, (SELECT count(*) FROM audit_events WHERE resource_id = w(7777)) FROM test.refusal(format('SELECT insert_audit_events(%L)',
    (SELECT jsonb_agg(element(7777, jsonb_build_object('request_id', n::text) || CASE n WHEN 150 THEN p_more ELSE '{}' END) ORDER BY n) FROM generate_series(1, 200) AS n))) AS r
$$;
SELECT * FROM refused('{"action_type": " "}');
SELECT * FROM refused('{"tags": 1}');
SELECT audit_set_membership_source('members', 'workspace', 'member');
SELECT * FROM refused(jsonb_build_object('created_by_user_id', w(2)));
SELECT audit_set_membership_source(NULL, NULL, NULL);
BEGIN;
CALL test.past_the_guard('ALTER TABLE audit_events ADD CONSTRAINT mine CHECK (user_agent <> ''bad'')');
SELECT * FROM refused('{"user_agent": "bad"}');
SELECT * FROM differences((SELECT jsonb_agg(element(n, '{"user_agent": "good"}')) FROM generate_series(1, 150) AS n));
ROLLBACK;
BEGIN;
CALL test.past_the_guard('CREATE UNIQUE INDEX mine ON ' || test.month() || ' (request_id)');
SELECT * FROM refused('{"request_id": "149"}');
SELECT * FROM differences((SELECT jsonb_agg(element(n, jsonb_build_object('request_id', n::text))) FROM generate_series(1, 150) AS n));
ROLLBACK;
-- A CHECK that has been given the name of one of ours is evaluated like any other.
BEGIN;
CALL test.past_the_guard('ALTER TABLE ' || test.month() || ' DROP CONSTRAINT audit_month, ADD CONSTRAINT audit_month CHECK (user_agent <> ''bad'')');
SELECT * FROM refused('{"user_agent": "bad"}');
SELECT code, constraint_name FROM test.refusal($$SELECT insert_audit_event('A', 'r', NULL, w(1), w(1), p_user_agent => 'bad')$$);
ROLLBACK;
BEGIN;
CALL test.past_the_guard('ALTER TABLE audit_events DROP CONSTRAINT check_new_values_not_empty, ADD CONSTRAINT check_new_values_not_empty CHECK (new_values <> ''{"n": 13}'') NOT VALID');
SELECT * FROM refused('{"new_values": {"n": 13}}');
SELECT code, constraint_name FROM test.refusal($$SELECT insert_audit_event('A', 'r', NULL, w(1), w(1), p_new_values => '{"n": 13}')$$);
ROLLBACK;
SELECT count(*) - :before AS stored FROM audit_events;

-- Undone to a savepoint, and again.
BEGIN;
SAVEPOINT s;
SELECT * FROM differences((SELECT jsonb_agg(element(n, '{"user_agent": "undone"}')) FROM generate_series(1, 150) AS n));
ROLLBACK TO s;
SELECT * FROM differences((SELECT jsonb_agg(element(n, '{"user_agent": "kept"}')) FROM generate_series(1, 150) AS n));
COMMIT;
SELECT user_agent, count(*) FROM audit_events WHERE user_agent IN ('undone', 'kept') GROUP BY 1;

-- Code of others that records events itself, by calls and in batches: a CHECK, and a trigger.
BEGIN;
CREATE FUNCTION recording(text) RETURNS boolean LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
  IF $1 = 'BATCH' THEN
    PERFORM insert_audit_event('ONE', 'call', w(1), w(1), w(1));
    PERFORM insert_audit_events((SELECT jsonb_agg(element(n, '{"action_type": "INNER"}')) FROM generate_series(1, 3) AS n));
  END IF;
  RETURN true;
END $$;
CALL test.past_the_guard('ALTER TABLE audit_events ADD CHECK (recording(action_type)) NOT VALID');
SELECT * FROM differences((SELECT jsonb_agg(element(n)) FROM generate_series(1, 150) AS n));
SELECT action_type, count(*), count(DISTINCT id) AS ids FROM audit_events WHERE action_type IN ('ONE', 'INNER') GROUP BY 1 ORDER BY 1;
ROLLBACK;
BEGIN;
CREATE FUNCTION recording() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
  IF NEW.action_type = 'BATCH' THEN PERFORM insert_audit_events((SELECT jsonb_agg(element(n, '{"action_type": "INNER"}')) FROM generate_series(1, 3) AS n)); END IF;
  RETURN NEW;
END $$;
CALL test.past_the_guard('CREATE TRIGGER zzz BEFORE INSERT ON audit_events FOR EACH ROW EXECUTE FUNCTION recording()');
SELECT * FROM differences((SELECT jsonb_agg(element(n)) FROM generate_series(1, 150) AS n));
SELECT action_type, count(*), count(DISTINCT id) AS ids FROM audit_events WHERE action_type = 'INNER' GROUP BY 1 ORDER BY 1;
ROLLBACK;
-- Rows of a tracked table, whose events wait together.
CREATE TABLE thing (id int PRIMARY KEY, workspace_id uuid DEFAULT w(4), name text);
SELECT audit_track_table('thing');
INSERT INTO thing (id, name) SELECT n, 'name ' || n FROM generate_series(1, 250) AS n;
UPDATE thing SET name = name || '.', workspace_id = CASE id % 3 WHEN 0 THEN w(2000 + id) ELSE workspace_id END;
DELETE FROM thing WHERE id % 2 = 0;
WITH gone AS (DELETE FROM thing WHERE id < 100 RETURNING *) INSERT INTO thing SELECT id + 1000, workspace_id, name FROM gone;
SELECT action_type, count(*), count(DISTINCT id) AS ids, bool_and(test.time_in(id) = created_at) AS "ids tell the time", sum(CASE action_type WHEN 'DELETE' THEN -1 WHEN 'INSERT' THEN 1 ELSE 0 END) AS rows
FROM audit_events WHERE resource_type = 'thing' OR resource_type = 'public.thing' GROUP BY 1 ORDER BY 1;
SELECT count(*) FROM thing;
SELECT count(*) AS "updates that tell what changed" FROM audit_events WHERE action_type = 'UPDATE' AND old_values ->> 'name' || '.' = new_values ->> 'name'
  AND changed_fields = '{name}';
SELECT test.goes_past_the_executor();
