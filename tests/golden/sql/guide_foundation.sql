-- Guide, steps 1.1 to 1.3: CREATE EXTENSION is the migration, the verification queries, and the calls of the helper.
-- Contract 9: pg_partitioned_table has no column relname; the form to use stands beside the guide's.
\i tests/golden/prelude.sql
CREATE EXTENSION audit_ext;

-- Step 1.2: check main table exists
SELECT * FROM information_schema.tables
WHERE table_name = 'audit_events';

-- Check partitions: as the guide has it …
SELECT * FROM pg_partitioned_table
WHERE relname = 'audit_events';
\echo :LAST_ERROR_SQLSTATE
-- … and the form to use.
SELECT partrelid::regclass, partstrat, pg_get_partkeydef(partrelid) FROM pg_partitioned_table
WHERE partrelid = 'audit_events'::regclass;
SELECT test.masked(inhrelid::regclass::text) AS partition FROM pg_inherits
WHERE inhparent IN ('audit_events'::regclass, 'audit_events_archive'::regclass) ORDER BY 1;

-- Check indexes: the parent, three months and the default partition of both tables, three indexes each.
SELECT * FROM pg_indexes
WHERE tablename LIKE 'audit_events%' \g /dev/null
\echo :ROW_COUNT
SELECT tablename, array_agg(substring(indexdef FROM '\(.*$') ORDER BY indexdef) AS keys FROM pg_indexes
WHERE tablename IN ('audit_events', 'audit_events_archive') GROUP BY tablename ORDER BY tablename;

-- Step 1.3: the helper's calls, all parameters by name.
SELECT insert_audit_event(
  p_action_type := 'TEST_EVENT',
  p_resource_type := 'workspace',
  p_resource_id := '10000000-0000-4000-8000-000000000123',
  p_workspace_id := '10000000-0000-4000-8000-000000000123',
  p_created_by_user_id := '20000000-0000-4000-8000-000000000123',
  p_old_values := '{"name": "old", "plan": "free"}',
  p_new_values := '{"name": "new", "plan": "free"}',
  p_ip_address := '203.0.113.7',
  p_user_agent := 'helper/1.0',
  p_tags := '{security,billing}',
  p_metadata := '{"source": "web"}'
) AS event \gset
SELECT action_type, resource_type, resource_id, workspace_id, created_by_user_id, old_values, new_values, changed_fields,
       ip_address, user_agent, request_id, tags, metadata, is_archived, id = :'event' AS is_the_one
FROM get_audit_trail(
  p_workspace_id := '10000000-0000-4000-8000-000000000123',
  p_resource_type := 'workspace',
  p_resource_id := '10000000-0000-4000-8000-000000000123',
  p_days_back := 30,
  p_limit := 100
) \gx

-- Test 1: verify in database
SELECT * FROM audit_events
WHERE action_type = 'TEST_EVENT'
ORDER BY created_at DESC LIMIT 1 \g /dev/null
\echo :ROW_COUNT

-- The workspace has its policy with the defaults, and nothing else happened.
SELECT workspace_id, hot_retention_days, warm_archive_days, is_compliance_mode, compliance_reason, requires_approval, archive_by
FROM audit_retention_policies ORDER BY workspace_id;
SELECT (SELECT count(*) FROM audit_events) AS events, (SELECT count(*) FROM audit_events_archive) AS archived,
       (SELECT count(*) FROM audit_deletion_log) AS deletions;
