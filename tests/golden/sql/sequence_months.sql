-- One command that records many events looks for newer ones of a workspace once, however many months come later; and what it records itself counts.
\i tests/golden/prelude.sql
CREATE EXTENSION audit_ext;
SET client_min_messages = warning;
SET TimeZone = 'UTC';
CREATE FUNCTION w(int) RETURNS uuid LANGUAGE sql IMMUTABLE RETURN ('10000000-0000-4000-8000-' || lpad($1::text, 12, '0'))::uuid;
-- Each month has events of another workspace, so that each has pages to look into.
INSERT INTO audit_events (created_at, action_type, resource_type, workspace_id, created_by_user_id)
SELECT month, 'A', 'r', w(9), w(2) FROM generate_series(timestamptz '2015-01-15', '2024-12-15', '1 month') AS month;
SELECT count(*) AS months FROM create_past_audit_partitions('2015-01-01', '2024-12-01');

-- Pages that each of 1,000 events reads or makes, in a command that begins with this month.
CREATE FUNCTION pages(p_command text) RETURNS bigint LANGUAGE plpgsql AS $$ DECLARE plan json; BEGIN
  EXECUTE 'EXPLAIN (ANALYZE, BUFFERS, COSTS OFF, TIMING OFF, FORMAT json) ' || p_command INTO plan;
  RETURN ((plan -> 0 -> 'Plan' ->> 'Shared Hit Blocks')::bigint + (plan -> 0 -> 'Plan' ->> 'Shared Read Blocks')::bigint) / 1000;
END $$;
CREATE FUNCTION insertion(p_from timestamptz, p_workspaces int) RETURNS text LANGUAGE sql AS $$
  SELECT format('INSERT INTO audit_events (created_at, action_type, resource_type, workspace_id, created_by_user_id)
    SELECT %L::timestamptz + n * interval ''1 minute'', ''A'', ''r'', w(%s + n %% %s), w(2) FROM generate_series(1, 1000) AS n', p_from, p_workspaces * 10, p_workspaces)
$$;
CREATE FUNCTION batch(p_from timestamptz, p_workspace int) RETURNS text LANGUAGE sql AS $$
  SELECT format('SELECT insert_audit_events(%L)', jsonb_agg(jsonb_build_object('created_at', p_from + n * interval '1 minute', 'action_type', 'A', 'resource_type', 'r',
    'workspace_id', w(p_workspace), 'created_by_user_id', w(2)))) FROM generate_series(1, 1000) AS n
$$;
SELECT pages(insertion('2024-12-16', 1)) > 0 AND pages(batch('2024-12-16', 1)) > 0 AS warm;
SELECT pages(insertion('2015-01-16', 2)) - pages(insertion('2024-12-17', 3)) < 60 AS "INSERT: 120 months later, no more pages an event",
  pages(batch('2015-01-16', 4)) - pages(batch('2024-12-17', 5)) < 60 AS "insert_audit_events: neither";

-- Their first events are there already, and their policies, so that one command goes on.
INSERT INTO audit_events (created_at, action_type, resource_type, workspace_id, created_by_user_id) SELECT '2015-01-01', 'FIRST', 'r', w(n), w(2) FROM generate_series(100, 103) AS n;
-- What the command itself recorded counts: of a caller's time, and of the default time.
CREATE FUNCTION moment(p_number int) RETURNS timestamptz LANGUAGE sql RETURN CASE p_number WHEN 1 THEN timestamptz '2020-01-01' WHEN 2 THEN timestamptz '2020-03-01' ELSE timestamptz '2020-02-01' END;
SELECT code, constraint_name FROM test.refusal($$INSERT INTO audit_events (created_at, action_type, resource_type, workspace_id, created_by_user_id)
  SELECT moment(n), 'A', 'r', w(100), w(2) FROM generate_series(1, 3) AS n$$);
SELECT code, constraint_name FROM test.refusal($$INSERT INTO audit_events (created_at, action_type, resource_type, workspace_id, created_by_user_id)
  VALUES ('2020-01-01', 'A', 'r', w(101), w(2)), ('2020-01-02', 'A', 'r', w(101), w(2)), (DEFAULT, 'A', 'r', w(101), w(2)), ('2020-01-03', 'A', 'r', w(101), w(2))$$);
-- An event that a function records meanwhile counts, too.
CREATE FUNCTION beside(p_workspace uuid) RETURNS timestamptz LANGUAGE plpgsql AS $$ BEGIN
  INSERT INTO audit_events (created_at, action_type, resource_type, workspace_id, created_by_user_id) VALUES ('2021-01-01', 'BESIDE', 'r', p_workspace, w(2));
  RETURN '2020-02-01';
END $$;
SELECT code, constraint_name FROM test.refusal($$INSERT INTO audit_events (created_at, action_type, resource_type, workspace_id, created_by_user_id)
  SELECT CASE WHEN n = 2 THEN beside(w(102)) ELSE timestamptz '2020-01-01' END, 'A', 'r', w(102), w(2) FROM generate_series(1, 2) AS n$$);
-- What was rolled back does not.
BEGIN;
SAVEPOINT newer;
INSERT INTO audit_events (created_at, action_type, resource_type, workspace_id, created_by_user_id) VALUES ('2020-03-01', 'NEWER', 'r', w(103), w(2));
ROLLBACK TO newer;
INSERT INTO audit_events (created_at, action_type, resource_type, workspace_id, created_by_user_id) VALUES ('2020-02-01', 'OLDER', 'r', w(103), w(2));
COMMIT;
SELECT right(workspace_id::text, 3) AS workspace, created_at, action_type FROM audit_events
WHERE workspace_id IN (w(100), w(101), w(102), w(103)) AND action_type <> 'FIRST' ORDER BY 1, 2;
