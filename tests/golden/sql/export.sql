-- export_audit_events: every format, what a line holds, filters, order, erased events, going on after an event, cursors, and the event that records it.
\i tests/golden/prelude.sql
CREATE EXTENSION audit_ext;
\set ws '10000000-0000-4000-8000-000000000001'
CREATE TABLE planted (name text, archived boolean, age interval, actor int, action text, kind text, resource uuid, old_values jsonb, new_values jsonb, changed text[], ip inet, agent text, request text, tags text[], metadata jsonb,
  erased boolean DEFAULT false, workspace int DEFAULT 1, n serial);
INSERT INTO planted (name, archived, age, actor, action, kind, resource, old_values, new_values, changed, ip, agent, request, tags, metadata) VALUES
  ('update', false, '0 days', 1, 'role.updated', 'role', '40000000-0000-4000-8000-000000000001', '{"name": "a", "limit": 1.00}', '{"name": "b"}', '{name}', '10.1.2.3', 'Mozilla/5.0 (X11; "Linux", x86)', 'req-1', '{red,"two words",NULL}', '{"n": 12345678901234567890.1}'),
  ('formula', true, '1 day', 2, '=1+1', 'role', NULL, NULL, '["a", null]', NULL, '2001:db8::/32', E'@SUM(A1)\r\nline', '', '{}', '"text"'),
  ('bare', false, '500 days', 3, 'LOGIN', 'session', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
  ('deep', true, '600 days', 1, 'file.deleted', 'file', '40000000-0000-4000-8000-000000000002', NULL, NULL, '{{a,b},{c,d}}', NULL, NULL, NULL, '{a\\b,"q\"t"}', NULL),
  ('account', false, '1000 days', 1, 'user.created', 'user', '40000000-0000-4000-8000-000000000003', NULL, NULL, NULL, '10.0.0.1', NULL, NULL, NULL, NULL),
  ('member', false, '1000 days', 1, 'MEMBER_REMOVED', 'membership', '40000000-0000-4000-8000-000000000004', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO planted (name, archived, age, actor, action, kind, erased, workspace) VALUES
  ('erased', false, '1 day', 1, 'role.updated', 'role', true, 1), ('erased, archived', true, '3 days', 1, 'role.updated', 'role', true, 1), ('foreign', false, '1 day', 1, 'role.updated', 'role', false, 2);
SET session_replication_role = replica;
CREATE FUNCTION at(p_age interval) RETURNS timestamptz LANGUAGE sql AS $$ SELECT timestamptz '2026-01-31 12:34:56.000789Z' - p_age $$;
CREATE PROCEDURE plant(p_table regclass, p_archived boolean) LANGUAGE plpgsql AS $$ BEGIN
  EXECUTE format('INSERT INTO %s (id, created_at, created_by_user_id, action_type, resource_type, resource_id, workspace_id, old_values, new_values, changed_fields, ip_address, user_agent, request_id, tags, metadata, deleted_at)
    SELECT test.id_at(at(age), n), at(age), format(''20000000-0000-4000-8000-00000000000%%s'', actor)::uuid, action, kind, resource, format(''10000000-0000-4000-8000-00000000000%%s'', workspace)::uuid, old_values, new_values, changed, ip, agent,
      request, tags, metadata, CASE WHEN erased THEN now() END FROM planted WHERE archived = $1', p_table) USING p_archived;
END $$;
CALL plant('audit_events', false);
CALL plant('audit_events_archive', true);
RESET session_replication_role;
CREATE VIEW recorded AS SELECT new_values ->> 'format' AS format, new_values -> 'filters' AS filters, action_type, resource_type, created_by_user_id IS NOT NULL AS by_somebody FROM audit_events WHERE action_type = 'AUDIT_EVENTS_EXPORTED' ORDER BY id;
-- What an export says of its own time, and the version, are of today.
CREATE FUNCTION shown(p_line text) RETURNS text LANGUAGE sql AS $$ SELECT regexp_replace(regexp_replace(p_line, '("exported_at":")[^"]+', '\1‹now›'), '("version":|\|)"?\d+\.\d+\.\d+(-\w+)?"?(?=\}|\|)', '\1‹version›') $$;
\pset format unaligned
\pset tuples_only on
-- Oldest first, hot and archive in one order; the last line tells that it is whole.
SELECT shown(export_audit_events(:'ws', p_to => '2026-02-01'));
-- Each of the other formats.
SELECT export_audit_events(:'ws', p_to => '2026-02-01', p_format => 'csv');
SELECT export_audit_events(:'ws', p_to => '2026-02-01', p_actions => '{=*}', p_format => 'csv_safe');
SELECT shown(export_audit_events(:'ws', p_to => '2026-02-01', p_format => 'ocsf'));
SELECT shown(export_audit_events(:'ws', p_to => '2026-02-01', p_format => 'cef'));
SELECT shown(export_audit_events(:'ws', p_to => '2026-02-01', p_format => 'ecs'));
-- Nothing to tell: a header, an end, or no line.
SELECT format, shown(line) FROM unnest('{ndjson,csv,csv_safe,ocsf,cef,ecs}'::text[]) AS format, LATERAL export_audit_events('10000000-0000-4000-8000-000000000009', p_from => '2026-01-01', p_to => '2026-02-01', p_format => format) AS line;
\pset tuples_only off
\pset format aligned

-- The filters are those of a search: the same events, in the other order.
CREATE FUNCTION lines(p_filters text) RETURNS text[] LANGUAGE plpgsql AS $$ DECLARE found text[]; BEGIN
  EXECUTE format('SELECT array_agg(line::json ->> ''id'' ORDER BY no) FILTER (WHERE line NOT LIKE ''{"audit_export":%%'') FROM export_audit_events(''10000000-0000-4000-8000-000000000001'', %s) WITH ORDINALITY AS told (line, no)', p_filters) INTO found; RETURN found; END $$;
CREATE FUNCTION found(p_filters text) RETURNS text[] LANGUAGE plpgsql AS $$ DECLARE found text[]; BEGIN
  EXECUTE format('SELECT array_agg(id::text ORDER BY created_at, id) FROM search_audit_events(''10000000-0000-4000-8000-000000000001'', %s)', p_filters) INTO found; RETURN found; END $$;
SELECT filters, lines(filters) = found(filters) AS same, cardinality(lines(filters)) AS events FROM unnest(ARRAY[$$'-infinity', '2026-02-01'$$, $$at('1 day'), '2026-02-01'$$, $$at('1 day') + interval '1 microsecond', '2026-02-01'$$, $$'-infinity', at('0 days')$$,
  $$'-infinity', p_user_ids => '{20000000-0000-4000-8000-000000000002,20000000-0000-4000-8000-000000000003}'$$, $$'-infinity', p_actions => '{role.*,LOGIN}'$$, $$'-infinity', p_resource_types => '{file,role}'$$,
  $$'-infinity', p_resource_id => '40000000-0000-4000-8000-000000000001'$$, $$'-infinity', p_request_id => 'req-1'$$, $$'-infinity', p_ip_address => '10.0.0.0/8'$$, $$'-infinity', p_tags => '{red}'$$, $$'-infinity', p_changed_field => 'name'$$,
  $$'-infinity', p_contains => '{"name": "a"}'$$, $$'-infinity', '2026-02-01', p_text => 'sum(a1)'$$, $$'-infinity', p_user_ids => '{20000000-0000-4000-8000-000000000001}', p_resource_id => '40000000-0000-4000-8000-000000000002'$$]) WITH ORDINALITY AS asked (filters, no) ORDER BY no;
-- NULL as p_from is no filter either.
SELECT cardinality(lines($$NULL, '2026-02-01'$$));
-- All workspaces.
SELECT array_agg(line::json ->> 'workspace_id') FILTER (WHERE line::json -> 'id' IS NOT NULL) FROM export_audit_events(NULL, at('2 days'), at('0 days')) AS line;
-- Going on after an event: erased or archived or no match, of the same time as the next one; twice the last, which leaves its end.
SELECT name, (SELECT array_agg(after.name ORDER BY no) FROM export_audit_events(:'ws', p_to => '2026-02-01', p_after_event_id => test.id_at(at(planted.age), planted.n)) WITH ORDINALITY AS told (line, no)
  JOIN planted AS after ON test.id_at(at(after.age), after.n)::text = line::json ->> 'id') AS after FROM planted WHERE workspace = 1 ORDER BY age DESC, n;
SELECT line::json -> 'audit_export' ->> 'event_count' AS event_count, line::json -> 'audit_export' ->> 'last_event_id' = test.id_at(at('0 days'), 1)::text AS is_last FROM export_audit_events(:'ws', p_to => '2026-02-01', p_after_event_id => test.id_at(at('0 days'), 1)) AS line;
SELECT count(*) AS lines FROM export_audit_events(:'ws', at('1 day'), '2026-02-01', p_after_event_id => test.id_at(at('1000 days'), 6)) AS line;

-- What is recorded: who, filters and format; also where the reader stops early, and where there was nothing.
SELECT count(*) FROM recorded;
BEGIN;
DECLARE begun CURSOR FOR SELECT export_audit_events(:'ws', p_to => '2026-02-01', p_format => 'csv');
FETCH 2 FROM begun;
CLOSE begun;
COMMIT;
SELECT export_audit_events(:'ws', '2024-01-01', '2026-02-01', '{20000000-0000-4000-8000-000000000001}', '{role.*,LOGIN}', '{role}', '40000000-0000-4000-8000-000000000001', 'req-1', '10.0.0.0/8', '{red}', 'name', '{"name": "a"}', 'LINUX', 'cef', test.id_at(at('1 day'), 2)) LIKE 'CEF:0|%' AS line LIMIT 1;
SELECT count(*) AS lines FROM export_audit_events(:'ws', p_contains => jsonb_build_object('long', repeat('x', 20000)));
SELECT * FROM recorded OFFSET (SELECT count(*) - 3 FROM recorded);
SELECT count(*) AS "of all workspaces" FROM audit_events WHERE action_type = 'AUDIT_EVENTS_EXPORTED' AND workspace_id = '00000000-0000-0000-0000-000000000000';
-- An export does not hold the event that records it; the next one does.
SELECT (SELECT count(*) FROM export_audit_events(:'ws', at('-1 day')) AS line WHERE line LIKE '%AUDIT_EVENTS_EXPORTED%') - (SELECT count(*) FROM search_audit_events(:'ws', at('-1 day'), p_actions => '{AUDIT_EVENTS_EXPORTED}', p_limit => 10000)) AS difference;
-- One snapshot, whatever is recorded and moved between the lines; a WITH HOLD cursor reads to its end at the commit. A line here is more than is made at once.
SELECT count(insert_audit_event('BIG', 'thing', NULL, :'ws', :'ws', NULL, jsonb_build_object('n', n, 'long', repeat('x', 300000)))) FROM generate_series(1, 5) AS n;
BEGIN;
DECLARE kept CURSOR WITH HOLD FOR SELECT substring(export_audit_events(:'ws', at('-1 day'), p_actions => '{BIG}') FROM '"n": .|"event_count":.') AS line;
DECLARE lines CURSOR FOR SELECT substring(export_audit_events(:'ws', at('-1 day'), p_actions => '{BIG}') FROM '"n": .|"event_count":.') AS line;
FETCH 2 FROM lines;
SELECT insert_audit_event('BIG', 'thing', NULL, :'ws', :'ws', NULL, '{"n": 6}') IS NOT NULL AS recorded;
SELECT deleted_count FROM delete_user_audit_events_compliant(:'ws', :'ws', 'GDPR', 'T-1');
FETCH ALL FROM lines;
COMMIT;
FETCH 3 FROM kept;
CLOSE kept;
SELECT line::json -> 'audit_export' ->> 'event_count' AS "events left" FROM export_audit_events(:'ws', at('-1 day'), p_actions => '{BIG}') AS line;
-- In the select list beside other columns and for several rows, in FROM, in PL/pgSQL, where nobody reads on.
SELECT n, export_audit_events(:'ws', p_to => '2026-02-01', p_actions => '{LOGIN,file.*}', p_format => 'csv') IS NOT NULL AS line FROM generate_series(1, 2) AS n;
DO $$ DECLARE line text; n int := 0; BEGIN FOR line IN SELECT export_audit_events('10000000-0000-4000-8000-000000000001', p_to => '2026-02-01', p_format => 'csv') LOOP n := n + 1; EXIT WHEN n = 3; END LOOP; END $$;
SELECT EXISTS (SELECT FROM export_audit_events(:'ws'));
