-- audit_set_membership_source: what it takes and refuses, and what happens when the source goes away.
\i tests/golden/prelude.sql
CREATE EXTENSION audit_ext;
CREATE TABLE members (workspace_id uuid, user_id uuid, number int[], label text);
CREATE VIEW member_view AS SELECT * FROM members;
CREATE MATERIALIZED VIEW member_matview AS SELECT * FROM members;
CREATE FOREIGN DATA WRAPPER t_wrapper; CREATE SERVER t_server FOREIGN DATA WRAPPER t_wrapper;
CREATE FOREIGN TABLE member_foreign (workspace_id uuid, user_id uuid) SERVER t_server;
CREATE SEQUENCE member_sequence;
CREATE TABLE member_parts (workspace_id uuid, user_id uuid) PARTITION BY LIST (workspace_id);
CREATE TABLE "Odd ""members""" ("Work space" varchar(40), "user" text);
SELECT given, code, message, hint FROM unnest(ARRAY[
  $$'member_view', 'workspace_id', 'user_id'$$, $$'member_matview', 'workspace_id', 'user_id'$$, $$'member_foreign', 'workspace_id', 'user_id'$$, $$'member_sequence', 'last_value', 'last_value'$$,
  $$'members', 'no_such', 'user_id'$$, $$'members', 'workspace_id', 'no_such'$$, $$'members', 'number', 'user_id'$$, $$'members', 'workspace_id', 'number'$$, $$'members', 'workspace_id', 'ctid'$$, $$'members'$$, $$'members', 'workspace_id'$$,
  $$'no_such_table', 'a', 'b'$$, $$0, 'a', 'b'$$, $$'member_parts', 'workspace_id', 'user_id'$$, $$'"Odd ""members"""', 'Work space', 'user'$$, 'NULL', $$'members', 'workspace_id', 'user_id'$$])
  WITH ORDINALITY AS source (given, no), LATERAL test.refusal(format('SELECT audit_set_membership_source(%s)', given)) ORDER BY no;
-- Every change is an event.
SELECT new_values->>'table_name' AS source, old_values->>'table_name' AS before, changed_fields, workspace_id FROM audit_events WHERE action_type = 'AUDIT_MEMBERSHIP_SOURCE_CHANGED' ORDER BY created_at, id;

-- The source goes away, changes its shape, comes back: always refused with the way out, never let past.
CREATE FUNCTION attempt(OUT code text, OUT constraint_name text, OUT message text, OUT hint text) LANGUAGE sql AS $$
  SELECT * FROM test.refusal($q$SELECT insert_audit_event('A', 'r', NULL, '10000000-0000-4000-8000-000000000001', '20000000-0000-4000-8000-000000000001')$q$)
$$;
INSERT INTO members VALUES ('10000000-0000-4000-8000-000000000001', '20000000-0000-4000-8000-000000000001');
SELECT code FROM attempt();
DROP VIEW member_view; DROP MATERIALIZED VIEW member_matview;
ALTER TABLE members RENAME TO members_now;
SELECT * FROM attempt();
SELECT insert_audit_event('A', 'r', NULL, '10000000-0000-4000-8000-000000000001', '20000000-0000-4000-8000-000000000001');
\echo :LAST_ERROR_SQLSTATE
ALTER TABLE members_now RENAME TO members;
SELECT code FROM attempt();
ALTER TABLE members RENAME COLUMN user_id TO person_id;
SELECT code, constraint_name, message, hint FROM attempt();
ALTER TABLE members RENAME COLUMN person_id TO user_id;
SELECT code FROM attempt();
DROP TABLE members;
SELECT code, constraint_name, message, hint FROM attempt();
-- A view that takes its place is not trusted, by this session nor by a new one.
CREATE TABLE members_behind (workspace_id uuid, user_id uuid);
CREATE VIEW members AS SELECT workspace_id, user_id FROM members_behind UNION ALL SELECT '10000000-0000-4000-8000-000000000001', '20000000-0000-4000-8000-000000000001';
SELECT code, constraint_name FROM attempt();
\connect -
\set SHOW_CONTEXT never
SELECT code, constraint_name FROM attempt();
DROP VIEW members;
-- A new table of that name is, by this session as well as by a new one.
CREATE TABLE members (workspace_id uuid, user_id uuid);
SELECT code, constraint_name FROM attempt();
INSERT INTO members VALUES ('10000000-0000-4000-8000-000000000001', '20000000-0000-4000-8000-000000000001');
SELECT code FROM attempt();
\connect -
SELECT code FROM attempt();
DROP TABLE members;
SELECT audit_set_membership_source(NULL) \g /dev/null
SELECT code FROM attempt();
