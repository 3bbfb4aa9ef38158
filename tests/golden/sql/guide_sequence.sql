-- Guide, step 2.4: a row put into audit_event_sequence is a floor, and an event before it is refused.
\i tests/golden/prelude.sql
CREATE EXTENSION audit_ext;

-- Create test sequence tracker
INSERT INTO audit_event_sequence (workspace_id, last_event_id, last_created_at)
VALUES ('10000000-0000-4000-8000-000000000123'::uuid, gen_random_uuid(), NOW());

-- Try to insert event with earlier timestamp (should fail). DETAIL tells the time of the floor, so it is not shown here.
\set VERBOSITY terse
INSERT INTO audit_events (
  created_by_user_id, action_type, resource_type, resource_id,
  workspace_id, created_at
) VALUES (
  '20000000-0000-4000-8000-000000000123'::uuid, 'LATE_EVENT', 'test', gen_random_uuid(),
  '10000000-0000-4000-8000-000000000123'::uuid, NOW() - INTERVAL '1 hour'
);
\echo :LAST_ERROR_SQLSTATE
-- Error: Audit event timestamp is before last event

SELECT * FROM test.refusal($$
  INSERT INTO audit_events (created_by_user_id, action_type, resource_type, resource_id, workspace_id, created_at)
  VALUES ('20000000-0000-4000-8000-000000000123', 'LATE_EVENT', 'test', gen_random_uuid(),
    '10000000-0000-4000-8000-000000000123', NOW() - INTERVAL '1 hour')$$) \gx
SELECT count(*) AS "late events" FROM audit_events WHERE action_type = 'LATE_EVENT';

-- An event of now goes in, and the view reads it back as the newest of its workspace.
SELECT insert_audit_event('ON_TIME', 'test', NULL, '10000000-0000-4000-8000-000000000123',
  '20000000-0000-4000-8000-000000000123') AS event \gset
SELECT workspace_id, last_event_id = :'event' AS "is the event", last_created_at = test.time_in(:'event') AS "at its time"
FROM audit_event_sequence WHERE workspace_id = '10000000-0000-4000-8000-000000000123';
