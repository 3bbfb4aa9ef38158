-- Shows all there is to know of a trail, the same wherever it was copied to: content, guards, order rule, rights, partitions.
-- Changes nothing. Variable: schema, where the extension is.
SET search_path = :"schema";
SET client_min_messages = error;
SET timezone = 'UTC';
\set ON_ERROR_STOP on
SELECT oid AS namespace FROM pg_namespace WHERE nspname = :'schema' \gset

\echo == content
SELECT format('SELECT %L AS name, count(*), md5(string_agg(t::text, E''\n'' ORDER BY t::text)) FROM %I AS t', name, name)
FROM unnest(ARRAY['audit_events', 'audit_events_archive', 'audit_retention_policies', 'audit_deletion_log', 'audit_sequence_floors',
  'audit_membership_source', 'audit_access', 'audit_legal_holds', 'audit_restored_events', 'audit_archive_runs', 'audit_event_sequence', 'partition_schedule', 'vw_security_audit', 'team']) AS name \gexec
SELECT workspace, count(*), md5(string_agg(trail::text, E'\n' ORDER BY n)) FROM generate_series(1, 5) AS workspace,
  LATERAL (SELECT trail, row_number() OVER () AS n FROM get_audit_trail(w(workspace), p_days_back => 36500, p_limit => 10000) AS trail) AS t GROUP BY 1 ORDER BY 1;
-- The keys of retried calls; a trail that takes in rows alone has a beginning of its own table beside theirs.
SELECT count(*), md5(string_agg(key::text, E'\n' ORDER BY key::text)) FROM (TABLE audit_idempotency_keys_1 UNION ALL TABLE audit_idempotency_keys_2) AS key
WHERE key_hash::text NOT LIKE '00000000-0000-0000-%';

SELECT audit_resource_id('check', 'key');
SELECT last_value, is_called FROM audit_archive_attempts;
SELECT last_value AS attempt FROM audit_archive_attempts \gset
SELECT workspace, retention.* FROM generate_series(6, 7) AS workspace, explain_audit_retention(w(workspace)) AS retention ORDER BY 1, location, outcome, reason;
SELECT check_name, status FROM audit_health() WHERE check_name IN ('archive_run', 'guards') ORDER BY 1;

\echo == relations: partitions, owners, rights, settings, comments
SELECT relname, relkind, pg_get_userbyid(relowner) AS owner, pg_get_expr(relpartbound, c.oid) AS bound, reloptions,
  CASE WHEN relkind IN ('r', 'p', 'v') THEN ARRAY(SELECT acl::text FROM unnest(coalesce(relacl, acldefault('r', relowner))) AS acl ORDER BY 1) END AS acl, md5(pg_get_viewdef(c.oid)) AS view, obj_description(c.oid, 'pg_class') AS comment
FROM pg_class AS c WHERE relnamespace = :namespace ORDER BY 1;
SELECT relname, attnum, attname, atttypid::regtype, attnotnull, attstorage, attacl, pg_get_expr(adbin, adrelid) AS "default", col_description(c.oid, attnum) AS comment
FROM pg_class AS c JOIN pg_attribute ON attrelid = c.oid AND attnum > 0 AND NOT attisdropped LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
WHERE relnamespace = :namespace AND relkind IN ('r', 'p', 'v') ORDER BY 1, 2;

\echo == triggers, constraints, indexes, functions
SELECT tgrelid::regclass, tgname, tgenabled, tgtype, tgfoid::regprocedure, encode(tgargs, 'escape') AS arguments FROM pg_trigger JOIN pg_class AS c ON c.oid = tgrelid
WHERE relnamespace = :namespace AND NOT tgisinternal ORDER BY tgrelid::regclass::text, tgname;
SELECT evtname, evtevent, evtenabled, evttags, evtfoid::regproc, pg_get_userbyid(evtowner) AS owner, obj_description(oid, 'pg_event_trigger') AS comment FROM pg_event_trigger ORDER BY 1;
-- PostgreSQL 18 names NOT NULL itself, and by other names where a restore makes tables in another order.
SELECT conrelid::regclass, CASE contype WHEN 'n' THEN 'not null' ELSE conname END AS conname, contype, convalidated, pg_get_constraintdef(oid) FROM pg_constraint
WHERE connamespace = :namespace ORDER BY conrelid::regclass::text, 2, 5;
SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = :'schema' ORDER BY 1;
SELECT proname, pg_get_userbyid(proowner) AS owner, prosecdef, proconfig, ARRAY(SELECT acl::text FROM unnest(coalesce(proacl, acldefault('f', proowner))) AS acl ORDER BY 1) AS acl
FROM pg_proc WHERE pronamespace = :namespace ORDER BY 1;
SELECT ARRAY(SELECT acl::text FROM unnest(nspacl) AS acl ORDER BY 1) AS schema_acl FROM pg_namespace WHERE oid = :namespace;

\echo == relations that are members of the extension: none
SELECT objid::regclass FROM pg_depend WHERE refclassid = 'pg_extension'::regclass AND classid = 'pg_class'::regclass AND deptype = 'e' ORDER BY 1;

\echo == what is refused and what is not
CREATE FUNCTION pg_temp.attempt(p_sql text, p_role text DEFAULT 'postgres') RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  named text;
BEGIN
  EXECUTE format('SET LOCAL ROLE %I', p_role);
  EXECUTE p_sql;
  RAISE EXCEPTION 'undo' USING ERRCODE = 'UNDO1';
EXCEPTION WHEN OTHERS THEN
  GET STACKED DIAGNOSTICS named = CONSTRAINT_NAME;
  RETURN CASE SQLSTATE WHEN 'UNDO1' THEN 'done' ELSE SQLSTATE || ' ' || SQLERRM || ' ' || named END;
END $$;
SELECT pg_temp.attempt('SELECT insert_audit_event(''OTHER'', ''thing'', NULL, w(1), w(1), p_idempotency_key => ''dumped'')');
SELECT replication, operation, relname, pg_temp.attempt(format('SET LOCAL session_replication_role = %s; %s', replication, format(operation, relname)))
FROM pg_class, unnest(ARRAY['origin', 'replica']) AS replication, unnest(ARRAY['DELETE FROM %I', 'TRUNCATE %I']) AS operation
WHERE relnamespace = :namespace AND relkind IN ('r', 'p') AND relname LIKE 'audit%' ORDER BY 1, 2, 3;
SELECT relname, pg_temp.attempt(format('UPDATE %I SET workspace_id = workspace_id', relname))
FROM pg_class WHERE relnamespace = :namespace AND relkind IN ('r', 'p') AND relname ~ '^audit_(events|deletion)' ORDER BY 1;
SELECT attempt, pg_temp.attempt(attempt, role) FROM (VALUES
  (1, 'postgres', $$SELECT insert_audit_event('A', 'b', NULL, w(1), w(1))$$),
  (2, 'postgres', $$SELECT insert_audit_event('A', 'b', NULL, w(1), w(100))$$),
  (3, 'postgres', $$SELECT insert_audit_event('', 'b', NULL, w(1), w(1))$$),
  (4, 'postgres', $$INSERT INTO audit_events (created_at, action_type, resource_type, workspace_id, created_by_user_id) VALUES ('2024-05-04Z', 'A', 'b', w(5), w(1))$$),
  (5, 'postgres', $$INSERT INTO audit_events (created_at, action_type, resource_type, workspace_id, created_by_user_id) VALUES ('2024-05-05Z', 'A', 'b', w(5), w(1))$$),
  (6, 'postgres', $$INSERT INTO audit_events (created_at, action_type, resource_type, workspace_id, created_by_user_id) VALUES ('2090-05-05Z', 'A', 'b', w(5), w(1))$$),
  (7, 'postgres', $$INSERT INTO audit_events_archive SELECT * FROM audit_events_archive LIMIT 1$$),
  (14, 'postgres', $$ALTER TABLE audit_events DISABLE TRIGGER ALL$$),
  (15, 'postgres', $$DROP TABLE audit_deletion_log$$),
  (8, 'postgres', $$SELECT create_monthly_audit_partition(), audit_setup()$$),
  (9, 'dump_writer', $$SELECT insert_audit_event('A', 'b', NULL, w(1), w(1))$$),
  (10, 'dump_writer', $$SELECT get_audit_trail(w(1))$$),
  (11, 'dump_reader', $$SELECT get_audit_trail(w(1))$$),
  (12, 'dump_reader', $$SELECT insert_audit_event('A', 'b', NULL, w(1), w(1))$$),
  (13, 'dump_gone', $$SELECT count(*) FROM audit_events$$),
  (14, 'postgres', $$SELECT archive_old_audit_events()$$),
  (15, 'postgres', $$SELECT restore_audit_events(ARRAY(SELECT id FROM audit_events_archive WHERE workspace_id = w(6)))$$),
  (16, 'postgres', $$SELECT purge_expired_audit_events(w(6), 'TEST', 'T-2')$$),
  (17, 'postgres', $$SELECT purge_expired_audit_events(w(7), 'TEST', 'T-2')$$),
  (18, 'postgres', $$SELECT place_audit_hold(w(7), 'case'), count(release_audit_hold(id, 'over')) FROM audit_legal_holds WHERE workspace_id = w(6)$$),
  (19, 'postgres', $$UPDATE audit_legal_holds SET reason = 'another'$$)
) AS attempts (n, role, attempt) ORDER BY n;
-- The one thing that an attempt does not undo.
SELECT setval('audit_archive_attempts', :attempt) IS NOT NULL AS "as before";
