-- The guide's layer 5 and its test 4, as written there; placeholder ids are real UUIDs.
\i tests/golden/prelude.sql
CREATE EXTENSION audit_ext;
-- The application's table that step 5.3 joins.
CREATE TABLE users (id uuid PRIMARY KEY, email text);
INSERT INTO users VALUES ('20000000-0000-4000-8000-000000000007', 'dpo@example.org');

-- Step 5.1
-- Check deletion log is empty
SELECT * FROM audit_deletion_log;

-- Check audit_events has soft-delete columns
SELECT column_name FROM information_schema.columns
WHERE table_name = 'audit_events'
AND column_name IN ('deleted_at', 'deleted_by_user_id', 'deletion_reason') ORDER BY ordinal_position;

-- Test 4
-- Create test user events
INSERT INTO audit_events (
  created_by_user_id, action_type, resource_type, 
  resource_id, workspace_id
) VALUES (
  '20000000-0000-4000-8000-000000000001'::uuid, 'TEST_DELETE', 'workspace',
  gen_random_uuid(), '10000000-0000-4000-8000-000000000001'::uuid
);
SELECT insert_audit_event('RENAME', 'workspace', NULL, '10000000-0000-4000-8000-000000000001', '20000000-0000-4000-8000-000000000001', '{"name": "Ann"}', '{"name": "Anne"}',
  '203.0.113.7', 'agent of Ann', ARRAY['ann'], '{"email": "ann@example.org"}', 'request of Ann') IS NOT NULL AS recorded;
SELECT insert_audit_event('RENAME', 'workspace', NULL, '10000000-0000-4000-8000-000000000001', '20000000-0000-4000-8000-000000000002', '{"name": "Bob"}', '{"name": "Rob"}') IS NOT NULL AS recorded;

-- Call GDPR deletion
SELECT set_config('audit_ext.user_id', '20000000-0000-4000-8000-000000000007', false) IS NOT NULL AS acting;
SELECT (delete_user_audit_events_compliant(
  p_user_id := '20000000-0000-4000-8000-000000000001'::uuid,
  p_workspace_id := '10000000-0000-4000-8000-000000000001'::uuid,
  p_authority := 'GDPR',
  p_approval_ticket_id := '5d1a0a3e-0000-4000-8000-000000000001'::uuid
)).deleted_count;

-- Verify soft-delete
SELECT deleted_at IS NOT NULL AS deleted, deletion_reason, deleted_by_user_id FROM audit_events 
WHERE created_by_user_id = '20000000-0000-4000-8000-000000000001'::uuid;

-- Check deletion log
SELECT deleted_by_user_id, deleted_by_role = session_user AS "by the session user", subject_user_id, deletion_authority, deletion_reason, approval_ticket_id, event_count, is_irrevocable,
  deleted_at = (SELECT max(deleted_at) FROM audit_events) AS "at the same time", oldest_event_at < newest_event_at AS span FROM audit_deletion_log WHERE deletion_authority = 'GDPR';

-- The payload is gone, everything else and everybody else's is there.
SELECT action_type, resource_type, resource_id IS NOT NULL AS resource, old_values, new_values, changed_fields, ip_address, user_agent, request_id, tags, metadata FROM audit_events WHERE workspace_id = '10000000-0000-4000-8000-000000000001' AND action_type NOT LIKE 'AUDIT%' ORDER BY created_at;
-- Readers of the trail do not see what was erased.
SELECT action_type, new_values->>'name' AS name FROM get_audit_trail('10000000-0000-4000-8000-000000000001') WHERE action_type NOT LIKE 'AUDIT%';

-- Step 5.2: what delete-user-gdpr.ts gets: one object, data.deleted_count and data.deletion_log_id; a second call finds nothing and is logged.
SELECT jsonb_typeof(data) AS shape, data->'deleted_count' AS deleted_count, (data->>'deletion_log_id')::uuid IS NOT NULL AS deletion_log_id
FROM (SELECT to_jsonb(delete_user_audit_events_compliant(p_user_id := '20000000-0000-4000-8000-000000000001', p_workspace_id := '10000000-0000-4000-8000-000000000001', p_authority := 'CCPA', p_approval_ticket_id := 'CCPA-2026-001'))) AS answer (data);

-- Step 5.3
-- See who deleted what and when
SELECT
  dl.id IS NOT NULL AS id,
  dl.deleted_at IS NOT NULL AS deleted_at,
  u.email as deleted_by,
  dl.deletion_authority,
  dl.deletion_reason,
  dl.approval_ticket_id
FROM audit_deletion_log dl
LEFT JOIN users u ON dl.deleted_by_user_id = u.id
ORDER BY dl.deleted_at DESC;

-- Verify irrevocable deletions
SELECT deletion_authority, event_count FROM audit_deletion_log WHERE is_irrevocable = TRUE ORDER BY deleted_at;

-- Step 5.4: the approval; the trail tells each step by itself.
SELECT request_audit_deletion('20000000-0000-4000-8000-000000000002', '10000000-0000-4000-8000-000000000001', 'GDPR', 'asked by letter') AS request \gset
CREATE ROLE t_second SUPERUSER;
SELECT session_user AS me \gset
SET SESSION AUTHORIZATION t_second;
SELECT deleted_count FROM approve_audit_deletion(:'request', 'GDPR-2026-002');
SET SESSION AUTHORIZATION :"me";
SELECT action_type, metadata->'audit_ext'->>'session_user' = 't_second' AS "by the second", new_values->>'state' AS state FROM audit_events WHERE action_type LIKE 'AUDIT_DELETION%' ORDER BY created_at;
