-- Guide, step 2.3: UPDATE and DELETE fail for an event that exists. Contract 9: where no row matches, Postgres has nothing to
-- refuse and says UPDATE 0. (delete_user_audit_events_compliant is layer 3 and has its own tests.)
\i tests/golden/prelude.sql
CREATE EXTENSION audit_ext;
SELECT insert_audit_event('CREATE_WORKSPACE', 'workspace', '10000000-0000-4000-8000-000000000123',
  '10000000-0000-4000-8000-000000000456', '20000000-0000-4000-8000-000000000123') AS event \gset

-- The guide's statements with an id that no event has. -q hides the command tags; ROW_COUNT tells.
UPDATE audit_events SET action_type = 'MODIFIED' WHERE id = '30000000-0000-4000-8000-000000000123'::uuid;
\echo :SQLSTATE :ROW_COUNT
DELETE FROM audit_events WHERE id = '30000000-0000-4000-8000-000000000123'::uuid;
\echo :SQLSTATE :ROW_COUNT

-- With the id of a real event. The table in DETAIL is the month's partition.
SET client_min_messages = error;
\set VERBOSITY terse
-- This will FAIL
UPDATE audit_events SET action_type = 'MODIFIED' WHERE id = :'event'::uuid;
\echo :LAST_ERROR_SQLSTATE
-- Error: Audit events are immutable

-- This will FAIL
DELETE FROM audit_events WHERE id = :'event'::uuid;
\echo :LAST_ERROR_SQLSTATE
-- Error: Audit events are immutable

-- The hint names the proper function.
SELECT code, message, hint FROM test.refusal('DELETE FROM audit_events');
SELECT action_type, count(*) FROM audit_events GROUP BY action_type ORDER BY action_type;
