-- Hosted platforms grant ALL to their API roles by default privileges. Such a role, and PUBLIC, have nothing on what we make, neither
-- at CREATE EXTENSION nor on partitions made later; a level given by audit_grant is all they get.
\i tests/golden/prelude.sql
CREATE ROLE t_api;
ALTER DEFAULT PRIVILEGES GRANT ALL ON TABLES TO t_api, PUBLIC;
ALTER DEFAULT PRIVILEGES GRANT ALL ON FUNCTIONS TO t_api;
ALTER DEFAULT PRIVILEGES GRANT ALL ON TYPES TO t_api;
ALTER DEFAULT PRIVILEGES GRANT ALL ON SEQUENCES TO t_api;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT ALL ON TABLES TO t_api WITH GRANT OPTION;
-- It works for other tables, so the test tests.
CREATE TABLE elsewhere (a int);
SELECT count(*) > 0 AS "the default privileges are in force" FROM pg_class, aclexplode(relacl) WHERE relname = 'elsewhere' AND grantee = 't_api'::regrole;
DROP TABLE elsewhere;
CREATE EXTENSION audit_ext;

-- Rights of anybody but the owner on relations, functions and types of ours.
CREATE VIEW test.held AS
SELECT 'relation' AS kind, test.masked(c.relname) AS name, acl.grantee::regrole::text AS grantee, acl.privilege_type FROM pg_class c, aclexplode(coalesce(c.relacl, acldefault('r', c.relowner))) AS acl
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'S') AND acl.grantee <> c.relowner
UNION ALL
SELECT 'function', p.proname, acl.grantee::regrole::text, acl.privilege_type FROM pg_proc p, aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) AS acl
WHERE p.pronamespace = 'public'::regnamespace AND acl.grantee <> p.proowner
UNION ALL
SELECT 'type', t.typname, acl.grantee::regrole::text, acl.privilege_type FROM pg_type t, aclexplode(coalesce(t.typacl, acldefault('T', t.typowner))) AS acl
WHERE t.typnamespace = 'public'::regnamespace AND t.typelem = 0 AND acl.grantee <> t.typowner AND (t.typtype <> 'c' OR acl.grantee <> 0)
UNION ALL
SELECT 'column', a.attname, acl.grantee::regrole::text, acl.privilege_type FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid, aclexplode(a.attacl) AS acl
WHERE c.relnamespace = 'public'::regnamespace;
SELECT count(*) FILTER (WHERE relkind IN ('r', 'p')) AS tables, count(*) FILTER (WHERE relkind = 'v') AS views FROM pg_class WHERE relnamespace = 'public'::regnamespace;
SELECT * FROM test.held ORDER BY 1, 2, 3, 4;

-- Partitions made later, in the schedule and for a stray.
INSERT INTO audit_events (action_type, resource_type, workspace_id, created_by_user_id, created_at)
VALUES ('A', 'r', '10000000-0000-4000-8000-000000000001', '20000000-0000-4000-8000-000000000001', '2020-01-01');
SELECT (SELECT count(*) FROM create_monthly_audit_partition(4)) + (SELECT count(*) FROM create_past_audit_partitions('2020-01-01', '2020-01-01')) AS made;
SELECT * FROM test.held ORDER BY 1, 2, 3, 4;
SET ROLE t_api;
SELECT statement, code FROM unnest(ARRAY['SELECT * FROM public.audit_events', 'SELECT * FROM public.audit_events_2020_01', 'TRUNCATE public.audit_events_2020_01', 'SELECT * FROM public.vw_security_audit',
  'SELECT public.insert_audit_event(''A'', ''r'')', 'SELECT public.create_monthly_audit_partition()', 'SELECT public.audit_setup()', 'SELECT public.audit_event_id()']) WITH ORDINALITY AS given (statement, no), LATERAL test.refusal(statement) ORDER BY no;
RESET ROLE;

-- A level is all it gets; audit_setup() revokes what was granted by hand since.
SELECT audit_grant('t_api', 'writer') \g /dev/null
SELECT * FROM test.held ORDER BY 1, 2, 3, 4;
GRANT SELECT ON audit_events, audit_deletion_log TO t_api;
GRANT EXECUTE ON FUNCTION get_audit_trail TO t_api;
SELECT audit_setup() \g /dev/null
SELECT * FROM test.held ORDER BY 1, 2, 3, 4;
SELECT audit_revoke('t_api', 'writer') \g /dev/null
SELECT * FROM test.held ORDER BY 1, 2, 3, 4;
ALTER DEFAULT PRIVILEGES IN SCHEMA public REVOKE ALL ON TABLES FROM t_api;
