-- What each access level may do, as the catalog has it for every public object and as roles meet it; PUBLIC has nothing; giving and
-- taking a level is recorded.
\i tests/golden/prelude.sql
CREATE EXTENSION audit_ext;
CREATE ROLE t_writer; CREATE ROLE t_reader; CREATE ROLE t_operator; CREATE ROLE t_compliance; CREATE ROLE t_monitor; CREATE ROLE t_gateway; CREATE ROLE t_service; CREATE ROLE t_nobody;
SELECT audit_grant('t_writer', 'writer'), audit_grant('t_reader', 'reader'), audit_grant('t_operator', 'operator'), audit_grant('t_compliance', 'compliance'), audit_grant('t_monitor', 'monitor'), audit_grant('t_gateway', 'gateway'), audit_grant('t_service', 'service') \g /dev/null
-- Again: nothing new.
SELECT audit_grant('t_writer', 'writer') \g /dev/null

-- Rights on tables and views, partitions in one line; then on functions.
CREATE VIEW held AS
SELECT CASE WHEN c.relispartition THEN 'partitions' ELSE c.relname END AS object, r.rolname AS role, p.privilege
FROM pg_class c, pg_roles r, unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER']) AS p (privilege)
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v') AND c.relname ~ '^(audit_|vw_security|partition_schedule)' AND r.rolname LIKE 't\_%'
  AND (has_table_privilege(r.oid, c.oid, p.privilege) OR (p.privilege IN ('SELECT', 'INSERT', 'UPDATE', 'REFERENCES') AND has_any_column_privilege(r.oid, c.oid, p.privilege)));
SELECT object, string_agg(DISTINCT format('%s:%s', substr(role, 3), privilege), ' ') AS rights FROM held GROUP BY object ORDER BY object;
SELECT p.proname, string_agg(substr(r.rolname, 3), ' ' ORDER BY r.rolname) AS may_execute
FROM pg_proc p JOIN pg_depend d ON d.objid = p.oid AND d.classid = 'pg_proc'::regclass AND d.deptype = 'e' JOIN pg_extension e ON e.oid = d.refobjid AND e.extname = 'audit_ext'
LEFT JOIN pg_roles r ON r.rolname LIKE 't\_%' AND has_function_privilege(r.oid, p.oid, 'EXECUTE') GROUP BY p.proname ORDER BY p.proname;
SELECT count(*) AS "held by nobody" FROM held WHERE role IN ('t_nobody', 't_gateway', 't_service');

-- As the roles meet it.
SELECT 'audit_events_' || to_char(now() AT TIME ZONE 'UTC', 'YYYY_MM') AS this_month \gset
CREATE TABLE attempt (no serial, what text, statement text);
INSERT INTO attempt (what, statement) VALUES
  ('record', $$SELECT insert_audit_event('A', 'r', NULL, '10000000-0000-4000-8000-000000000001', '20000000-0000-4000-8000-000000000001')$$),
  ('record in bulk', $$SELECT insert_audit_events('[{"action_type": "A", "resource_type": "r", "workspace_id": "10000000-0000-4000-8000-000000000001", "created_by_user_id": "20000000-0000-4000-8000-000000000001"}]')$$),
  ('INSERT', $$INSERT INTO audit_events (action_type, resource_type, workspace_id, created_by_user_id) VALUES ('A', 'r', '10000000-0000-4000-8000-000000000001', '20000000-0000-4000-8000-000000000001')$$),
  ('INSERT into a partition', format($$INSERT INTO %I (action_type, resource_type, workspace_id, created_by_user_id) VALUES ('A', 'r', '10000000-0000-4000-8000-000000000001', '20000000-0000-4000-8000-000000000001')$$, :'this_month')),
  ('trail', $$SELECT * FROM get_audit_trail('10000000-0000-4000-8000-000000000001')$$),
  ('security view', 'SELECT * FROM vw_security_audit'), ('schedule', 'SELECT * FROM partition_schedule'),
  ('events', 'SELECT * FROM audit_events'), ('archive', 'SELECT * FROM audit_events_archive'), ('deletion log', 'SELECT * FROM audit_deletion_log'),
  ('sequence', 'SELECT * FROM audit_event_sequence'), ('policies', 'SELECT * FROM audit_retention_policies'),
  ('a partition', 'SELECT * FROM ' || :'this_month'),
  ('policy change', 'UPDATE audit_retention_policies SET hot_retention_days = 80'), ('policy insert', 'INSERT INTO audit_retention_policies (workspace_id) VALUES (gen_random_uuid())'),
  ('floor', $$INSERT INTO audit_event_sequence VALUES (gen_random_uuid(), gen_random_uuid(), now())$$), ('access table', $$INSERT INTO audit_access (role_name, access) VALUES ('t_nobody', 'gateway')$$),
  ('make partitions', 'SELECT create_monthly_audit_partition(0)'), ('DELETE', 'DELETE FROM audit_events'), ('UPDATE', 'UPDATE audit_events SET tags = NULL'), ('TRUNCATE', 'TRUNCATE audit_events'),
  ('audit_grant', $$SELECT audit_grant('t_nobody', 'gateway')$$), ('audit_revoke', $$SELECT audit_revoke('t_nobody', 'gateway')$$), ('audit_setup', 'SELECT audit_setup()'),
  ('membership source', 'SELECT audit_set_membership_source(NULL)'), ('DDL', 'ALTER TABLE audit_events DISABLE TRIGGER check_audit_workspace_membership'), ('CREATE TRIGGER', 'CREATE TRIGGER t BEFORE INSERT ON audit_events EXECUTE FUNCTION audit_events_guard()');
GRANT SELECT, UPDATE ON attempt TO PUBLIC;
CREATE TABLE outcome (no int, role name, code text);
GRANT INSERT ON outcome TO PUBLIC;
CREATE FUNCTION try_all() RETURNS void LANGUAGE sql AS $$ INSERT INTO outcome SELECT no, current_user, code FROM attempt, LATERAL test.refusal(statement) ORDER BY no $$;
SELECT insert_audit_event('A', 'r', NULL, '10000000-0000-4000-8000-000000000001', '20000000-0000-4000-8000-000000000001') IS NOT NULL AS recorded;
SET ROLE t_writer; SELECT try_all() \g /dev/null
SET ROLE t_reader; SELECT try_all() \g /dev/null
SET ROLE t_operator; SELECT try_all() \g /dev/null
SET ROLE t_compliance; SELECT try_all() \g /dev/null
SET ROLE t_monitor; SELECT try_all() \g /dev/null
SET ROLE t_gateway; SELECT try_all() \g /dev/null
SET ROLE t_service; SELECT try_all() \g /dev/null
SET ROLE t_nobody; SELECT try_all() \g /dev/null
RESET ROLE;
SELECT what, string_agg(code, ' ') FILTER (WHERE role = 't_writer') AS writer, string_agg(code, ' ') FILTER (WHERE role = 't_reader') AS reader, string_agg(code, ' ') FILTER (WHERE role = 't_operator') AS operator,
  string_agg(code, ' ') FILTER (WHERE role = 't_compliance') AS compliance, string_agg(code, ' ') FILTER (WHERE role = 't_monitor') AS monitor, string_agg(code, ' ') FILTER (WHERE role = 't_gateway') AS gateway, string_agg(code, ' ') FILTER (WHERE role = 't_service') AS service, string_agg(code, ' ') FILTER (WHERE role = 't_nobody') AS nobody
FROM attempt JOIN outcome USING (no) GROUP BY no, what ORDER BY no;

-- Partitions made later are like those made first.
SELECT count(*) AS made FROM create_monthly_audit_partition(5);
SELECT count(*) AS "held on partitions" FROM held WHERE object = 'partitions';

-- Errors, and what the two functions recorded. A level taken is gone; the other levels stay; history stays.
SELECT statement, code, message, hint FROM unnest(ARRAY[$$SELECT audit_grant('t_writer', 'admin')$$, $$SELECT audit_grant('t_writer', NULL)$$, $$SELECT audit_grant('t_writer', 'Writer')$$, $$SELECT audit_grant('t_no_such', 'writer')$$,
  $$SELECT audit_grant(NULL, 'writer')$$, $$SELECT audit_grant('-', 'writer')$$, $$SELECT audit_revoke('t_writer', 'x')$$]) WITH ORDINALITY AS given (statement, no), LATERAL test.refusal(statement) ORDER BY no;
SELECT audit_grant('t_writer', 'reader') \g /dev/null
SELECT audit_revoke('t_writer', 'writer') \g /dev/null
SELECT audit_revoke('t_writer', 'writer') \g /dev/null
SELECT object, privilege FROM held WHERE role = 't_writer' ORDER BY object, privilege;
SELECT role_name, access, granted_by = session_user AS by_us, revoked_at IS NOT NULL AS revoked, revoked_by FROM audit_access ORDER BY role_name, granted_at;
SELECT new_values->>'role_name' AS role, new_values->>'access' AS access, CASE WHEN old_values IS NULL THEN 'given' ELSE 'taken' END AS change, workspace_id, resource_type, changed_fields
FROM audit_events WHERE action_type = 'AUDIT_ACCESS_CHANGED' ORDER BY created_at, id;
-- A name that needs quotes.
CREATE ROLE "t_Odd ""role""";
SELECT audit_grant('"t_Odd ""role"""', 'reader') \g /dev/null
SELECT count(*) AS rights FROM held WHERE role = 't_Odd "role"';
