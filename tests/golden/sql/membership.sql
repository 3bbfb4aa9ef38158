-- check_audit_workspace_membership: off by default; once a source is named, events by non-members are refused on every path.
\i tests/golden/prelude.sql
CREATE EXTENSION audit_ext;
CREATE FUNCTION paths(p_user text) RETURNS TABLE (no bigint, path text, code text, constraint_name text) LANGUAGE sql AS $$
  SELECT no, path, code, constraint_name FROM unnest(ARRAY['function', 'INSERT', 'rows', 'bulk', 'function, request''s user'], ARRAY[
    format('SELECT insert_audit_event(''A'', ''r'', NULL, ''10000000-0000-4000-8000-000000000001'', %L)', p_user),
    format('INSERT INTO audit_events (action_type, resource_type, workspace_id, created_by_user_id) VALUES (''A'', ''r'', ''10000000-0000-4000-8000-000000000001'', %L)', p_user),
    format('INSERT INTO audit_events (action_type, resource_type, workspace_id, created_by_user_id) SELECT ''A'', ''r'', ''10000000-0000-4000-8000-000000000001'', u FROM unnest(ARRAY[''20000000-0000-4000-8000-000000000001'', %L]::uuid[]) AS u', p_user),
    format('SELECT insert_audit_events(''[{"action_type": "A", "resource_type": "r", "workspace_id": "10000000-0000-4000-8000-000000000001", "created_by_user_id": "%s"}]'')', p_user),
    format('SELECT set_config(''audit_ext.user_id'', %L, true), insert_audit_event(''A'', ''r'', p_workspace_id := ''10000000-0000-4000-8000-000000000001'')', p_user)])
    WITH ORDINALITY AS given (path, statement, no), LATERAL test.refusal(statement)
$$;
\set member 20000000-0000-4000-8000-000000000001
\set stranger 20000000-0000-4000-8000-000000000009
SELECT path, code FROM paths(:'stranger') ORDER BY no;

CREATE TABLE members (workspace_id uuid, user_id uuid);
INSERT INTO members VALUES ('10000000-0000-4000-8000-000000000001', :'member'), ('10000000-0000-4000-8000-000000000002', :'stranger');
SELECT audit_set_membership_source('members', 'workspace_id', 'user_id') \g /dev/null
SELECT count(*) AS before FROM audit_events \gset
SELECT path, code, constraint_name FROM paths(:'stranger') ORDER BY no;
COPY audit_events (action_type, resource_type, workspace_id, created_by_user_id) FROM STDIN;
A	r	10000000-0000-4000-8000-000000000001	20000000-0000-4000-8000-000000000001
A	r	10000000-0000-4000-8000-000000000001	20000000-0000-4000-8000-000000000009
\.
SELECT insert_audit_events('[{"action_type": "A", "resource_type": "r", "workspace_id": "10000000-0000-4000-8000-000000000001", "created_by_user_id": "20000000-0000-4000-8000-000000000001"},
  {"action_type": "A", "resource_type": "r", "workspace_id": "10000000-0000-4000-8000-000000000001", "created_by_user_id": "20000000-0000-4000-8000-000000000009"}]');
\echo :LAST_ERROR_SQLSTATE
SELECT count(*) - :before AS "written" FROM audit_events;
SELECT path, code, constraint_name FROM paths(:'member') ORDER BY no;
-- Broken events are told what is broken first.
SELECT code, constraint_name FROM test.refusal(format('SELECT insert_audit_event('''', ''r'', NULL, ''10000000-0000-4000-8000-000000000001'', %L)', :'stranger'));

-- A membership made in the same transaction counts, and one that was rolled back does not.
BEGIN;
INSERT INTO members VALUES ('10000000-0000-4000-8000-000000000001', :'stranger');
SELECT insert_audit_event('MEMBER_INVITED', 'r', NULL, '10000000-0000-4000-8000-000000000001', :'stranger') IS NOT NULL AS recorded;
ROLLBACK;
SELECT path, code FROM paths(:'stranger') WHERE no = 1;

-- Events of the trail itself are exempt: their actor is a role or a user that is a member nowhere.
UPDATE audit_retention_policies SET hot_retention_days = 80 WHERE workspace_id = '10000000-0000-4000-8000-000000000001';
INSERT INTO audit_event_sequence VALUES ('10000000-0000-4000-8000-000000000001', gen_random_uuid(), clock_timestamp());
SELECT action_type, count(*) FROM audit_events WHERE action_type LIKE 'AUDIT%' GROUP BY 1 ORDER BY 1;
-- … which is no licence for a caller who names an action like that.
SELECT code, message FROM test.refusal(format('SELECT insert_audit_event(''AUDIT_RETENTION_POLICY_CHANGED'', ''audit_retention_policies'', NULL, ''10000000-0000-4000-8000-000000000001'', %L)', :'stranger'));

-- Text columns, compared as text.
CREATE TABLE members_text (workspace varchar(36), person text);
INSERT INTO members_text VALUES ('10000000-0000-4000-8000-000000000001', '20000000-0000-4000-8000-000000000001'), ('no uuid', NULL);
SELECT audit_set_membership_source('members_text', 'workspace', 'person') \g /dev/null
SELECT path, code FROM paths(:'member') WHERE no <= 2 ORDER BY no;
SELECT path, code FROM paths(:'stranger') WHERE no <= 2 ORDER BY no;

-- The source is read with its own owner's rights: a table that the writer cannot see, of an owner without rights on the trail,
-- under row level security that its owner is not subject to.
CREATE ROLE t_owner; CREATE ROLE t_writer;
SELECT audit_grant('t_writer', 'writer') \g /dev/null
CREATE SCHEMA private AUTHORIZATION t_owner;
SET ROLE t_owner;
CREATE TABLE private.members (workspace_id uuid, user_id uuid);
INSERT INTO private.members VALUES ('10000000-0000-4000-8000-000000000001', '20000000-0000-4000-8000-000000000001');
ALTER TABLE private.members ENABLE ROW LEVEL SECURITY;
CREATE POLICY nothing ON private.members USING (false);
RESET ROLE;
SELECT audit_set_membership_source('private.members', 'workspace_id', 'user_id') \g /dev/null
SET ROLE t_writer;
SELECT path, code FROM paths(:'member') WHERE no <> 3 ORDER BY no;
SELECT path, code FROM paths(:'stranger') WHERE no <> 3 ORDER BY no;
RESET ROLE;
-- FORCE does not change that: the source is read as a foreign key check reads its table.
ALTER TABLE private.members FORCE ROW LEVEL SECURITY;
SELECT path, code FROM paths(:'member') WHERE no = 1;

-- Disabled and enabled by the owner of the table (the guide's way out), and turned off.
ALTER TABLE audit_events DISABLE TRIGGER check_audit_workspace_membership;
SELECT path, code FROM paths(:'stranger') ORDER BY no;
ALTER TABLE audit_events ENABLE TRIGGER check_audit_workspace_membership;
SELECT path, code FROM paths(:'stranger') WHERE no = 1;
SELECT audit_set_membership_source(NULL) \g /dev/null
SELECT path, code FROM paths(:'stranger') ORDER BY no;
