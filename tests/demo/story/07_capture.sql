\echo
\echo '━━━ Chapter 7. Tables of the application, tracked ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━'
\echo
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
\echo 'What was recorded, oldest first. The UPDATE of seen_at is none; the members go with their team:'
SELECT action_type, resource_type, changed_fields, coalesce(new_values ->> 'name', new_values ->> 'role', new_values ->> 'command') AS new,
       new_values -> 'api_key' AS key, request_id
FROM audit_events WHERE resource_type IN ('team', 'team_member', 'table') ORDER BY created_at, id;
SELECT audit_untrack_table('demo.team'), audit_untrack_table('demo.team_member') \g /dev/null
