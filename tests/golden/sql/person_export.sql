-- export_person_audit_events: what is by and about a person in all workspaces, hot and archived; who else is masked; the manifest; what is in cold storage; the event that
-- records it; values that are refused, and who may answer.
\i tests/golden/prelude.sql
CREATE EXTENSION audit_ext;
\i tests/golden/leaf.sql
\i tests/golden/cold.sql
SET client_min_messages = warning;
INSERT INTO audit_retention_policies (workspace_id, hot_retention_days, warm_archive_days, cold_retention_days) VALUES (w(1), 5, 10, 36500), (w(4), 5, 10, 36500);
-- Person 70 acts in 1 and 2; person 71 acts on them in 1 and 3, and elsewhere on others. One of 70's events was erased. Months 2020 of 1 and 4 go to cold storage.
INSERT INTO audit_events (created_at, action_type, resource_type, resource_id, workspace_id, created_by_user_id, old_values, new_values, ip_address, user_agent, request_id, tags, metadata)
SELECT at, action, 'user', CASE WHEN about THEN w(70) ELSE w(99) END, w(ws), w(actor), '{"name": "a"}', '{"name": "b"}', '10.1.2.3', 'agent of ' || actor, 'req', '{t}', '{"m": 1}' FROM (VALUES
  (1, timestamptz '2020-01-05Z', 'cold.did', false, 70), (4, '2020-01-06Z', 'cold.other', false, 71), (1, '2024-03-01Z', 'user.did', false, 70), (1, '2024-03-31 23:59:59.999999Z', 'user.suffered', true, 71), (1, '2024-04-01Z', 'user.both', true, 70), (2, '2024-04-02Z', '=did', false, 70),
  (3, '2024-05-01Z', 'user.login', true, 71), (3, '2024-05-02Z', 'foreign', false, 71), (2, '2026-01-02Z', 'user.late', true, 71), (2, '2026-01-03Z', 'erased', false, 72)) AS given (ws, at, action, about, actor) ORDER BY at;
SELECT archived_count FROM archive_old_audit_events();
SELECT test.cold_stored(w(1), '2020-01-01') AS one, test.cold_stored(w(4), '2020-01-01') AS four \gset
SELECT (SELECT released_count FROM release_audit_cold_object(:'one', 'policy', 'T-0')) + (SELECT released_count FROM release_audit_cold_object(:'four', 'policy', 'T-0')) AS released;
SELECT deleted_count FROM delete_user_audit_events_compliant(w(72), w(2), 'GDPR', 'T-1');
CREATE VIEW answered AS SELECT workspace_id = w(0) OR workspace_id = '00000000-0000-0000-0000-000000000000' AS "nil workspace", resource_type, right(resource_id::text, 2) AS person, created_by_user_id IS NOT NULL AS by_somebody, new_values FROM audit_events WHERE action_type = 'AUDIT_ACCESS_REQUEST_ANSWERED' ORDER BY id;
CREATE FUNCTION shown(p_line text) RETURNS text LANGUAGE sql AS $$ SELECT regexp_replace(regexp_replace(regexp_replace(p_line, '("exported_at":")[^"]+', '\1‹now›'), '("version":|\|)"?\d+\.\d+\.\d+(-\w+)?"?(?=\}|\|)', '\1‹version›'), '[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}', '‹id›', 'g') $$;
\pset format unaligned
\pset tuples_only on
-- The first line tells what there is, the last how much was told. The others' ids, addresses and agents are not there.
SELECT shown(export_person_audit_events(w(70), 'GDPR', 'T-2'));
-- In each of the other formats.
SELECT shown(line) FROM export_person_audit_events(w(70), 'GDPR', 'T-2', p_format => 'csv') AS line WHERE line NOT LIKE '%ANSWERED%';
SELECT shown(export_person_audit_events(w(70), 'GDPR', 'T-2', p_include_events_about_user => false, p_format => 'csv_safe'));
SELECT shown(line) FROM unnest('{ocsf,cef,ecs}'::text[]) AS format, LATERAL export_person_audit_events(w(70), 'GDPR', 'T-2', p_format => format) AS line WHERE line ~ 'user.(login|both)';
SELECT format, count(*) AS "events that name 71" FROM unnest('{ndjson,csv,csv_safe,ocsf,cef,ecs}'::text[]) AS format, LATERAL export_person_audit_events(w(70), 'GDPR', 'T-2', p_format => format) AS line WHERE line ~ '000000000071|agent of 71' GROUP BY format;
-- Nothing is masked where it is not wanted.
SELECT format, count(*) AS "events that name 71" FROM unnest('{ndjson,csv,csv_safe,ocsf,cef,ecs}'::text[]) AS format, LATERAL export_person_audit_events(w(70), 'GDPR', 'T-2', p_mask_others => false, p_format => format) AS line WHERE line ~ '000000000071' GROUP BY format ORDER BY format;
-- Nobody knows this person; only files may.
SELECT shown(export_person_audit_events(w(75), 'GDPR', 'T-3'));
SELECT line FROM export_person_audit_events(w(75), 'GDPR', 'T-3', p_include_events_about_user => false, p_format => 'csv') AS line;
\pset tuples_only off
\pset format aligned
-- The answer is an event about the person, under the nil workspace; it is recorded at the first line, and the next answer has it.
SELECT * FROM answered OFFSET 1 LIMIT 1;
SELECT count(*) FROM answered;
SELECT line::json ->> 'action_type' AS action, line::json ->> 'created_by_user_id' IS NULL AS masked FROM export_person_audit_events(w(75), 'GDPR', 'T-4') AS line WHERE line LIKE '%ANSWERED%' LIMIT 1;
BEGIN;
DECLARE begun CURSOR FOR SELECT export_person_audit_events(w(70), 'GDPR', 'T-5');
MOVE 1 FROM begun;
CLOSE begun;
COMMIT;
SELECT new_values ->> 'approval_ticket_id' AS ticket FROM answered OFFSET (SELECT count(*) - 1 FROM answered);
-- The lines are what a plain query finds; the counts of the manifest are theirs.
CREATE FUNCTION same(p_user uuid, p_about boolean) RETURNS TABLE (same boolean, counted boolean, events bigint) LANGUAGE sql AS $$
  WITH line AS MATERIALIZED (SELECT line::jsonb AS line, no FROM export_person_audit_events(p_user, 'GDPR', 'T-6', p_about) WITH ORDINALITY AS told (line, no)),
    told AS (SELECT array_agg((line ->> 'id')::uuid ORDER BY no) FILTER (WHERE line ? 'id') AS ids, count(*) FILTER (WHERE line ? 'id') AS events, max(line #>> '{audit_person_export,event_count}')::bigint AS manifest, max(line #>> '{audit_export,event_count}')::bigint AS summary,
      (SELECT sum(month.value::bigint) FROM line AS l, jsonb_array_elements(l.line #> '{audit_person_export,workspaces}') AS space, jsonb_each_text(space -> 'months') AS month) AS months FROM line),
    found AS (SELECT array_agg(id ORDER BY created_at, id) AS ids FROM (SELECT * FROM audit_events UNION ALL SELECT * FROM audit_events_archive) AS event WHERE (created_by_user_id = p_user OR p_about AND resource_id = p_user) AND deleted_at IS NULL)
  SELECT told.ids = found.ids, told.events = manifest AND manifest = summary AND manifest = months, told.events FROM told, found $$;
INSERT INTO audit_events (created_at, action_type, resource_type, resource_id, workspace_id, created_by_user_id)
SELECT '2024-01-01Z'::timestamptz + n * interval '5 hours', 'A', 'thing', w(80 + n % 3), w(1000 + n % 1000), w(80 + n / 1000 % 2) FROM generate_series(1, 4000) AS n;
SELECT archived_count > 0 AS archived FROM archive_old_audit_events();
INSERT INTO audit_events (action_type, resource_type, workspace_id, created_by_user_id, new_values) SELECT 'BIG', 'thing', w(1000 + n), w(80), jsonb_build_object('long', repeat('x', 200000)) FROM generate_series(1, 4) AS n;
SELECT n, about, same.* FROM unnest(ARRAY[70, 71, 80, 81]) AS n, unnest(ARRAY[false, true]) AS about, LATERAL same(w(n), about) ORDER BY n, about;
SELECT jsonb_array_length(line::jsonb #> '{audit_person_export,workspaces}') AS workspaces FROM export_person_audit_events(w(80), 'GDPR', 'T-7') AS line LIMIT 1;
-- Times stand in the order of the file, and every line is of one snapshot, whatever is recorded meanwhile.
CREATE FUNCTION told(p_user uuid, OUT lines int, OUT counted int, OUT sorted boolean) LANGUAGE plpgsql AS $$
DECLARE line text; at text := ''; BEGIN
  lines := 0; sorted := true;
  FOR line IN SELECT export_person_audit_events(p_user, 'GDPR', 'T-8', false, p_format => 'ndjson') LOOP
    IF lines = 0 THEN PERFORM insert_audit_event('LATE', 'thing', NULL, w(2000), p_user); PERFORM delete_user_audit_events_compliant(p_user, w(1001), 'GDPR', 'T-8'); END IF;
    lines := lines + 1; sorted := sorted AND at <= coalesce(line::json ->> 'created_at', at); at := coalesce(line::json ->> 'created_at', at); counted := (line::json #>> '{audit_export,event_count}')::int;
  END LOOP;
END $$;
SELECT * FROM told(w(81));
SELECT * FROM told(w(81));
-- What is refused is not recorded.
CREATE TABLE noted AS SELECT count(*) AS n FROM answered;
SELECT no, refused.* FROM (VALUES (1, 'NULL, ''GDPR'', ''T'''), (2, 'w(70), '' '', ''T'''), (3, 'w(70), NULL, ''T'''), (4, 'w(70), ''GDPR'', '''''), (5, 'w(70), ''GDPR'', NULL'), (6, 'w(70), ''Retention_Policy'', ''T'''), (7, 'w(70), ''GDPR'', ''T'', p_format => ''xml'''),
  (8, 'w(70), ''GDPR'', ''T'', p_format => NULL')) AS wrong (no, arguments), LATERAL test.refusal(format('SELECT export_person_audit_events(%s)', arguments)) AS refused ORDER BY no;
BEGIN TRANSACTION READ ONLY;
SELECT code, message, hint FROM test.refusal('SELECT export_person_audit_events(w(70), ''GDPR'', ''T'')');
COMMIT;
SELECT (SELECT count(*) FROM answered) - n AS recorded FROM noted;
-- Compliance officers answer, nobody else. A gateway must say for whom, and reads only its user's workspaces.
CREATE ROLE t_reader; CREATE ROLE t_operator; CREATE ROLE t_officer; CREATE ROLE t_writer; CREATE ROLE t_nobody; CREATE ROLE t_gateway; CREATE ROLE t_service;
GRANT t_officer, t_service TO t_gateway;
SELECT audit_grant('t_reader', 'reader'), audit_grant('t_operator', 'operator'), audit_grant('t_officer', 'compliance'), audit_grant('t_writer', 'writer'), audit_grant('t_gateway', 'gateway'), audit_grant('t_service', 'compliance'), audit_grant('t_service', 'service') \g /dev/null
CREATE FUNCTION public.answers() RETURNS TABLE (code text, message text) LANGUAGE sql AS $$ SELECT code, message FROM test.refusal('SELECT count(*) FROM export_person_audit_events(''00000000-0000-4000-8000-000000000070'', ''GDPR'', ''T-9'')') $$;
SET SESSION AUTHORIZATION t_nobody;
SELECT code FROM answers();
SET SESSION AUTHORIZATION t_writer;
SELECT code FROM answers();
SET SESSION AUTHORIZATION t_reader;
SELECT code FROM answers();
SET SESSION AUTHORIZATION t_operator;
SELECT code FROM answers();
SET SESSION AUTHORIZATION t_officer;
SELECT * FROM answers();
SET SESSION AUTHORIZATION t_gateway;
SET ROLE t_officer;
SELECT * FROM answers();
SELECT set_config('audit_ext.user_id', '00000000-0000-4000-8000-000000000090', false) \g /dev/null
SELECT * FROM answers();
RESET SESSION AUTHORIZATION;
CREATE TABLE members (workspace_id uuid, user_id uuid);
INSERT INTO members VALUES (w(1), w(90));
SELECT audit_set_membership_source('members', 'workspace_id', 'user_id') \g /dev/null
SET SESSION AUTHORIZATION t_gateway;
SET ROLE t_officer;
SELECT * FROM answers();
SELECT set_config('audit_ext.user_id', '', false) \g /dev/null
SET ROLE t_service;
SELECT * FROM answers();
RESET SESSION AUTHORIZATION;
SELECT metadata #>> '{audit_ext,role}' AS role, CASE WHEN created_by_user_id = w(90) THEN 'user 90' END AS actor, count(*) FROM audit_events WHERE action_type = 'AUDIT_ACCESS_REQUEST_ANSWERED' AND metadata #>> '{audit_ext,role}' LIKE 't\_%' GROUP BY 1, 2 ORDER BY 1, 2;
