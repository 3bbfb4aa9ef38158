-- The functions of search: values that are refused, each with its parameter's name; and the shape of the answers over RPC.
\i tests/golden/prelude.sql
CREATE EXTENSION audit_ext;
SELECT insert_audit_event('LOGIN', 'session', NULL, '10000000-0000-4000-8000-000000000001', '20000000-0000-4000-8000-000000000001', p_metadata := '{"note": "hello"}') AS login \gset
SELECT insert_audit_event('LOGIN', 'session', NULL, '10000000-0000-4000-8000-000000000002', '20000000-0000-4000-8000-000000000001') AS other \gset
CREATE TABLE given (no serial, what text, argument text);
INSERT INTO given (what, argument) VALUES
  ('no users', $$p_user_ids := '{}'$$), ('no actions', $$p_actions := '{}'$$), ('no types', $$p_resource_types := '{}'$$), ('no tags', $$p_tags := '{}'$$),
  ('101 users', $$p_user_ids := array_fill(gen_random_uuid(), ARRAY[101])$$), ('101 actions', $$p_actions := array_fill('a'::text, ARRAY[101])$$), ('11 times 11 tags', $$p_tags := array_fill('a'::text, ARRAY[11, 11])$$),
  ('NULL as a user', $$p_user_ids := ARRAY[NULL::uuid]$$), ('NULL as an action', $$p_actions := '{a,NULL}'$$), ('NULL as a type', $$p_resource_types := '{NULL}'$$), ('NULL as a tag', $$p_tags := '{NULL}'$$),
  ('an action of 1001', $$p_actions := ARRAY[repeat('ß', 1001)]$$), ('a tag of 1001', $$p_tags := ARRAY['a', repeat('a', 1001)]$$), ('a type of 1001', $$p_resource_types := ARRAY[repeat('a', 1001)]$$), ('a request of 1001', $$p_request_id := repeat('a', 1001)$$),
  ('a field of 1001', $$p_changed_field := repeat('a', 1001)$$), ('a text of 2', $$p_text := 'ßß'$$), ('a text of 201', $$p_text := repeat('a', 201)$$), ('no text', $$p_text := ''$$),
  ('an empty window', $$p_from := '2026-01-01', p_to := '2026-01-01'$$), ('a window backwards', $$p_from := '2026-01-02', p_to := '2026-01-01'$$), ('up to the beginning', $$p_to := '-infinity'$$), ('from the end on', $$p_from := 'infinity'$$);
SELECT what, refused.* FROM given, LATERAL test.refusal(format('SELECT * FROM search_audit_events(''10000000-0000-4000-8000-000000000001'', %s)', argument)) AS refused ORDER BY no;
-- The others refuse the same.
SELECT what FROM given, LATERAL test.refusal(format('SELECT * FROM search_audit_events(''10000000-0000-4000-8000-000000000001'', %s)', argument)) AS search,
  LATERAL test.refusal(format('SELECT * FROM count_audit_events(''10000000-0000-4000-8000-000000000001'', %s)', argument)) AS count,
  LATERAL test.refusal(format('SELECT * FROM explain_audit_search(''10000000-0000-4000-8000-000000000001'', %s)', argument)) AS explain WHERE search <> count OR search <> explain;
-- At the limits nothing is refused.
SELECT argument, code FROM unnest(ARRAY[$$p_user_ids := array_fill(gen_random_uuid(), ARRAY[100])$$, $$p_actions := array_fill(repeat('ß', 1000), ARRAY[10, 10])$$, $$p_text := repeat('ß', 200)$$, $$p_text := 'abc'$$, $$p_limit := 10000$$, $$p_limit := 1$$,
  $$p_request_id := ''$$, $$p_from := '2026-01-01', p_to := '2026-01-01 00:00:00.000001'$$, $$p_from := '294276-12-31'$$, $$p_from := '4713-01-01 BC'$$, $$p_to := '4713-01-01 BC'$$]) AS argument, LATERAL test.refusal(format('SELECT * FROM search_audit_events(''10000000-0000-4000-8000-000000000001'', %s)', argument));
-- Numbers, and events that are not there or of another workspace.
SELECT call, refused.* FROM unnest(ARRAY['search_audit_events(p_limit := 0)', 'search_audit_events(p_limit := 10001)', 'search_audit_events(p_limit := NULL)', 'count_audit_events(p_up_to := 0)', 'count_audit_events(p_up_to := 1000001)', 'count_audit_events(p_up_to := NULL)',
  $$search_audit_events('10000000-0000-4000-8000-000000000001', p_before_event_id := '01900000-0000-7000-8000-000000000099')$$, $$search_audit_events(p_before_event_id := '01900000-0000-7000-8000-000000000099')$$, $$search_audit_events(p_before_event_id := '30000000-0000-4000-8000-000000000099')$$])
  AS call, LATERAL test.refusal('SELECT * FROM ' || call) AS refused;
SELECT code FROM test.refusal(format('SELECT * FROM search_audit_events(''10000000-0000-4000-8000-000000000001'', p_before_event_id := %L)', :'other'));
SELECT code FROM test.refusal(format('SELECT * FROM search_audit_events(p_before_event_id := %L)', :'other'));
SELECT code, message FROM test.refusal($$SELECT CASE WHEN true THEN search_audit_events() END$$);

-- As PostgREST calls them: arguments by name from a JSON body; a page is an array, a count an object, and with Accept: text/csv the page is CSV.
PREPARE search (json) AS
WITH pgrst_source AS (SELECT pgrst_call.* FROM (SELECT $1 AS json_data) pgrst_payload,
  LATERAL (SELECT "p_workspace_id", "p_actions", "p_contains", "p_ip_address" FROM json_to_record(pgrst_payload.json_data) AS _("p_workspace_id" uuid, "p_actions" text[], "p_contains" jsonb, "p_ip_address" inet) LIMIT 1) pgrst_body,
  LATERAL (SELECT * FROM "public"."search_audit_events"("p_workspace_id" := pgrst_body."p_workspace_id", "p_actions" := pgrst_body."p_actions", "p_contains" := pgrst_body."p_contains", "p_ip_address" := pgrst_body."p_ip_address")) pgrst_call)
SELECT coalesce(json_agg(_postgrest_t), '[]') AS body FROM (SELECT "search_audit_events".* FROM pgrst_source AS "search_audit_events") _postgrest_t;
EXECUTE search ('{"p_workspace_id": "10000000-0000-4000-8000-000000000001", "p_actions": ["LOG*"], "p_contains": {"note": "hello"}}') \gset
SELECT json_typeof(:'body'), json_array_length(:'body'), :'body'::json->0->>'action_type' AS action_type;
SELECT string_agg(key, ' ' ORDER BY place) AS keys FROM json_object_keys(:'body'::json->0) WITH ORDINALITY AS keys (key, place);
WITH pgrst_source AS (SELECT pgrst_call.* FROM "public"."count_audit_events"("p_workspace_id" := '10000000-0000-4000-8000-000000000001') pgrst_call)
SELECT coalesce(json_agg(_postgrest_t)->0, 'null') AS body FROM (SELECT * FROM pgrst_source) _postgrest_t;
SELECT code FROM test.refusal($$EXECUTE search ('{"p_workspace_id": "10000000-0000-4000-8000-000000000001", "p_actions": []}')$$);
WITH pgrst_source AS (SELECT * FROM search_audit_events('10000000-0000-4000-8000-000000000001'))
SELECT string_agg(substring(_postgrest_t::text, 2, length(_postgrest_t::text) - 2), E'\n') ~ ',LOGIN,session,,10000000-' AS csv FROM (SELECT * FROM pgrst_source) _postgrest_t;
-- Read-only transactions, as PostgREST runs STABLE functions in.
BEGIN TRANSACTION READ ONLY;
SELECT count(*) FROM search_audit_events('10000000-0000-4000-8000-000000000001', p_text := 'hello');
SELECT event_count FROM count_audit_events('10000000-0000-4000-8000-000000000001');
COMMIT;
