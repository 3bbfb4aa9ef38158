-- Retention policies: a row appears with a workspace's first event, one inserted beforehand stays as it is, nonsense is refused by
-- named checks, every change is an event, nothing is deleted.
\i tests/golden/prelude.sql
CREATE EXTENSION audit_ext;
CREATE VIEW policy AS SELECT right(workspace_id::text, 2) AS workspace, hot_retention_days AS hot, warm_archive_days AS warm, is_compliance_mode AS compliance,
  compliance_reason AS reason, requires_approval AS approval, archive_by FROM audit_retention_policies;
INSERT INTO audit_retention_policies (workspace_id, hot_retention_days, warm_archive_days) VALUES ('10000000-0000-4000-8000-000000000001', 7, 30);

-- By function, INSERT of several workspaces, COPY and the bulk function.
SELECT insert_audit_event('A', 'r', NULL, '10000000-0000-4000-8000-000000000001', '20000000-0000-4000-8000-000000000001') IS NOT NULL AS recorded;
SELECT insert_audit_event('A', 'r', NULL, '10000000-0000-4000-8000-000000000002', '20000000-0000-4000-8000-000000000001') IS NOT NULL AS recorded;
INSERT INTO audit_events (action_type, resource_type, workspace_id, created_by_user_id) VALUES
  ('A', 'r', '10000000-0000-4000-8000-000000000003', '20000000-0000-4000-8000-000000000001'), ('A', 'r', '10000000-0000-4000-8000-000000000004', '20000000-0000-4000-8000-000000000001');
COPY audit_events (action_type, resource_type, workspace_id, created_by_user_id) FROM STDIN;
A	r	10000000-0000-4000-8000-000000000005	20000000-0000-4000-8000-000000000001
\.
SELECT count(*) FROM insert_audit_events('[{"action_type": "A", "resource_type": "r", "workspace_id": "10000000-0000-4000-8000-000000000006", "created_by_user_id": "20000000-0000-4000-8000-000000000001"}]');
-- A rolled back event leaves none; the next one makes it, also in the same session.
BEGIN;
SELECT insert_audit_event('A', 'r', NULL, '10000000-0000-4000-8000-000000000007', '20000000-0000-4000-8000-000000000001') IS NOT NULL AS recorded;
ROLLBACK;
SELECT count(*) FROM policy WHERE workspace = '07';
BEGIN;
SAVEPOINT before;
SELECT insert_audit_event('A', 'r', NULL, '10000000-0000-4000-8000-000000000007', '20000000-0000-4000-8000-000000000001') IS NOT NULL AS recorded;
ROLLBACK TO before;
SELECT insert_audit_event('A', 'r', NULL, '10000000-0000-4000-8000-000000000007', '20000000-0000-4000-8000-000000000001') IS NOT NULL AS recorded;
COMMIT;
SELECT * FROM policy ORDER BY workspace;
SELECT created_at IS NOT NULL AND updated_at >= created_at AS times, count(*) FROM audit_retention_policies GROUP BY 1;
-- Rows that appear by themselves are nobody's change.
SELECT right(workspace_id::text, 2) AS workspace, count(*) FROM audit_events WHERE action_type = 'AUDIT_RETENTION_POLICY_CHANGED' GROUP BY 1 ORDER BY 1;

-- Step 3.1 of the guide, with real ids.
UPDATE audit_retention_policies
SET hot_retention_days = 60, warm_archive_days = 365
WHERE workspace_id = '10000000-0000-4000-8000-000000000002'::uuid;
UPDATE audit_retention_policies
SET is_compliance_mode = TRUE, compliance_reason = 'GDPR'
WHERE workspace_id = '10000000-0000-4000-8000-000000000003'::uuid;
SELECT * FROM policy WHERE workspace IN ('02', '03') ORDER BY workspace;

-- Changes are events with old and new row; the actor is the request's user, else the role.
SELECT set_config('audit_ext.user_id', '20000000-0000-4000-8000-000000000042', false) IS NOT NULL AS "a user";
UPDATE audit_retention_policies SET requires_approval = true, archive_by = 'month' WHERE workspace_id = '10000000-0000-4000-8000-000000000004';
RESET audit_ext.user_id;
SELECT right(workspace_id::text, 2) AS workspace, resource_type, resource_id = audit_resource_id('audit_retention_policies', workspace_id::text) AS resource,
  CASE WHEN created_by_user_id = audit_resource_id('db_role', session_user) THEN 'role' ELSE right(created_by_user_id::text, 2) END AS actor,
  array_remove(changed_fields, 'updated_at') AS changed, old_values->'hot_retention_days' AS old_hot, new_values->'hot_retention_days' AS new_hot,
  old_values IS NULL AS inserted, metadata
FROM audit_events WHERE action_type = 'AUDIT_RETENTION_POLICY_CHANGED' ORDER BY created_at, id;

-- updated_at moves by itself, created_at and workspace_id stay whatever one tries.
SELECT updated_at AS before, created_at FROM audit_retention_policies WHERE workspace_id = '10000000-0000-4000-8000-000000000005' \gset
UPDATE audit_retention_policies SET hot_retention_days = 91, updated_at = '2000-01-01', created_at = '2000-01-01', workspace_id = '10000000-0000-4000-8000-0000000000ff'
WHERE workspace_id = '10000000-0000-4000-8000-000000000005';
SELECT hot_retention_days, updated_at > :'before' AS moved, created_at = :'created_at' AS stays FROM audit_retention_policies WHERE workspace_id = '10000000-0000-4000-8000-000000000005';

-- Nonsense.
SELECT what, code, constraint_name FROM (VALUES (1, 'hot_retention_days = 0'), (2, 'hot_retention_days = -1, warm_archive_days = -1'), (3, 'hot_retention_days = 400'), (4, 'warm_archive_days = 1'),
    (5, 'is_compliance_mode = true'), (6, 'is_compliance_mode = true, compliance_reason = '' '''), (7, 'archive_by = ''year'''), (8, 'hot_retention_days = NULL'), (9, 'archive_by = NULL'), (10, 'is_compliance_mode = NULL'), (11, 'cold_retention_days = 364')) AS given (no, what),
  LATERAL test.refusal('UPDATE audit_retention_policies SET ' || what || ' WHERE workspace_id = ''10000000-0000-4000-8000-000000000006''') ORDER BY no;
SELECT code, constraint_name FROM test.refusal($$INSERT INTO audit_retention_policies (workspace_id, hot_retention_days) VALUES (gen_random_uuid(), 0)$$);
SELECT code FROM test.refusal($$INSERT INTO audit_retention_policies (workspace_id) VALUES ('10000000-0000-4000-8000-000000000006')$$);
SELECT * FROM policy WHERE workspace = '06';

-- Never deleted.
SELECT code, message, hint FROM test.refusal('DELETE FROM audit_retention_policies WHERE workspace_id = ''10000000-0000-4000-8000-000000000006''');
SELECT code, message FROM test.refusal('TRUNCATE audit_retention_policies');
SELECT count(*) AS policies FROM audit_retention_policies WHERE workspace_id::text LIKE '10000000-%';
