-- A right on all tables is no access level: a member of pg_write_all_data records nothing, and changes nothing of the trail's configuration.
\i tests/golden/prelude.sql
CREATE EXTENSION audit_ext;
CREATE FUNCTION w(int) RETURNS uuid LANGUAGE sql IMMUTABLE RETURN ('10000000-0000-4000-8000-' || lpad($1::text, 12, '0'))::uuid;
CREATE ROLE t_etl; CREATE ROLE t_boss; CREATE ROLE t_member;
GRANT pg_write_all_data, pg_read_all_data TO t_etl;
SELECT audit_grant('t_boss', 'compliance') \g /dev/null
GRANT t_boss TO t_member;
SELECT insert_audit_event('A', 'r', NULL, w(1), w(2)) IS NOT NULL AS recorded;
CREATE TABLE tried (no int GENERATED ALWAYS AS IDENTITY, statement text);
GRANT SELECT ON tried TO PUBLIC;
INSERT INTO tried (statement) VALUES
  ($$INSERT INTO audit_access (role_name, access) VALUES ('t_etl', 'compliance')$$),
  ($$UPDATE audit_access SET revoked_at = now(), revoked_by = 'x'$$),
  ($$INSERT INTO audit_membership_source (table_schema, table_name, workspace_column, user_column) VALUES ('public', 'tried', 'a', 'b')$$),
  ($$INSERT INTO audit_indexes (kind, is_wanted, is_live) VALUES ('contains', true, false)$$),
  ($$UPDATE audit_retention_policies SET requires_approval = true WHERE workspace_id = w(1)$$),
  ($$INSERT INTO audit_retention_policies (workspace_id) VALUES (w(3))$$),
  ($$INSERT INTO audit_action_types (action_type) VALUES ('x')$$),
  ($$INSERT INTO audit_legal_holds (workspace_id, reason) VALUES (w(1), 'x')$$),
  ($$INSERT INTO audit_events (action_type, resource_type, workspace_id, created_by_user_id) VALUES ('A', 'r', w(1), w(2))$$),
  ($$INSERT INTO audit_events (id, created_at, action_type, resource_type, workspace_id, created_by_user_id) VALUES (gen_random_uuid(), now(), 'B', 'r', w(1), w(2))$$);
SET client_min_messages = error;
SET ROLE t_etl;
SELECT no, code, message FROM tried, test.refusal(statement) ORDER BY no;
-- What it may read it can give to nobody, itself included.
GRANT SELECT ON ALL TABLES IN SCHEMA public TO t_etl;
RESET ROLE;
SELECT count(*) AS "levels of the role" FROM audit_access WHERE role_name = 't_etl';
SELECT count(*) AS "rights of the role" FROM pg_class, aclexplode(relacl) AS acl WHERE relname LIKE 'audit%' AND grantee = 't_etl'::regrole;
-- Whoever has the level of another role changes what that level changes, and no more.
SET ROLE t_member;
SELECT no, code, message FROM tried, test.refusal(statement) WHERE no IN (1, 4, 5, 6) ORDER BY no;
RESET ROLE;
SELECT action_type, count(*) FROM audit_events WHERE action_type LIKE 'AUDIT%' GROUP BY 1 ORDER BY 1;
