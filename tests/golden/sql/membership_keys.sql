-- A membership source that tells workspaces by keys: what is recorded for audit_resource_id('workspace', key::text) is checked against the key.
\i tests/golden/prelude.sql
CREATE EXTENSION audit_ext;
\set ann '20000000-0000-4000-8000-00000000000a'
\set bob '20000000-0000-4000-8000-00000000000b'
CREATE FUNCTION attempt(p_user uuid, p_key text) RETURNS text LANGUAGE sql AS $$
  SELECT code || coalesce(' ' || nullif(constraint_name, ''), '')
  FROM test.refusal(format('SELECT insert_audit_event(''A'', ''r'', NULL, %L, %L)', CASE WHEN length(p_key) = 36 THEN p_key::uuid ELSE audit_resource_id('workspace', p_key) END, p_user))
$$;
CREATE TABLE members (company bigint, person uuid, PRIMARY KEY (company, person));
INSERT INTO members VALUES (1, :'ann'), (2, :'ann'), (2, :'bob'), (9223372036854775807, :'bob');
SELECT audit_set_membership_source('members', 'company', 'person') \g /dev/null
SELECT key, attempt(:'ann', key) AS ann, attempt(:'bob', key) AS bob FROM unnest(ARRAY['1', '2', '3', '9223372036854775807', '01']) AS key;
-- Keys that the session knows by now are asked for again each time.
DELETE FROM members WHERE company = 2 AND person = :'ann';
SELECT key, attempt(:'ann', key) AS ann, attempt(:'bob', key) AS bob FROM unnest(ARRAY['1', '2']) AS key;
INSERT INTO members VALUES (2, :'ann');
SELECT attempt(:'ann', '2') AS ann;
-- In the same transaction, and by any path; many workspaces at once.
BEGIN;
INSERT INTO members VALUES (77, :'bob');
SELECT attempt(:'bob', '77') AS bob;
ROLLBACK;
SELECT attempt(:'bob', '77') AS bob;
INSERT INTO audit_events (action_type, resource_type, workspace_id, created_by_user_id) SELECT 'A', 'r', audit_resource_id('workspace', key), :'bob' FROM unnest(ARRAY['2', '9223372036854775807']) AS key;
INSERT INTO audit_events (action_type, resource_type, workspace_id, created_by_user_id) SELECT 'A', 'r', audit_resource_id('workspace', key), :'bob' FROM unnest(ARRAY['2', '1']) AS key;
\echo :LAST_ERROR_SQLSTATE

-- What a tracked table records of a workspace, its members may add to and read, also through a gateway; others may not.
CREATE TABLE project (id int PRIMARY KEY, company bigint, name text);
SELECT audit_track_table('project', 'company') \g /dev/null
INSERT INTO project VALUES (1, 1, 'of the first');
CREATE ROLE t_gateway LOGIN;
SELECT audit_grant('t_gateway', level) FROM unnest(ARRAY['gateway', 'reader', 'writer']) AS level \g /dev/null
SELECT insert_audit_event('COMMENTED', 'project', NULL, workspace_id, :'ann') IS NOT NULL AS recorded FROM audit_events WHERE resource_type = 'project';
SELECT audit_resource_id('workspace', '1') AS first \gset
\connect - t_gateway
SET audit_ext.user_id = :'ann';
SELECT action_type FROM get_audit_trail(:'first', 'project') ORDER BY created_at, id;
SET audit_ext.user_id = :'bob';
SELECT count(*) AS bob_sees FROM get_audit_trail(:'first', 'project');
\connect - postgres
\set SHOW_CONTEXT never

-- Texts: keys, and ids however they are spelt; char(n), domains, enums.
CREATE TYPE plan AS ENUM ('free', 'Pro plan'); CREATE DOMAIN slug AS varchar(20); CREATE DOMAIN account AS uuid;
CREATE TABLE texts (a text, b char(9), c slug, d plan, e date, f account, person varchar(36), no_user int, document jsonb, list text[]);
INSERT INTO texts SELECT 'acme', 'ab', 'acme', 'Pro plan', '2026-02-01', '10000000-0000-4000-8000-00000000000c', :'ann';
INSERT INTO texts (a, person) VALUES ('10000000-0000-4000-8000-0000000000AB', :'ann'), (NULL, :'bob');
CREATE FUNCTION by(p_column text, p_key text, p_user uuid) RETURNS text LANGUAGE plpgsql AS $$
BEGIN PERFORM audit_set_membership_source('texts', p_column::name, 'person'); RETURN attempt(p_user, p_key); END $$;
SET DateStyle = 'German';
SELECT name, key, by(name, key, :'ann') AS ann, by(name, key, :'bob') AS bob
FROM (VALUES ('a', 'acme'), ('a', 'Acme'), ('a', '10000000-0000-4000-8000-0000000000ab'), ('b', 'ab'), ('c', 'acme'), ('d', 'Pro plan'), ('d', 'free'), ('e', '2026-02-01'),
  ('f', '10000000-0000-4000-8000-00000000000c'), ('f', 'acme')) AS given (name, key);
RESET DateStyle;
-- The type changes under way.
SELECT by('b', 'ab', :'ann');
ALTER TABLE texts ALTER b TYPE text;
SELECT attempt(:'ann', 'ab');
ALTER TABLE texts ALTER b TYPE text[] USING ARRAY[b];
SELECT * FROM test.refusal(format('SELECT insert_audit_event(''A'', ''r'', NULL, %L, %L)', audit_resource_id('workspace', 'ab'), :'ann'));
-- Users are told apart by uuid alone.
SELECT workspace, person, code, message, hint FROM (VALUES ('a', 'no_user'), ('document', 'person'), ('list', 'person')) AS given (workspace, person),
  test.refusal(format('SELECT audit_set_membership_source(''texts'', %L, %L)', workspace, person));

-- A key that is written as the id of another key's workspace is a key by itself: its members are no members there, and a tracked table files nothing there.
CREATE TABLE tenants (slug text, person uuid);
SELECT audit_resource_id('workspace', 'acme') AS acme \gset
INSERT INTO tenants VALUES ('acme', :'ann'), (:'acme', :'bob'), (replace(:'acme', '-', ''), :'bob'), ('30000000-0000-4000-8000-000000000001', :'bob');
SELECT audit_set_membership_source('tenants', 'slug', 'person') \g /dev/null
SELECT attempt(:'ann', 'acme') AS ann, attempt(:'bob', 'acme') AS bob, attempt(:'bob', '30000000-0000-4000-8000-000000000001') AS "bob, by an id";
CREATE TABLE notes (id int PRIMARY KEY, slug text);
SELECT audit_track_table('notes', 'slug') \g /dev/null
INSERT INTO notes VALUES (1, 'acme'), (2, :'acme'), (3, replace(:'acme', '-', '')), (4, '30000000-0000-4000-8000-000000000001');
SELECT new_values ->> 'id' AS note, workspace_id = :'acme' AS "of acme", workspace_id = '30000000-0000-4000-8000-000000000001' AS "by its id" FROM audit_events WHERE resource_type = 'notes' ORDER BY 1;

-- A cast of somebody else's is not called: the key is what the type prints.
CREATE TYPE tier AS ENUM ('gold', 'free');
CREATE FUNCTION always_gold(tier) RETURNS text LANGUAGE sql RETURN 'gold';
CREATE CAST (tier AS text) WITH FUNCTION always_gold(tier);
CREATE TABLE tiers (tier tier, person uuid);
INSERT INTO tiers VALUES ('free', :'ann'), (NULL, :'ann');
SELECT audit_set_membership_source('tiers', 'tier', 'person') \g /dev/null
SELECT attempt(:'ann', 'free') AS free, attempt(:'ann', 'gold') AS gold, attempt(:'ann', '') AS nothing;
