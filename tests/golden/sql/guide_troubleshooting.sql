-- Guide, Troubleshooting: "Events Not Being Logged" and "Constraints Too Strict". (The archive job belongs to layer 3.)
\i tests/golden/prelude.sql
CREATE EXTENSION audit_ext;

-- Check 1: Is insert_audit_event() returning NULL?
SELECT insert_audit_event(
  'TEST', 'workspace', gen_random_uuid(),
  '10000000-0000-4000-8000-000000000123'::uuid, '20000000-0000-4000-8000-000000000123'::uuid
) AS should_return_a_uuid \gset
SELECT :'should_return_a_uuid'::uuid IS NOT NULL AS "a UUID";

-- Check 2: Is trigger firing? Names of ours start with "audit".
SELECT * FROM pg_trigger WHERE tgname LIKE 'audit%' \g /dev/null
SELECT :ROW_COUNT > 0 AS "there are triggers";
SELECT DISTINCT tgrelid::regclass::text, tgname, tgenabled FROM pg_trigger
WHERE tgrelid IN ('audit_events'::regclass, 'audit_events_archive'::regclass, 'audit_deletion_log'::regclass) AND NOT tgisinternal
ORDER BY 1, 2;

-- Manually test
INSERT INTO audit_events (
  created_by_user_id, action_type, resource_type, resource_id, workspace_id
) VALUES ('20000000-0000-4000-8000-000000000123'::uuid, 'TEST', 'ws', gen_random_uuid(), '10000000-0000-4000-8000-000000000123'::uuid);

-- Verify inserted
SELECT COUNT(*) FROM audit_events WHERE action_type = 'TEST';

-- Constraints too strict: legitimate events fail because the application's list of members lags behind.
CREATE TABLE workspace_members (workspace_id uuid, user_id uuid);
SELECT audit_set_membership_source('workspace_members', 'workspace_id', 'user_id');
SELECT insert_audit_event('BY_NO_MEMBER', 'ws', NULL,
  '10000000-0000-4000-8000-000000000123'::uuid, '20000000-0000-4000-8000-000000000123'::uuid);
\echo :LAST_ERROR_SQLSTATE

-- Temporarily disable constraint (DANGEROUS - only if debugging)
ALTER TABLE audit_events DISABLE TRIGGER check_audit_workspace_membership;
SELECT insert_audit_event('WHILE_DISABLED', 'ws', NULL,
  '10000000-0000-4000-8000-000000000123'::uuid, '20000000-0000-4000-8000-000000000123'::uuid) IS NOT NULL AS recorded;
-- The other guards are not touched by it.
SELECT code, message FROM test.refusal('DELETE FROM audit_events');
SELECT code, constraint_name FROM test.refusal($$SELECT insert_audit_event('', 'ws', NULL,
  '10000000-0000-4000-8000-000000000123', '20000000-0000-4000-8000-000000000123')$$);

-- Fix root cause
-- Re-enable
ALTER TABLE audit_events ENABLE TRIGGER check_audit_workspace_membership;
SELECT code, constraint_name FROM test.refusal($$SELECT insert_audit_event('BY_NO_MEMBER', 'ws', NULL,
  '10000000-0000-4000-8000-000000000123', '20000000-0000-4000-8000-000000000123')$$);
INSERT INTO workspace_members VALUES ('10000000-0000-4000-8000-000000000123', '20000000-0000-4000-8000-000000000123');
SELECT insert_audit_event('BY_A_MEMBER', 'ws', NULL,
  '10000000-0000-4000-8000-000000000123'::uuid, '20000000-0000-4000-8000-000000000123'::uuid) IS NOT NULL AS recorded;
-- Every partition has the trigger in the state of its parent.
SELECT DISTINCT tgenabled FROM pg_trigger WHERE tgname = 'check_audit_workspace_membership' ORDER BY 1;
SELECT action_type, count(*) FROM audit_events WHERE action_type !~ '^AUDIT_' GROUP BY 1 ORDER BY 1;
