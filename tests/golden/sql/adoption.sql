-- DROP EXTENSION … CASCADE leaves every event in place; CREATE EXTENSION adopts the tables and puts guards, defaults and views back:
-- in one session with cached state, more than once.
\i tests/golden/prelude.sql
CREATE EXTENSION audit_ext;
\set record 'SELECT insert_audit_event(''A'', ''r'', NULL, ''10000000-0000-4000-8000-000000000001'', ''20000000-0000-4000-8000-000000000001'') IS NOT NULL AS recorded;'
CREATE ROLE t_writer;
SELECT audit_grant('t_writer', 'writer') \g /dev/null
UPDATE audit_retention_policies SET hot_retention_days = 10;
:record
INSERT INTO audit_events (action_type, resource_type, workspace_id, created_by_user_id, created_at) VALUES ('OLD', 'r', '10000000-0000-4000-8000-000000000002', '20000000-0000-4000-8000-000000000001', '2020-01-01');
SELECT count(*) AS made FROM create_past_audit_partitions('2020-01-01', '2020-01-31');
CREATE VIEW test.state AS SELECT (SELECT md5(string_agg(e::text, ',' ORDER BY e.id)) FROM audit_events e) || (SELECT md5(string_agg(p::text, ',' ORDER BY p.workspace_id)) FROM audit_retention_policies p) AS digest;
CREATE VIEW test.shape AS
SELECT 'relation ' || test.masked(c.relname) || ' ' || c.relkind::text AS thing FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace
UNION ALL SELECT format('trigger %s on %s: %s', t.tgname, test.masked(t.tgrelid::regclass::text), t.tgenabled) FROM pg_trigger t WHERE NOT tgisinternal
UNION ALL SELECT format('default of %s.%s: %s', test.masked(adrelid::regclass::text), adnum, pg_get_expr(adbin, adrelid)) FROM pg_attrdef JOIN pg_class c ON c.oid = adrelid WHERE c.relnamespace = 'public'::regnamespace
UNION ALL SELECT format('column %s.%s %s', test.masked(attrelid::regclass::text), attname, attnum) FROM pg_attribute JOIN pg_class c ON c.oid = attrelid WHERE c.relnamespace = 'public'::regnamespace AND attnum > 0
UNION ALL SELECT format('right of %s on %s: %s', a.grantee::regrole, test.masked(c.relname), a.privilege_type) FROM pg_class c, aclexplode(c.relacl) a WHERE c.relnamespace = 'public'::regnamespace AND a.grantee <> c.relowner
UNION ALL SELECT format('right of %s on %s', a.grantee::regrole, p.proname) FROM pg_proc p, aclexplode(p.proacl) a WHERE p.pronamespace = 'public'::regnamespace AND a.grantee <> p.proowner;
CREATE TABLE test.shape_before AS SELECT thing FROM test.shape;
SELECT digest AS before FROM test.state \gset

-- The plain drop is refused because the trail needs the functions.
SELECT code FROM test.refusal('DROP EXTENSION audit_ext');
SET client_min_messages = error;
DROP EXTENSION audit_ext CASCADE;
RESET client_min_messages;
SELECT digest = :'before' AS "all rows are there" FROM test.state;
SELECT code FROM test.refusal($$SELECT insert_audit_event('A', 'r')$$);
-- Again, in this session.
CREATE EXTENSION audit_ext;
SELECT digest = :'before' AS "all rows are there" FROM test.state;
SELECT thing AS "missing" FROM test.shape_before EXCEPT SELECT thing FROM test.shape ORDER BY 1;
SELECT thing AS "new" FROM test.shape EXCEPT SELECT thing FROM test.shape_before ORDER BY 1;
:record
SELECT code, message FROM test.refusal('DELETE FROM audit_events');
SELECT code, message FROM test.refusal('TRUNCATE audit_events_default');
SELECT code, constraint_name FROM test.refusal($$INSERT INTO audit_events (action_type, resource_type, workspace_id, created_by_user_id, created_at) VALUES ('OLD', 'r', '10000000-0000-4000-8000-000000000002', '20000000-0000-4000-8000-000000000001', '2019-01-01')$$);
SELECT count(*) FROM get_audit_trail('10000000-0000-4000-8000-000000000001');
SET ROLE t_writer;
:record
RESET ROLE;

-- Dropped and made in one transaction, rolled back, dropped and made again.
SET client_min_messages = error;
BEGIN;
DROP EXTENSION audit_ext CASCADE;
CREATE EXTENSION audit_ext;
:record
ROLLBACK;
:record
BEGIN;
DROP EXTENSION audit_ext CASCADE;
CREATE EXTENSION audit_ext;
:record
COMMIT;
:record
RESET client_min_messages;
SELECT thing AS "missing" FROM test.shape_before EXCEPT SELECT thing FROM test.shape ORDER BY 1;
SELECT count(*) FROM get_audit_trail('10000000-0000-4000-8000-000000000001');

-- audit_setup() again: nothing changes.
SELECT digest AS before FROM test.state \gset
SELECT audit_setup() \g /dev/null
SELECT digest = :'before' AS "nothing changed" FROM test.state;
SELECT count(*) AS "things changed" FROM (SELECT thing FROM test.shape_before EXCEPT SELECT thing FROM test.shape) AS missing;
-- As a dump is being restored, nothing is made; a warning says so, and every recording function says what to do.
SET client_min_messages = error;
DROP EXTENSION audit_ext CASCADE;
DROP TABLE audit_events, audit_events_archive, audit_retention_policies, audit_deletion_log, audit_sequence_floors, audit_membership_source, audit_access CASCADE;
RESET client_min_messages;
SET row_security = off;
CREATE EXTENSION audit_ext;
RESET row_security;
SELECT code, message, hint FROM test.refusal($$SELECT insert_audit_event('A', 'r', NULL, '10000000-0000-4000-8000-000000000001', '20000000-0000-4000-8000-000000000001')$$);
SELECT code, hint FROM test.refusal($$SELECT insert_audit_events('[]')$$);
SELECT audit_setup() \g /dev/null
:record
