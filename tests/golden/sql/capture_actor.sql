-- Whose deed a captured change is, where it is filed, and what of the request is kept; the membership check lets captured events pass.
\i tests/golden/prelude.sql
CREATE EXTENSION audit_ext;
CREATE TABLE item (id int PRIMARY KEY, workspace_id uuid, name text);
SELECT audit_track_table('item') \g /dev/null
CREATE TABLE country (code text PRIMARY KEY, name text);
SELECT audit_track_table('country', NULL) \g /dev/null
CREATE VIEW last AS SELECT CASE workspace_id WHEN audit_resource_id('workspace', 'acme') THEN 'acme' ELSE right(workspace_id::text, 2) END AS workspace, CASE created_by_user_id
    WHEN audit_resource_id('db_role', session_user) THEN 'db_role ' || session_user ELSE right(created_by_user_id::text, 2) END AS actor,
  ip_address, user_agent, request_id, metadata - 'key' AS metadata FROM audit_events WHERE action_type NOT LIKE 'AUDIT%' ORDER BY created_at DESC LIMIT 1;
\set w '10000000-0000-4000-8000-000000000001'
-- No request: the role that logged in, by name; the row's workspace, else the nil UUID.
INSERT INTO item VALUES (1, :'w', 'a'); TABLE last;
INSERT INTO country VALUES ('fr', 'France'); TABLE last;
INSERT INTO item VALUES (2, NULL, 'a'); TABLE last;
-- SET ROLE is told, too.
CREATE ROLE t_app;
GRANT ALL ON item, country TO t_app;
SET ROLE t_app;
UPDATE item SET name = 'b' WHERE id = 1;
RESET ROLE;
TABLE last;
-- A configured system actor and default workspace: for superusers to set; nonsense in them is as if they were not set.
ALTER DATABASE golden SET audit_ext.system_actor = '30000000-0000-4000-8000-0000000000aa';
ALTER DATABASE golden SET audit_ext.default_workspace = '30000000-0000-4000-8000-0000000000bb';
\c
UPDATE country SET name = 'La France'; TABLE last;
SET audit_ext.system_actor = 'nobody'; SET audit_ext.default_workspace = '';
UPDATE country SET name = 'Frankreich'; TABLE last;
SET ROLE t_app;
SET audit_ext.system_actor = '30000000-0000-4000-8000-0000000000cc';
SET audit_ext.default_workspace = '30000000-0000-4000-8000-0000000000cc';
SET audit_ext.capture_value_limit = 1024;
RESET ROLE;
RESET ALL;
-- A request: its user, address, agent, id; its workspace where the row tells none.
BEGIN;
SELECT set_config('audit_ext.user_id', '20000000-0000-4000-8000-000000000007', true), set_config('audit_ext.workspace_id', '10000000-0000-4000-8000-000000000009', true),
  set_config('audit_ext.ip_address', '203.0.113.9', true), set_config('audit_ext.user_agent', 'agent', true), set_config('audit_ext.request_id', 'r-1', true) \g /dev/null
UPDATE item SET name = 'c' WHERE id = 1; TABLE last;
UPDATE country SET name = 'Francia'; TABLE last;
COMMIT;
UPDATE item SET name = 'after the request' WHERE id = 1; TABLE last;
-- PostgREST's settings, and malformed ones: the write goes through.
BEGIN;
SELECT set_config('request.jwt.claims', '{"sub": "20000000-0000-4000-8000-000000000008"}', true),
  set_config('request.headers', '{"x-forwarded-for": "198.51.100.3, 10.0.0.1", "user-agent": "Mozilla", "x-request-id": "r-2"}', true) \g /dev/null
UPDATE item SET name = 'd' WHERE id = 1; TABLE last;
SELECT set_config('request.jwt.claims', '{"sub": "no', true), set_config('request.headers', '[1', true), set_config('audit_ext.ip_address', '300.1.1.1', true),
  set_config('audit_ext.user_id', 'x', true), set_config('audit_ext.workspace_id', 'y', true) \g /dev/null
UPDATE item SET name = 'e' WHERE id = 1; TABLE last;
COMMIT;
-- A workspace column of type text: what is no UUID there is the key of a workspace.
CREATE TABLE label (id int PRIMARY KEY, tenant varchar(50));
SELECT audit_track_table('label', 'tenant') \g /dev/null
INSERT INTO label VALUES (1, :'w'); TABLE last;
INSERT INTO label VALUES (2, 'acme'); TABLE last;
-- A row that changes its workspace leaves one trail and enters the other: the last event is filed where it is now.
UPDATE item SET workspace_id = '10000000-0000-4000-8000-000000000002' WHERE id = 1; TABLE last;

-- Membership: a workspace is created, joined and left by its members; events of capture are not checked, those of people are.
CREATE TABLE workspaces (id uuid PRIMARY KEY, name text);
CREATE TABLE workspace_members (workspace_id uuid, user_id uuid, PRIMARY KEY (workspace_id, user_id));
SELECT audit_track_table('workspaces', p_workspace_column => 'id'), audit_track_table('workspace_members') \g /dev/null
SELECT audit_set_membership_source('workspace_members', 'workspace_id', 'user_id') \g /dev/null
SELECT set_config('audit_ext.user_id', '20000000-0000-4000-8000-000000000007', false) \g /dev/null
INSERT INTO workspaces VALUES (:'w', 'mine');
INSERT INTO workspace_members VALUES (:'w', '20000000-0000-4000-8000-000000000007');
SELECT insert_audit_event('MEMBER_ACTS', 'workspace', NULL, :'w') IS NOT NULL AS recorded;
DELETE FROM workspace_members;
SELECT code, constraint_name FROM test.refusal($$SELECT insert_audit_event('STRANGER_ACTS', 'workspace', NULL, '10000000-0000-4000-8000-000000000001')$$);
UPDATE workspaces SET name = 'gone';
SELECT action_type, resource_type, CASE WHEN metadata ? 'key' THEN 'by key' ELSE right(resource_id::text, 2) END AS resource, metadata FROM get_audit_trail(:'w') WHERE resource_type LIKE 'workspace%' ORDER BY created_at, id;
-- The guide's next steps, as a trail to read.
SELECT action_type, changed_fields FROM get_audit_trail(:'w', 'workspaces') LIMIT 2;
