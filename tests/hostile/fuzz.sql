-- Statements at random, from a seed: every function of the extension that can be called, with values of each argument's type that
-- nobody would think of. Variables: seed, statements. A type without values stops it, so that no new function is left out.
CREATE TEMP TABLE pool (kind regtype, value text);
INSERT INTO pool SELECT kind::regtype, value FROM (
SELECT 'text', v FROM unnest(ARRAY['', ' ', E'\t\n\r', 'A', 'AUDIT_X', 'x'';--', E'\u200b\u200f\u202e', E'\U0001F4A9', E'e\u0301\uFFFF', '{}', '%s%n', '../../etc', 'GDPR', 'RETENTION_POLICY', 'writer', 'gateway', '_', 'deleted_at', E'x/1\n1\nAAAA\n', E'x/1\n1\nAAAA\n\n\u2014 x AAAA\n', repeat('ü', 3000)]) AS v UNION ALL
SELECT 'audit_ticket', v FROM unnest(ARRAY['', ' ', 'T-1', E'\U0001F4A9', repeat('t', 3000)]) AS v UNION ALL
SELECT 'uuid', v FROM unnest(ARRAY['00000000-0000-0000-0000-000000000000', 'ffffffff-ffff-ffff-ffff-ffffffffffff', '10000000-0000-4000-8000-000000000001', '20000000-0000-4000-8000-000000000001', 'ffffffff-ffff-7fff-bfff-ffffffffffff', '00000000-0000-7000-8000-000000000000', 'c232ab00-9414-11ec-b3c8-9f6bdeced846']) AS v UNION ALL
SELECT 'uuid', id::text FROM (SELECT id FROM audit_events LIMIT 3) AS event UNION ALL
SELECT 'uuid', id::text FROM (SELECT id FROM audit_deletion_log LIMIT 2) AS entry UNION ALL
SELECT 'jsonb', v FROM unnest(ARRAY['{}', '[]', 'null', '1', '-0', '"x"', 'true', '[[]]', '{"": ""}', '{"a": 1}', '{"a": 1.0}', '{"a": {"b": [1, null, {"c": {}}]}}', '{"\u00fc\ud83d\ude00": null}', '{"a": 1e130000}', repeat('[', 900) || repeat(']', 900),
  '[{}]', '[1]', '[null]', '[[1]]', '{"action_type": "A"}', '[{"action_type": "A", "resource_type": "r", "workspace_id": "10000000-0000-4000-8000-000000000001", "created_by_user_id": "20000000-0000-4000-8000-000000000001"}]',
  '[{"action_type": 1}]', '[{"action_type": null, "p_action_type": "A"}]', '[{"workspace_id": "x"}]', '[{"ip_address": "::ffff:1.2.3.4/129"}]', '[{"tags": [1]}]', '[{"tags": "a"}]', '[{"created_at": "infinity"}]', '[{"created_at": "-4712-01-01T00:00:00Z"}]', '[{"created_at": 1}]', '[{"id": "x"}]', '[{"": 1}]',
  '[{"action_type": "A", "resource_type": "r", "workspace_id": "10000000-0000-4000-8000-000000000009", "created_by_user_id": "20000000-0000-4000-8000-000000000001", "created_at": "2001-01-01T00:00:00.000001+14:00", "tags": [], "metadata": 0, "old_values": [], "ip_address": "fe80::1"}]']) AS v UNION ALL
SELECT 'inet', v FROM unnest(ARRAY['0.0.0.0', '255.255.255.255/32', '10.0.0.0/8', '::', '::1/128', '2001:db8::/32', '::ffff:1.2.3.4']) AS v UNION ALL
SELECT 'text[]', v FROM unnest(ARRAY['{}', '{NULL}', '{""}', '{a,a}', '{{a,b},{c,d}}', '[5:6]={x,y}', '{"\"","\\",NULL}']) AS v UNION ALL
SELECT 'text[]', array_agg('tag ' || n)::text FROM generate_series(1, 2000) AS n UNION ALL
SELECT 'text', audit_checkpoint() UNION ALL
SELECT 'text', audit_checkpoint() || E'\n\u2014 x AAAAAAAA\n' UNION ALL
SELECT 'text', origin FROM audit_log_incarnations UNION ALL
SELECT 'text[]', ARRAY[audit_checkpoint()]::text UNION ALL
SELECT 'uuid[]', v FROM unnest(ARRAY['{}', '{NULL}', '{{00000000-0000-0000-0000-000000000000}}', '[9:9]={ffffffff-ffff-ffff-ffff-ffffffffffff}']) AS v UNION ALL
SELECT 'uuid[]', array_agg(id)::text FROM (SELECT id FROM audit_events_archive LIMIT 2) AS event UNION ALL
SELECT 'integer', v FROM unnest(ARRAY['0', '-1', '1', '100', '10001', '36500', '36501', '2147483647', '-2147483648']) AS v UNION ALL
SELECT 'bigint', v FROM unnest(ARRAY['0', '-1', '1', '2', '3', '100', '4294967296', '9223372036854775807', '-9223372036854775808']) AS v UNION ALL
SELECT 'bytea', v FROM unnest(ARRAY['', '\x00', '\x3003', '\x30800000', '\x3084ffffffff', '\x' || repeat('30', 3000)]) AS v UNION ALL
SELECT 'boolean', v FROM unnest(ARRAY['true', 'false']) AS v UNION ALL
SELECT 'interval', v FROM unnest(ARRAY['0', '-1 day', '30 days', '178000000 years', '-178000000 years', '1 microsecond', '2147483647 months']) AS v UNION ALL
SELECT 'timestamptz', v FROM unnest(ARRAY['-infinity', 'infinity', '4713-01-01 BC', '294276-12-31', '1970-01-01Z', '2001-01-01', 'yesterday', 'now']) AS v UNION ALL
SELECT 'text', v FROM unnest(ARRAY['ndjson', 'csv', 'csv_safe', 'ocsf', 'cef', 'ecs', 'xxx']) AS v UNION ALL
SELECT 'date', v FROM unnest(ARRAY['-infinity', 'infinity', '4713-01-01 BC', '5874897-12-31', '1969-12-31', '1970-01-01', '2001-01-15', '9999-12-31']) AS v UNION ALL
SELECT 'name', v FROM unnest(ARRAY['', 'id', 'workspace_id', 'ctid', 'tableoid', 'nobody', 'ü', repeat('n', 63)]) AS v UNION ALL
SELECT 'name[]', v FROM unnest(ARRAY['{}', '{NULL}', '{id}', '{name,name}', '{{id}}', '{nobody}']) AS v UNION ALL
SELECT 'regclass', v FROM unnest(ARRAY['0', '4294967295', 'pg_class', 'audit_events', 'audit_tracking', 'audit_events_default', 'vw_security_audit', 'audit_archive_attempts', 'audit_events_pkey', 'thing', 'thing_view', 'thing_tree', 'thing_sequence', 'thing_pkey', 'information_schema.tables']) AS v UNION ALL
SELECT 'regrole', v FROM unnest(ARRAY['0', '4294967295', 'postgres', 'pg_monitor', 'f_nobody']) AS v
) AS given (kind, value);
INSERT INTO pool SELECT DISTINCT kind, NULL FROM pool;

CREATE TEMP TABLE callable AS
SELECT p.oid, p.oid::regproc AS name, p.prokind, ARRAY(SELECT unnest(p.proargtypes)::regtype) AS kinds FROM pg_proc AS p JOIN pg_depend AS d ON d.objid = p.oid AND d.classid = 'pg_proc'::regclass AND d.deptype = 'e'
JOIN pg_extension AS e ON e.oid = d.refobjid AND e.extname = 'audit_ext'
WHERE p.prorettype NOT IN ('trigger'::regtype, 'event_trigger'::regtype) AND 'internal'::regtype <> ALL (p.proargtypes) AND 'cstring'::regtype <> ALL (p.proargtypes) AND p.prorettype <> 'cstring'::regtype;
DO $$ BEGIN
  IF EXISTS (SELECT FROM callable, unnest(kinds) AS kind WHERE kind NOT IN (SELECT pool.kind FROM pool)) THEN
    RAISE 'no values for %', (SELECT string_agg(DISTINCT kind::text, ', ') FROM callable, unnest(kinds) AS kind WHERE kind NOT IN (SELECT pool.kind FROM pool));
  END IF;
END $$;
SELECT setseed(:seed) \g /dev/null
CREATE FUNCTION pg_temp.any_value(p_kind regtype) RETURNS text LANGUAGE sql VOLATILE AS $$ SELECT format('%L::%s', value, p_kind) FROM pool WHERE kind = p_kind ORDER BY random() LIMIT 1 $$;
CREATE FUNCTION pg_temp.any_values(p_kinds regtype[]) RETURNS text LANGUAGE sql VOLATILE AS $$ SELECT string_agg(pg_temp.any_value(kind), ', ' ORDER BY n) FROM unnest(p_kinds) WITH ORDINALITY AS k (kind, n) $$;
-- Chosen anew for every n, which the conditions on it make sure of. A third record, with ids that can be looked up again, and a key; a third are any function; the rest are the tables by hand, the request and transactions.
SELECT CASE
  WHEN n % 3 = 0 THEN format('INSERT INTO told SELECT insert_audit_event(a, b, c, d, e, f, g, h, i, j, k, l, m), * FROM (VALUES (%s)) AS v (a, b, c, d, e, f, g, h, i, j, k, l, m)', pg_temp.any_values((SELECT kinds[:13] FROM callable WHERE name::text = 'insert_audit_event')))
  WHEN n % 3 = 1 THEN (SELECT CASE prokind WHEN 'p' THEN 'CALL ' ELSE 'SELECT ' END || format('%s(%s)', name, pg_temp.any_values(kinds)) FROM callable WHERE n > 0 ORDER BY random() LIMIT 1)
  WHEN n % 7 = 0 THEN format('INSERT INTO audit_events (created_at, action_type, resource_type, workspace_id, created_by_user_id, old_values, new_values, tags) VALUES (%L, %s)',
    (ARRAY['infinity', '-infinity', '4000-01-01 BC', '294276-01-01', '1969-12-31', '1970-01-01Z', '2001-01-01', 'now', 'epoch'])[1 + floor(random() * 9)::int],
    pg_temp.any_values(ARRAY['text', 'text', 'uuid', 'uuid', 'jsonb', 'jsonb', 'text[]']::regtype[]))
  WHEN n % 7 = 1 THEN format('SELECT set_config(%L, (%s)::text, false)', (ARRAY['audit_ext.user_id', 'audit_ext.workspace_id', 'audit_ext.request_id', 'audit_ext.ip_address', 'audit_ext.user_agent', 'request.jwt.claims', 'request.headers'])[1 + floor(random() * 7)::int],
    pg_temp.any_value((ARRAY['text', 'jsonb', 'uuid', 'inet']::regtype[])[1 + floor(random() * 4)::int]))
  WHEN n % 7 = 2 THEN (ARRAY['BEGIN', 'SAVEPOINT a', 'ROLLBACK TO a', 'COMMIT', 'ROLLBACK'])[1 + floor(random() * 5)::int]
  WHEN n % 7 = 3 THEN (SELECT format((ARRAY['DELETE FROM %I', 'TRUNCATE %I', 'UPDATE %I SET tableoid = tableoid', 'INSERT INTO %I DEFAULT VALUES', 'DROP TABLE %I', 'SELECT count(*) FROM %I'])[1 + floor(random() * 6)::int], relname)
    FROM pg_class WHERE relname ~ '^(audit|vw_|partition_)' AND relkind IN ('r', 'p', 'v') AND n > 0 ORDER BY random() LIMIT 1)
  WHEN n % 7 = 4 THEN format('INSERT INTO thing VALUES (%s, %s, %s, %s) ON CONFLICT (id) DO UPDATE SET name = excluded.name', n % 9, pg_temp.any_value('uuid'), pg_temp.any_value('text'), pg_temp.any_value('jsonb'))
  WHEN n % 7 = 5 THEN 'DELETE FROM thing WHERE id = ' || n % 9
  ELSE 'COMMIT' END || ';'
FROM generate_series(1, :statements) AS n;
