-- Each of the seven constraints, broken through the function, INSERT, multi-row INSERT, the bulk function and COPY:
-- 23514 with the constraint's name in its field, and nothing else of the statement is written.
\i tests/golden/prelude.sql
CREATE EXTENSION audit_ext;
SELECT insert_audit_event('FIRST', 'test', NULL, '10000000-0000-4000-8000-000000000001', '20000000-0000-4000-8000-000000000001') IS NOT NULL AS recorded;

-- What is wrong, one column at a time; the rest of the event is sound.
CREATE TABLE broken (no int PRIMARY KEY, what text, field text, value text);
INSERT INTO broken VALUES
  (1, 'empty', 'action_type', ''), (2, 'blank', 'action_type', E' \t\r\n\f\x0B '), (3, 'null', 'action_type', NULL),
  (4, 'empty', 'resource_type', ''), (5, 'blank', 'resource_type', '  '), (6, 'null', 'resource_type', NULL),
  (7, 'null', 'workspace_id', NULL), (8, 'null', 'created_by_user_id', NULL),
  (9, 'future', 'created_at', '2999-12-31 00:00:00+00'),
  (10, 'empty', 'old_values', '{}'), (11, 'empty', 'new_values', ' { } ');

-- The event as JSON, with the one field replaced; as the body of an INSERT; and as arguments of the function.
CREATE FUNCTION event(p broken) RETURNS jsonb LANGUAGE sql AS $$
  SELECT '{"action_type": "A", "resource_type": "r", "workspace_id": "10000000-0000-4000-8000-000000000001", "created_by_user_id": "20000000-0000-4000-8000-000000000001"}'::jsonb
    || jsonb_build_object(p.field, CASE WHEN p.field LIKE '%values' THEN p.value::jsonb ELSE to_jsonb(replace(p.value, ' 00:00:00+00', 'T00:00:00Z')) END)
$$;
CREATE FUNCTION statements(p broken) RETURNS TABLE (path text, statement text) LANGUAGE sql AS $$
  WITH field AS (
    SELECT string_agg(coalesce('"' || replace(value, '"', '""') || '"', ''), ',' ORDER BY key) AS csv, string_agg(quote_ident(key), ', ' ORDER BY key) AS names, string_agg(quote_nullable(value), ', ' ORDER BY key) AS vals,
           string_agg(format('p_%s := %s', key, quote_nullable(value)), ', ' ORDER BY key) AS arguments,
           string_agg(CASE key WHEN p.field THEN sound.value_of ELSE quote_nullable(value) END, ', ' ORDER BY key) AS sound
    FROM jsonb_each_text(event(p)) AS each,
      LATERAL (SELECT CASE p.field WHEN 'action_type' THEN '''A''' WHEN 'resource_type' THEN '''r''' WHEN 'old_values' THEN '''{"a":1}'''
        WHEN 'new_values' THEN '''{"a":1}''' WHEN 'created_at' THEN 'DEFAULT' ELSE '''10000000-0000-4000-8000-000000000001''' END) AS sound (value_of)
  )
  SELECT 'function', format('SELECT insert_audit_event(%s)', arguments) FROM field WHERE p.field <> 'created_at'
  UNION ALL SELECT 'INSERT', format('INSERT INTO audit_events (%s) VALUES (%s)', names, vals) FROM field
  UNION ALL SELECT 'rows', format('INSERT INTO audit_events (%s) VALUES (%s), (%s)', names, sound, vals) FROM field
  UNION ALL SELECT 'COPY', format('COPY audit_events (%s) FROM PROGRAM %L WITH (FORMAT csv)', names, E'cat <<\\END\n' || csv || E'\nEND') FROM field
  UNION ALL SELECT 'bulk', format('SELECT insert_audit_events(%L)', jsonb_build_array(event(p) - 'old_values' - 'new_values' - 'created_at'
    || '{"action_type": "A", "resource_type": "r", "workspace_id": "10000000-0000-4000-8000-000000000001", "created_by_user_id": "20000000-0000-4000-8000-000000000001"}', event(p)))
$$;
SELECT no, what, field, code, constraint_name, string_agg(path, ' ' ORDER BY path) AS paths
FROM broken, LATERAL statements(broken) AS tried, LATERAL test.refusal(tried.statement)
GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 4, 5;
SELECT count(*) AS "events, one as before" FROM audit_events;

-- The sound rows of these statements are sound indeed.
SELECT code, count(*) FROM broken, LATERAL test.refusal(format('SELECT insert_audit_events(%L)', jsonb_build_array(event(broken) - 'old_values' - 'new_values' - 'created_at'
  || '{"action_type": "A", "resource_type": "r", "workspace_id": "10000000-0000-4000-8000-000000000001", "created_by_user_id": "20000000-0000-4000-8000-000000000001"}'))) GROUP BY code;

-- COPY from the client: a sound line, then the broken one.
SELECT count(*) AS before FROM audit_events \gset
\set VERBOSITY terse
COPY audit_events (action_type, resource_type, workspace_id, created_by_user_id) FROM STDIN;
A	r	10000000-0000-4000-8000-000000000001	20000000-0000-4000-8000-000000000001
	r	10000000-0000-4000-8000-000000000001	20000000-0000-4000-8000-000000000001
\.
COPY audit_events (action_type, resource_type, workspace_id, created_by_user_id) FROM STDIN;
A	r	10000000-0000-4000-8000-000000000001	20000000-0000-4000-8000-000000000001
A	\N	10000000-0000-4000-8000-000000000001	20000000-0000-4000-8000-000000000001
\.
COPY audit_events (action_type, resource_type, workspace_id, created_by_user_id) FROM STDIN;
A	r	10000000-0000-4000-8000-000000000001	20000000-0000-4000-8000-000000000001
A	r	\N	20000000-0000-4000-8000-000000000001
\.
COPY audit_events (action_type, resource_type, workspace_id, created_by_user_id) FROM STDIN;
A	r	10000000-0000-4000-8000-000000000001	20000000-0000-4000-8000-000000000001
A	r	10000000-0000-4000-8000-000000000001	\N
\.
COPY audit_events (action_type, resource_type, workspace_id, created_by_user_id, created_at) FROM STDIN;
A	r	10000000-0000-4000-8000-000000000002	20000000-0000-4000-8000-000000000001	2024-01-01 00:00:00+00
A	r	10000000-0000-4000-8000-000000000002	20000000-0000-4000-8000-000000000001	2999-12-31 00:00:00+00
\.
COPY audit_events (action_type, resource_type, workspace_id, created_by_user_id, old_values, new_values) FROM STDIN;
A	r	10000000-0000-4000-8000-000000000001	20000000-0000-4000-8000-000000000001	{"a": 1}	{"a": 2}
A	r	10000000-0000-4000-8000-000000000001	20000000-0000-4000-8000-000000000001	{}	{"a": 2}
\.
COPY audit_events (action_type, resource_type, workspace_id, created_by_user_id, old_values, new_values) FROM STDIN;
A	r	10000000-0000-4000-8000-000000000001	20000000-0000-4000-8000-000000000001	{"a": 1}	{"a": 2}
A	r	10000000-0000-4000-8000-000000000001	20000000-0000-4000-8000-000000000001	{"a": 1}	{}
\.
SELECT count(*) - :before AS "written by COPY" FROM audit_events;
SELECT count(*) AS "policies of refused workspaces" FROM audit_retention_policies
WHERE workspace_id <> '10000000-0000-4000-8000-000000000001';

-- The CHECKs themselves hold where no trigger fires.
SET session_replication_role = replica;
SELECT no, code, constraint_name FROM broken, LATERAL statements(broken) AS tried, LATERAL test.refusal(tried.statement)
WHERE path = 'INSERT' AND field NOT IN ('workspace_id') ORDER BY no;
RESET session_replication_role;
