-- The story of an audit trail, told on 24,000 events of six workspaces over five months: psql -X -q -f tests/demo/story.sql
\set ON_ERROR_STOP off
\pset footer off
\set VERBOSITY default
SET client_min_messages = warning;
SET timezone = 'UTC';
DROP SCHEMA IF EXISTS demo CASCADE;

\echo
\echo '== 1. CREATE EXTENSION audit_ext'
CREATE EXTENSION IF NOT EXISTS audit_ext;
SELECT count(*) FILTER (WHERE relkind = 'r') AS partitions, string_agg(DISTINCT version, ', ') AS version
FROM pg_class, (SELECT extversion AS version FROM pg_extension WHERE extname = 'audit_ext') AS extension
WHERE relname ~ '^audit_events(_archive)?_';

-- Made-up companies and people with fixed ids.
CREATE SCHEMA demo;
CREATE TABLE demo.workspaces AS
  SELECT n, md5('workspace ' || n)::uuid AS id, name
  FROM unnest(ARRAY['Acme', 'Bolt Logistics', 'Cedar Health', 'Delta Bank', 'Elm School', 'Fjord Media']) WITH ORDINALITY AS w (name, n);
CREATE TABLE demo.people AS
  SELECT p, md5('person ' || p)::uuid AS id FROM generate_series(1, 120) AS p;
-- Who did what, when: about as often in each month, in the order of time.
CREATE TABLE demo.history AS
  SELECT first + (now() - first) * (step / 24001.0) AS at, w.id AS workspace, person.id AS person,
         actions[1 + step % 8] AS action, kinds[1 + step % 8] AS kind, md5('resource ' || (step * 7919) % 900)::uuid AS resource, step
  FROM generate_series(1, 24000) AS step
  JOIN demo.workspaces AS w ON w.n = 1 + (step::bigint * step + step / 3) % 6
  JOIN demo.people AS person ON person.p = 1 + (step * 31) % 120,
  (SELECT date_trunc('month', now()) - interval '5 months' AS first,
          ARRAY['UPDATE_DOCUMENT', 'VIEW_REPORT', 'LOGIN', 'INVITE_MEMBER', 'UPDATE_DOCUMENT', 'EXPORT_DATA', 'CHANGE_ROLE', 'CREATE_DOCUMENT'] AS actions,
          ARRAY['document', 'report', 'session', 'member', 'document', 'export', 'member', 'document'] AS kinds) AS words;

\echo '== 2. Five months of history: 24,000 events with their own times, in order'
DO $$
DECLARE
  month timestamptz;
  recorded bigint;
BEGIN
  SET LOCAL client_min_messages = notice;
  FOR month IN SELECT DISTINCT date_trunc('month', at) FROM demo.history ORDER BY 1 LOOP
    INSERT INTO audit_events (created_at, workspace_id, created_by_user_id, action_type, resource_type, resource_id, old_values, new_values, ip_address, user_agent, tags)
    SELECT at, workspace, person, action, kind, CASE WHEN kind <> 'session' THEN resource END,
           CASE WHEN action LIKE 'UPDATE%' THEN jsonb_build_object('title', 'Draft ' || step, 'pages', step % 40) END,
           CASE WHEN action LIKE 'UPDATE%' THEN jsonb_build_object('title', 'Final ' || step, 'pages', step % 40, 'signed', step % 2 = 0) END,
           ('203.0.113.' || step % 250)::inet, 'Mozilla/5.0', CASE WHEN action = 'EXPORT_DATA' THEN ARRAY['security'] END
    FROM demo.history WHERE date_trunc('month', at) = month ORDER BY at;
    GET DIAGNOSTICS recorded = ROW_COUNT;
    RAISE NOTICE '%: % events', to_char(month, 'YYYY-MM'), recorded;
  END LOOP;
END $$;

\echo
\echo '== 3. Past months had no partition: nothing was refused, the events waited in the default partition'
SELECT parent_table, default_partition_rows FROM partition_schedule ORDER BY parent_table;
SET client_min_messages = notice;
SELECT partition_name FROM create_monthly_audit_partition() WHERE partition_name NOT LIKE '%archive%';
SET client_min_messages = warning;
\echo 'The partition schedule now:'
SELECT * FROM partition_schedule ORDER BY parent_table;

\echo '== 4. An event, recorded live and read back'
-- The document that its workspace worked on most.
SELECT workspace, resource, min(person::text) AS person FROM demo.history WHERE kind = 'document'
GROUP BY workspace, resource ORDER BY count(*) DESC, resource LIMIT 1 \gset
SELECT insert_audit_event('RENAME_DOCUMENT', 'document', :'resource', :'workspace', :'person',
  p_old_values => '{"title": "Draft", "pages": 12}', p_new_values => '{"title": "Contract", "pages": 12}',
  p_ip_address => '203.0.113.7') AS event \gset
SELECT created_at, action_type, old_values, new_values, changed_fields FROM audit_events WHERE id = :'event';

\echo '== 5. What is refused, and what it says'
\echo '-- an empty action'
SELECT insert_audit_event('', 'document', :'resource', :'workspace', :'person');
\echo '-- an UPDATE'
UPDATE audit_events SET action_type = 'NOTHING_HAPPENED' WHERE id = :'event';
\echo '-- a TRUNCATE of a partition, even by a superuser with triggers switched to replica'
SET session_replication_role = replica;
SELECT format('TRUNCATE %I', 'audit_events_' || to_char(now(), 'YYYY_MM')) \gexec
RESET session_replication_role;
\echo '-- an event dated back'
INSERT INTO audit_events (created_at, workspace_id, created_by_user_id, action_type, resource_type)
VALUES (now() - interval '1 day', :'workspace', :'person', 'LATE_EVENT', 'document');

\echo
\echo '== 6. The trail of one resource, newest first'
SELECT created_at::timestamptz(0), action_type, changed_fields, ip_address, is_archived
FROM get_audit_trail(:'workspace', 'document', :'resource', p_days_back => 200, p_limit => 8);

\echo '== 7. What a security officer looks at: the last week'
SELECT action_type, count(*) FROM vw_security_audit WHERE created_at > now() - interval '7 days'
GROUP BY action_type ORDER BY count(*) DESC, action_type LIMIT 6;

\echo '== 8. A role that may record, and nothing else'
DROP ROLE IF EXISTS demo_app;
CREATE ROLE demo_app;
SELECT audit_grant('demo_app', 'writer') \g /dev/null
SET ROLE demo_app;
SELECT insert_audit_event('LOGIN', 'session', NULL, :'workspace', :'person') IS NOT NULL AS recorded;
SELECT count(*) FROM audit_events;
RESET ROLE;
SELECT audit_revoke('demo_app', 'writer') \g /dev/null
REVOKE USAGE ON SCHEMA public FROM demo_app;
DROP ROLE demo_app;

\echo
\echo '== 9. Tables of the application, tracked: their changes become events by themselves'
CREATE TABLE demo.team (id uuid PRIMARY KEY, workspace_id uuid, name text, api_key text, seen_at timestamptz);
CREATE TABLE demo.team_member (workspace_id uuid, team_id uuid REFERENCES demo.team ON DELETE CASCADE, person uuid, role text DEFAULT 'reader', PRIMARY KEY (team_id, person));
SELECT audit_track_table('demo.team', p_ignored_columns => '{seen_at}', p_masked_columns => '{api_key}'),
       audit_track_table('demo.team_member') \g /dev/null
SELECT table_name, workspace_column, ignored_columns, masked_columns, capture FROM audit_tracked_tables ORDER BY table_name;
BEGIN;
SELECT set_config('audit_ext.user_id', :'person', true), set_config('audit_ext.request_id', 'request-42', true) \g /dev/null
INSERT INTO demo.team VALUES (md5('team')::uuid, :'workspace', 'Legal', 'key-1', now());
INSERT INTO demo.team_member (workspace_id, team_id, person) SELECT :'workspace', md5('team')::uuid, id FROM demo.people WHERE p <= 2;
UPDATE demo.team SET name = 'Legal and Risk', api_key = 'key-2';
UPDATE demo.team SET seen_at = now();
UPDATE demo.team_member SET role = 'owner' WHERE person = (SELECT id FROM demo.people WHERE p = 1);
COMMIT;
ALTER TABLE demo.team RENAME COLUMN api_key TO secret;
DELETE FROM demo.team;
\echo 'What was recorded, oldest first; the members go with their team:'
SELECT action_type, resource_type, changed_fields, coalesce(new_values ->> 'name', new_values ->> 'role', new_values ->> 'command') AS new,
       new_values -> 'api_key' AS key, request_id
FROM audit_events WHERE resource_type IN ('team', 'team_member', 'table') ORDER BY created_at, id;
SELECT audit_untrack_table('demo.team'), audit_untrack_table('demo.team_member') \g /dev/null

\echo
\echo '== 10. Retention: what is past its hot period moves to the archive, and the trail reads both'
SELECT location, outcome, event_count FROM explain_audit_retention(:'workspace');
SELECT * FROM archive_old_audit_events();
SELECT is_archived, count(*) FROM get_audit_trail(:'workspace', p_days_back => 200, p_limit => 10000) GROUP BY is_archived ORDER BY 1;
\echo '-- an archived event comes back'
SELECT restore_audit_events(ARRAY[(SELECT id FROM audit_events_archive WHERE workspace_id = :'workspace' ORDER BY id LIMIT 1)]) AS restored;

\echo '== 11. A person asks to be forgotten: payload is erased, the fact stays, a certificate tells'
SELECT deletion_log_id AS entry, deleted_count FROM delete_user_audit_events_compliant(:'person', :'workspace', 'GDPR', 'TICKET-4711') \gset
SELECT :'deleted_count' AS deleted_count;
SELECT action_type, new_values, ip_address, deleted_at IS NOT NULL AS erased, deletion_reason
FROM audit_events WHERE id = :'event';
SELECT certificate->>'authority' AS authority, certificate->>'approval_ticket_id' AS ticket, certificate->'events_by_month' AS events_by_month
FROM audit_deletion_certificate(:'entry') AS certificate;

\echo '== 12. Is all well?'
SELECT check_name, status, detail FROM audit_health();
