-- Calls in the SQL that PostgREST generates: the JSON body is one parameter, and only the keys it holds are passed on, by name.
-- For a function of one value it selects the call, for a table function it selects from it; the context is what PostgREST sets.
\i tests/golden/prelude.sql
CREATE EXTENSION audit_ext;
\set ws 10000000-0000-4000-8000-000000000123
\set user 20000000-0000-4000-8000-000000000123
SELECT set_config('request.jwt.claims', '{"sub": "20000000-0000-4000-8000-000000000777", "role": "authenticated"}', false) IS NOT NULL AS claims,
  set_config('request.headers', '{"x-forwarded-for": "203.0.113.9, 10.0.0.1", "user-agent": "supabase-js/2", "x-request-id": "req-1"}', false) IS NOT NULL AS headers;

-- A full body: everything comes from it.
PREPARE full_body (json) AS
WITH pgrst_source AS (SELECT pgrst_call.pgrst_scalar FROM (SELECT $1 AS json_data) pgrst_payload,
  LATERAL (SELECT "p_action_type", "p_resource_type", "p_resource_id", "p_workspace_id", "p_created_by_user_id", "p_old_values", "p_new_values", "p_ip_address", "p_user_agent", "p_tags", "p_metadata", "p_request_id"
    FROM json_to_record(pgrst_payload.json_data) AS _("p_action_type" text, "p_resource_type" text, "p_resource_id" uuid, "p_workspace_id" uuid, "p_created_by_user_id" uuid, "p_old_values" jsonb, "p_new_values" jsonb, "p_ip_address" inet, "p_user_agent" text, "p_tags" text[], "p_metadata" jsonb, "p_request_id" text) LIMIT 1) pgrst_body,
  LATERAL (SELECT "public"."insert_audit_event"("p_action_type" := pgrst_body."p_action_type", "p_resource_type" := pgrst_body."p_resource_type", "p_resource_id" := pgrst_body."p_resource_id", "p_workspace_id" := pgrst_body."p_workspace_id", "p_created_by_user_id" := pgrst_body."p_created_by_user_id", "p_old_values" := pgrst_body."p_old_values", "p_new_values" := pgrst_body."p_new_values", "p_ip_address" := pgrst_body."p_ip_address", "p_user_agent" := pgrst_body."p_user_agent", "p_tags" := pgrst_body."p_tags", "p_metadata" := pgrst_body."p_metadata", "p_request_id" := pgrst_body."p_request_id") pgrst_scalar) pgrst_call)
SELECT null::bigint AS total_result_set, 1 AS page_total, coalesce(json_agg(_postgrest_t.pgrst_scalar)->0, 'null') AS body,
  nullif(current_setting('response.headers', true), '') AS response_headers, nullif(current_setting('response.status', true), '') AS response_status
FROM (SELECT pgrst_source.pgrst_scalar FROM pgrst_source) _postgrest_t;
EXECUTE full_body ('{"p_action_type": "FULL", "p_resource_type": "workspace", "p_resource_id": "10000000-0000-4000-8000-000000000123",
  "p_workspace_id": "10000000-0000-4000-8000-000000000123", "p_created_by_user_id": "20000000-0000-4000-8000-000000000123",
  "p_old_values": {"plan": "free"}, "p_new_values": {"plan": "pro"}, "p_ip_address": "198.51.100.1", "p_user_agent": "browser",
  "p_tags": ["security", "billing"], "p_metadata": {"a": [1, {"b": null}]}, "p_request_id": "req-full"}') \gset
SELECT * FROM (SELECT id = (:'body'::json #>> '{}')::uuid AS is_body, action_type, resource_id, workspace_id, created_by_user_id, old_values, new_values,
  changed_fields, ip_address, user_agent, tags, metadata, request_id FROM audit_events) AS event WHERE is_body \gx

-- A minimal body: user, address, agent and request id come from the request.
PREPARE minimal_body (json) AS
WITH pgrst_source AS (SELECT pgrst_call.pgrst_scalar FROM (SELECT $1 AS json_data) pgrst_payload,
  LATERAL (SELECT "p_action_type", "p_resource_type", "p_workspace_id" FROM json_to_record(pgrst_payload.json_data) AS _("p_action_type" text, "p_resource_type" text, "p_workspace_id" uuid) LIMIT 1) pgrst_body,
  LATERAL (SELECT "public"."insert_audit_event"("p_action_type" := pgrst_body."p_action_type", "p_resource_type" := pgrst_body."p_resource_type", "p_workspace_id" := pgrst_body."p_workspace_id") pgrst_scalar) pgrst_call)
SELECT coalesce(json_agg(_postgrest_t.pgrst_scalar)->0, 'null') AS body FROM (SELECT pgrst_source.pgrst_scalar FROM pgrst_source) _postgrest_t;
EXECUTE minimal_body ('{"p_action_type": "MINIMAL", "p_resource_type": "workspace", "p_workspace_id": "10000000-0000-4000-8000-000000000123"}') \gset
SELECT action_type, created_by_user_id, ip_address, user_agent, request_id FROM audit_events
WHERE id = (:'body'::json #>> '{}')::uuid;

-- The guide's test 2: an empty action type, no workspace, no user. 400 (class 23), not 404; nobody is logged in.
SELECT set_config('request.jwt.claims', '', false) AS claims;
PREPARE test_2 (json) AS
WITH pgrst_source AS (SELECT pgrst_call.pgrst_scalar FROM (SELECT $1 AS json_data) pgrst_payload,
  LATERAL (SELECT "p_action_type", "p_resource_type", "p_resource_id" FROM json_to_record(pgrst_payload.json_data) AS _("p_action_type" text, "p_resource_type" text, "p_resource_id" uuid) LIMIT 1) pgrst_body,
  LATERAL (SELECT "public"."insert_audit_event"("p_action_type" := pgrst_body."p_action_type", "p_resource_type" := pgrst_body."p_resource_type", "p_resource_id" := pgrst_body."p_resource_id") pgrst_scalar) pgrst_call)
SELECT coalesce(json_agg(_postgrest_t.pgrst_scalar)->0, 'null') AS body FROM (SELECT pgrst_source.pgrst_scalar FROM pgrst_source) _postgrest_t;
EXECUTE test_2 ('{"p_action_type": "", "p_resource_type": "workspace", "p_resource_id": "10000000-0000-4000-8000-000000000123"}');
\echo :LAST_ERROR_SQLSTATE
EXECUTE test_2 ('{"p_action_type": "TEST", "p_resource_type": "workspace", "p_resource_id": "10000000-0000-4000-8000-000000000123"}');
\echo :LAST_ERROR_SQLSTATE
-- What a client binds to: the constraint's name in the error's field.
SELECT code, constraint_name FROM test.refusal($$EXECUTE test_2 ('{"p_action_type": "", "p_resource_type": "workspace"}')$$);
SELECT set_config('audit_ext.workspace_id', :'ws', false) AS workspace;
EXECUTE test_2 ('{"p_action_type": "TEST", "p_resource_type": "workspace", "p_resource_id": "10000000-0000-4000-8000-000000000123"}');
\echo :LAST_ERROR_SQLSTATE

-- insert_audit_events: a set of single values is called in the select list.
PREPARE bulk (json) AS
WITH pgrst_source AS (SELECT pgrst_call.pgrst_scalar FROM (SELECT $1 AS json_data) pgrst_payload,
  LATERAL (SELECT "p_events" FROM json_to_record(pgrst_payload.json_data) AS _("p_events" jsonb) LIMIT 1) pgrst_body,
  LATERAL (SELECT "public"."insert_audit_events"("p_events" := pgrst_body."p_events") pgrst_scalar) pgrst_call)
SELECT coalesce(json_agg(_postgrest_t.pgrst_scalar), '[]') AS body FROM (SELECT pgrst_source.pgrst_scalar FROM pgrst_source) _postgrest_t;
EXECUTE bulk ('{"p_events": [
  {"p_action_type": "BULK_1", "p_resource_type": "workspace", "p_workspace_id": "10000000-0000-4000-8000-000000000123", "p_created_by_user_id": "20000000-0000-4000-8000-000000000123"},
  {"action_type": "BULK_2", "resource_type": "workspace", "workspace_id": "10000000-0000-4000-8000-000000000123", "created_by_user_id": "20000000-0000-4000-8000-000000000123"}]}') \gset
SELECT place, action_type FROM json_array_elements_text(:'body') WITH ORDINALITY AS given (id, place)
JOIN audit_events ON audit_events.id = given.id::uuid ORDER BY place;

-- get_audit_trail: a table function, with the helper's keys; undefined ones are absent.
PREPARE trail (json) AS
WITH pgrst_source AS (SELECT pgrst_call.* FROM (SELECT $1 AS json_data) pgrst_payload,
  LATERAL (SELECT "p_days_back", "p_limit", "p_workspace_id" FROM json_to_record(pgrst_payload.json_data) AS _("p_days_back" integer, "p_limit" integer, "p_workspace_id" uuid) LIMIT 1) pgrst_body,
  LATERAL (SELECT * FROM "public"."get_audit_trail"("p_days_back" := pgrst_body."p_days_back", "p_limit" := pgrst_body."p_limit", "p_workspace_id" := pgrst_body."p_workspace_id")) pgrst_call)
SELECT coalesce(json_agg(_postgrest_t), '[]') AS body FROM (SELECT "get_audit_trail".* FROM pgrst_source AS "get_audit_trail") _postgrest_t;
EXECUTE trail ('{"p_workspace_id": "10000000-0000-4000-8000-000000000123", "p_days_back": 30, "p_limit": 100}') \gset
SELECT place, event->>'action_type' AS action_type, event->>'is_archived' AS is_archived
FROM json_array_elements(:'body') WITH ORDINALITY AS trail (event, place) ORDER BY place;
SELECT string_agg(key, ' ' ORDER BY place) AS keys FROM json_object_keys(:'body'::json->0) WITH ORDINALITY AS keys (key, place);

-- create_monthly_audit_partition: called without a body.
WITH pgrst_source AS (SELECT pgrst_call.* FROM "public"."create_monthly_audit_partition"() pgrst_call)
SELECT json_array_length(coalesce(json_agg(_postgrest_t), '[]')) AS partitions FROM (SELECT * FROM pgrst_source) _postgrest_t;

-- A call without an action: the named check, and no function that is not there (404).
PREPARE no_action (json) AS
WITH pgrst_source AS (SELECT pgrst_call.pgrst_scalar FROM (SELECT $1 AS json_data) pgrst_payload,
  LATERAL (SELECT "p_workspace_id" FROM json_to_record(pgrst_payload.json_data) AS _("p_workspace_id" uuid) LIMIT 1) pgrst_body,
  LATERAL (SELECT "public"."insert_audit_event"("p_workspace_id" := pgrst_body."p_workspace_id") pgrst_scalar) pgrst_call)
SELECT coalesce(json_agg(_postgrest_t.pgrst_scalar)->0, 'null') AS body FROM (SELECT pgrst_source.pgrst_scalar FROM pgrst_source) _postgrest_t;
SELECT code, constraint_name FROM test.refusal($$EXECUTE no_action ('{"p_workspace_id": "10000000-0000-4000-8000-000000000123"}')$$);

-- GET, as of PostgREST 13: the query's texts are parameters of no type, each cast to that of the function's.
PREPARE get_trail (unknown, unknown) AS
SELECT action_type FROM "public"."get_audit_trail"("p_workspace_id" := $1::"uuid", "p_limit" := $2::"int4");
EXECUTE get_trail ('10000000-0000-4000-8000-000000000123', '2');
PREPARE get_purge (unknown, unknown, unknown) AS
SELECT deleted_count FROM "public"."purge_expired_audit_events"("p_workspace_id" := $1::"uuid", "p_authority" := $2::"text", "p_approval_ticket_id" := $3::"public"."audit_ticket");
EXECUTE get_purge ('10000000-0000-4000-8000-000000000123', 'SOC2', 'SOC2-7');
SELECT approval_ticket_id FROM audit_deletion_log;
