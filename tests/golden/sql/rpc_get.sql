-- Calls by GET in the SQL that PostgREST 13 and later generates: every parameter is of type unknown and is cast to the type that the function declares; a
-- STABLE function runs in a transaction that only reads. The names of types are those of the catalog, that of a ticket too.
\i tests/golden/prelude.sql
CREATE EXTENSION audit_ext;
\set ws 10000000-0000-4000-8000-000000000123
\set user 20000000-0000-4000-8000-000000000123
SELECT insert_audit_event('ACTION_' || n, 'workspace', NULL, :'ws', :'user') IS NOT NULL AS recorded FROM generate_series(1, 3) AS n;

BEGIN READ ONLY;
PREPARE trail (unknown, unknown, unknown) AS
WITH pgrst_source AS (SELECT pgrst_call.* FROM "public"."get_audit_trail"("p_workspace_id" := $1::uuid, "p_resource_type" := $2::text, "p_limit" := $3::int4) pgrst_call)
SELECT null::bigint AS total_result_set, pg_catalog.count(_postgrest_t) AS page_total, coalesce(json_agg(_postgrest_t), '[]') AS body,
  nullif(current_setting('response.headers', true), '') AS response_headers, nullif(current_setting('response.status', true), '') AS response_status
FROM (SELECT "get_audit_trail".* FROM "pgrst_source" AS "get_audit_trail" LIMIT 1000 OFFSET 0) _postgrest_t;
SELECT parameter_types FROM pg_prepared_statements WHERE name = 'trail';
EXECUTE trail (:'ws', 'workspace', '2') \gset
SELECT :page_total AS events, array_agg(event ->> 'action_type') AS actions FROM json_array_elements(:'body'::json) AS event;

-- A function of one value, and one record.
PREPARE id_of (unknown, unknown) AS
WITH pgrst_source AS (SELECT "public"."audit_resource_id"("p_resource_type" := $1::text, "p_key" := $2::text) pgrst_scalar)
SELECT coalesce(json_agg(_postgrest_t.pgrst_scalar)->0, 'null') AS body FROM (SELECT "audit_resource_id".* FROM "pgrst_source" AS "audit_resource_id" LIMIT 1) _postgrest_t;
EXECUTE id_of ('workspace', '4711') \gset
SELECT (:'body'::json #>> '{}')::uuid = audit_resource_id('workspace', '4711') AS is_the_id_of_the_key;
PREPARE retention (unknown) AS
WITH pgrst_source AS (SELECT pgrst_call.* FROM "public"."explain_audit_retention"("p_workspace_id" := $1::uuid) pgrst_call)
SELECT coalesce(json_agg(_postgrest_t), '[]') AS body FROM (SELECT "explain_audit_retention".* FROM "pgrst_source" AS "explain_audit_retention") _postgrest_t;
EXECUTE retention (:'ws') \gset
SELECT json_array_length(:'body'::json) > 0 AS explains;
-- A value that its type refuses is the caller's mistake.
EXECUTE trail ('ws-123', 'workspace', '2');
\echo :LAST_ERROR_SQLSTATE
ROLLBACK;

-- What changes something is posted; later versions write its parameters like this too.
PREPARE record_one (unknown, unknown, unknown, unknown, unknown, unknown) AS
WITH pgrst_source AS (SELECT "public"."insert_audit_event"("p_action_type" := $1::text, "p_resource_type" := $2::text, "p_workspace_id" := $3::uuid,
  "p_created_by_user_id" := $4::uuid, "p_new_values" := $5::jsonb, "p_tags" := $6::text[]) pgrst_scalar)
SELECT coalesce(json_agg(_postgrest_t.pgrst_scalar)->0, 'null') AS body FROM (SELECT "insert_audit_event".* FROM "pgrst_source" AS "insert_audit_event") _postgrest_t;
EXECUTE record_one ('GOT', 'workspace', :'ws', :'user', '{"a": 1}', '{x,"y z"}') \gset
SELECT action_type, new_values, tags FROM audit_events WHERE id = (:'body'::json #>> '{}')::uuid;
PREPARE erase (unknown, unknown, unknown, unknown) AS
WITH pgrst_source AS (SELECT pgrst_call.* FROM "public"."delete_user_audit_events_compliant"("p_user_id" := $1::uuid, "p_workspace_id" := $2::uuid,
  "p_authority" := $3::text, "p_approval_ticket_id" := $4::audit_ticket) pgrst_call)
SELECT coalesce(json_agg(_postgrest_t)->0, 'null') AS body FROM (SELECT "delete_user_audit_events_compliant".* FROM "pgrst_source" AS "delete_user_audit_events_compliant") _postgrest_t;
SELECT parameter_types FROM pg_prepared_statements WHERE name = 'erase';
EXECUTE erase (:'user', :'ws', 'GDPR', '');
\echo :LAST_ERROR_SQLSTATE
EXECUTE erase (:'user', :'ws', 'GDPR', 'GDPR-2026-001') \gset
SELECT :'body'::json ->> 'deleted_count' AS deleted_count, approval_ticket_id FROM audit_deletion_log WHERE id = (:'body'::json ->> 'deletion_log_id')::uuid;
