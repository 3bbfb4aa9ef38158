-- Deletion met by people who mean no good, or too much: indexes of others on our tables, reading what is to be scrubbed, texts and periods of any
-- size, blanks of any kind. No error is an internal one, and nobody gets past a hold.
\i tests/golden/prelude.sql
CREATE EXTENSION audit_ext;
SET client_min_messages = warning;
CREATE FUNCTION w(int) RETURNS uuid LANGUAGE sql IMMUTABLE RETURN ('10000000-0000-4000-8000-' || lpad($1::text, 12, '0'))::uuid;
SELECT insert_audit_event('A', 'r', NULL, w(1), w(user_no), NULL, '{"secret": 1}') IS NOT NULL AS recorded FROM generate_series(70, 72) AS user_no;

-- A hold is found whatever indexes others make beside ours, and ours made anew comes after theirs.
SELECT place_audit_hold(w(1), 'case', w(70)) IS NOT NULL AS held;
CREATE INDEX other ON audit_legal_holds (workspace_id) WHERE reason = 'none';
REINDEX INDEX CONCURRENTLY audit_legal_holds_in_force_idx;
SELECT code FROM test.refusal('SELECT delete_user_audit_events_compliant(w(70), w(1), ''GDPR'', ''T'')');
DROP INDEX other;
CREATE INDEX other ON audit_legal_holds USING brin (workspace_id);
REINDEX INDEX CONCURRENTLY audit_legal_holds_in_force_idx;
SELECT code FROM test.refusal('SELECT delete_user_audit_events_compliant(w(70), w(1), ''GDPR'', ''T'')');
DROP INDEX other;
CREATE INDEX other ON audit_legal_holds USING hash (workspace_id);
CREATE INDEX another ON audit_legal_holds (workspace_id DESC, reason);
REINDEX INDEX CONCURRENTLY audit_legal_holds_in_force_idx;
SELECT code FROM test.refusal('SELECT delete_user_audit_events_compliant(w(70), w(1), ''GDPR'', ''T'')');
SELECT code FROM test.refusal('SELECT delete_user_audit_events_compliant(w(70), w(1), ''GDPR'', ''T'', true)');
SELECT release_audit_hold(id, 'over') FROM audit_legal_holds;

-- A scrub in the middle of reading what it should rewrite, by a query and by a cursor.
SELECT deletion_log_id AS entry FROM delete_user_audit_events_compliant(w(70), w(1), 'GDPR', 'T') \gset
SELECT code, message, hint FROM test.refusal(format('SELECT audit_scrub(%L) FROM audit_events LIMIT 1', :'entry'));
BEGIN;
DECLARE reading CURSOR FOR SELECT 1 AS one FROM audit_events;
FETCH 1 FROM reading;
SELECT code FROM test.refusal(format('SELECT audit_scrub(%L)', :'entry'));
CLOSE reading;
SELECT audit_scrub(:'entry');
COMMIT;

-- A page is said, and not a book.
SELECT request_audit_deletion(w(71), w(1), 'GDPR', repeat('x', 10000)) AS request \gset
SELECT call, code, message, hint FROM (VALUES
  (1, 'delete_user_audit_events_compliant(w(70), w(1), repeat(''x'', 10001), ''T'')'), (2, 'delete_user_audit_events_compliant(w(70), w(1), ''GDPR'', repeat(''x'', 10001))'),
  (3, 'delete_user_audit_events_compliant(w(70), w(1), ''GDPR'', ''T'', false, repeat(''x'', 1000000))'), (4, 'request_audit_deletion(w(70), w(1), repeat(''x'', 300000000))'),
  (5, 'request_audit_deletion(w(70), w(1), ''GDPR'', repeat(''x'', 10001))'), (6, 'request_audit_purge(w(1), ''GDPR'', repeat(''x'', 10001))'),
  (7, 'place_audit_hold(w(1), repeat(''x'', 10001))'), (8, 'release_audit_hold(w(1), repeat(''x'', 10001))'),
  (9, 'reject_audit_deletion(w(1), repeat(''x'', 10001))'), (10, 'purge_expired_audit_events(w(1), ''GDPR'', repeat(''x'', 10001))'),
  (11, 'delete_user_audit_events_compliant(w(70), w(1), U&''\00a0\2003'', ''T'')'), (12, 'delete_user_audit_events_compliant(w(70), w(1), ''GDPR'', U&''\3000'')')) AS wrong (call, sql),
  LATERAL test.refusal('SELECT ' || sql) ORDER BY call;

-- Periods of any length are periods, and end never at the longest.
UPDATE audit_retention_policies SET approval_expiry_days = 2147483647, cooling_off_days = 2147483647 WHERE workspace_id = w(1);
SELECT request_audit_deletion(w(72), w(1), 'GDPR') AS later \gset
CREATE ROLE t_bob LOGIN;
SELECT audit_grant('t_bob', 'compliance') \g /dev/null
SET SESSION AUTHORIZATION t_bob;
SELECT * FROM approve_audit_deletion(:'later', 'T');
SELECT code, message FROM test.refusal(format('SELECT execute_audit_deletion(%L)', :'later'));
RESET SESSION AUTHORIZATION;
SELECT state, execute_after, expires_at FROM audit_deletion_requests WHERE id = :'later';
UPDATE audit_retention_policies SET approval_expiry_days = 200000000 WHERE workspace_id = w(1);
SELECT request_audit_deletion(w(72), w(1), 'GDPR') IS NOT NULL AS requested;
