-- A CHECK that cannot be planned refuses every event, by its own error, and each time leaves no memory behind.
\i tests/golden/prelude.sql
CREATE EXTENSION audit_ext;
CALL test.past_the_guard('ALTER TABLE audit_events ADD CONSTRAINT theirs CHECK (user_agent <> (1 / 0)::text) NOT VALID');
CREATE FUNCTION kept() RETURNS bigint LANGUAGE sql AS $$ SELECT count(*) FROM pg_backend_memory_contexts WHERE name = 'audit_ext partition' $$;
SELECT kept();
SELECT code, message FROM test.refusal($$SELECT insert_audit_event('A', 'r', NULL, '10000000-0000-4000-8000-000000000001', '20000000-0000-4000-8000-000000000001')$$);
SELECT code, count(*) FROM generate_series(1, 100) AS n,
  LATERAL test.refusal(format($$SELECT insert_audit_event('A', 'number %s', NULL, '10000000-0000-4000-8000-000000000001', '20000000-0000-4000-8000-000000000001')$$, n)) GROUP BY code;
SELECT kept();
-- Once it is gone events are recorded, and what is made for their partition, and for policies, is kept.
CALL test.past_the_guard('ALTER TABLE audit_events DROP CONSTRAINT theirs');
SELECT insert_audit_event('A', 'r', NULL, '10000000-0000-4000-8000-000000000001', '20000000-0000-4000-8000-000000000001') IS NOT NULL AS recorded;
SELECT kept();
