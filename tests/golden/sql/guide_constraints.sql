-- Guide, steps 2.1 and 2.2: the seven constraints are there by name, and they refuse what the guide says they refuse.
\i tests/golden/prelude.sql
CREATE EXTENSION audit_ext;

-- View all constraints on audit_events (names of NOT NULL constraints differ between versions of Postgres)
SELECT constraint_name, constraint_type
FROM information_schema.table_constraints
WHERE table_name = 'audit_events' \g /dev/null
SELECT :ROW_COUNT >= 8 AS "seven checks and a key at least";
SELECT table_name, constraint_name, constraint_type
FROM information_schema.table_constraints
WHERE table_name IN ('audit_events', 'audit_events_archive') AND constraint_name LIKE 'check\_%'
ORDER BY table_name, constraint_name;

-- This should FAIL (empty action_type)
INSERT INTO audit_events (
  created_by_user_id, action_type, resource_type,
  resource_id, workspace_id
) VALUES (
  '20000000-0000-4000-8000-000000000123'::uuid, '', 'workspace',
  '10000000-0000-4000-8000-000000000123'::uuid, '10000000-0000-4000-8000-000000000456'::uuid
);
\echo :LAST_ERROR_SQLSTATE
-- Error: check_action_type_not_empty

-- This should FAIL (future date)
INSERT INTO audit_events (
  created_by_user_id, action_type, resource_type,
  resource_id, workspace_id, created_at
) VALUES (
  '20000000-0000-4000-8000-000000000123'::uuid, 'TEST', 'workspace',
  '10000000-0000-4000-8000-000000000123'::uuid, '10000000-0000-4000-8000-000000000456'::uuid,
  NOW() + INTERVAL '1 hour'
);
\echo :LAST_ERROR_SQLSTATE
-- Error: check_created_at_not_future

-- The error carries the name as a field too, not only in its text.
SELECT code, constraint_name FROM test.refusal($$
  INSERT INTO audit_events (created_by_user_id, action_type, resource_type, resource_id, workspace_id)
  VALUES ('20000000-0000-4000-8000-000000000123', '', 'workspace', NULL, '10000000-0000-4000-8000-000000000456')$$);
SELECT count(*) AS "nothing was written" FROM audit_events;

-- This should SUCCEED
INSERT INTO audit_events (
  created_by_user_id, action_type, resource_type,
  resource_id, workspace_id
) VALUES (
  '20000000-0000-4000-8000-000000000123'::uuid, 'CREATE_WORKSPACE', 'workspace',
  '10000000-0000-4000-8000-000000000123'::uuid, '10000000-0000-4000-8000-000000000456'::uuid
) RETURNING id \gset
SELECT id = :'id' AS "the id that was returned", action_type, workspace_id FROM audit_events ORDER BY created_at, id;
