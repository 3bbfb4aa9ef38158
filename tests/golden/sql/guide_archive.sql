-- The guide's layer 3, its test 3 and its monitoring, as written there; placeholder ids are real UUIDs, and job names are looked up where pg_cron is.
\i tests/golden/prelude.sql
CREATE EXTENSION audit_ext;
-- Three workspaces with events of 200, 100 and 10 days ago.
INSERT INTO audit_events (created_at, created_by_user_id, action_type, resource_type, resource_id, workspace_id, old_values, new_values, tags, metadata)
SELECT now() - days * interval '1 day', '20000000-0000-4000-8000-000000000001', 'AGED_' || days, 'workspace', workspace, workspace, '{"n": 1}', '{"n": 2}', ARRAY['t'], '{"m": true}'
FROM (VALUES ('10000000-0000-4000-8000-000000000001'::uuid), ('10000000-0000-4000-8000-000000000002'), ('10000000-0000-4000-8000-000000000003')) AS w (workspace), unnest(ARRAY[200, 100, 10]) AS days;
SET client_min_messages = warning;
SELECT count(*) > 0 AS made FROM create_monthly_audit_partition();
RESET client_min_messages;

-- Step 3.1
-- Update default policy (90 days hot, 365 days warm)
UPDATE audit_retention_policies
SET hot_retention_days = 90, warm_archive_days = 365
WHERE workspace_id = '10000000-0000-4000-8000-000000000001'::uuid;

-- View all policies
SELECT workspace_id, hot_retention_days, warm_archive_days, is_compliance_mode FROM audit_retention_policies ORDER BY 1;

-- GDPR/HIPAA/SOC2 mode - never auto-delete
UPDATE audit_retention_policies
SET is_compliance_mode = TRUE, compliance_reason = 'GDPR'
WHERE workspace_id = '10000000-0000-4000-8000-000000000002'::uuid;

-- Test 3: Manually trigger archive for old test data
SELECT archive_old_audit_events();

-- Verify events moved to archive
SELECT COUNT(*) as archived_count FROM audit_events_archive;

-- Check deletion log was created
SELECT deletion_authority, event_count, newest_event_at - oldest_event_at AS span, is_irrevocable, deleted_by_role = session_user AS "by the session user", acting_role = session_user AS "in its own role",
  deleted_by_user_id, subject_user_id, approval_ticket_id, deletion_reason FROM audit_deletion_log ORDER BY deleted_at DESC LIMIT 1;
SELECT workspace_id, event_count FROM audit_deletion_log ORDER BY 1;

-- Step 3.2, option B: what archive-audit.ts gets, data[0].archived_count and data[0].deleted_count; nothing is left to do.
SELECT json_agg(answer) AS data FROM archive_old_audit_events() AS answer;

-- Step 3.3
-- Check how many events are in hot storage
SELECT COUNT(*) as hot_events FROM audit_events WHERE action_type NOT LIKE 'AUDIT_%';

-- View archive progress by workspace
SELECT
  workspace_id,
  COUNT(*) as archived_events,
  MAX(created_at) - MIN(created_at) AS between_newest_and_oldest
FROM audit_events_archive
GROUP BY workspace_id ORDER BY 1;

-- Step 3.4
SELECT id AS event, md5(e::text) AS digest FROM audit_events_archive AS e WHERE action_type = 'AGED_100' AND workspace_id = '10000000-0000-4000-8000-000000000003' \gset
-- Recover an archived event back to hot storage
WITH restored AS (
  DELETE FROM audit_events_archive
  WHERE id = :'event'::uuid
  RETURNING *
)
INSERT INTO audit_events (
  id, created_at, created_by_user_id, action_type, resource_type,
  resource_id, workspace_id, old_values, new_values, changed_fields,
  ip_address, user_agent, request_id, tags, metadata
)
SELECT 
  id, created_at, created_by_user_id, action_type, resource_type,
  resource_id, workspace_id, old_values, new_values, changed_fields,
  ip_address, user_agent, request_id, tags, metadata
FROM restored;
SELECT md5(e::text) = :'digest' AS "byte for byte" FROM audit_events AS e WHERE id = :'event';
SELECT count(*) AS "still archived" FROM audit_events_archive WHERE id = :'event';
-- The next run does not take it away again; it is kept for thirty days.
SELECT archive_old_audit_events();
SELECT event_id = :'event' AS "the event", keep_hot_until - restored_at > interval '29 days 23 hours' AND keep_hot_until - restored_at < interval '30 days 1 hour' AS "thirty days" FROM audit_restored_events;

-- The trail reads both.
SELECT action_type, is_archived FROM get_audit_trail('10000000-0000-4000-8000-000000000003', p_days_back => 365) WHERE action_type NOT LIKE 'AUDIT_%';

-- Without pg_cron: what to call instead. (With it, see tests/durability.)
SELECT code, message, hint FROM test.refusal('SELECT * FROM audit_schedule_jobs()');

-- Monthly maintenance
SELECT archive_old_audit_events();
ANALYZE audit_events;
