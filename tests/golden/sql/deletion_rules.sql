-- What stands in the way of an erasure, and what it leaves: grounds, holds, hot and archived and default partitions, events about the person,
-- rollback, the log, the certificate, and nobody else's way past the guard.
\i tests/golden/prelude.sql
CREATE EXTENSION audit_ext;
SET client_min_messages = warning;
CREATE FUNCTION w(int) RETURNS uuid LANGUAGE sql IMMUTABLE RETURN ('10000000-0000-4000-8000-' || lpad($1::text, 12, '0'))::uuid;
-- User 70 in workspace 1: archived, hot, and in a month without a partition; events about 70 by 71; the same user elsewhere.
INSERT INTO audit_events (created_at, action_type, resource_type, resource_id, workspace_id, created_by_user_id, new_values)
SELECT now() - days * interval '1 day', 'D' || days, 'r', resource, ws, actor, jsonb_build_object('secret', 'of ' || actor)
FROM (VALUES (w(1), w(70), NULL::uuid), (w(1), w(71), w(70)), (w(2), w(70), NULL)) AS who (ws, actor, resource), unnest(ARRAY[200, 100, 10]) AS days;
SELECT count(*) > 0 AS made FROM create_monthly_audit_partition(2);
SELECT * FROM archive_old_audit_events();
-- Its month has no partition: it is from before the trail, of a workspace whose newest event it is.
INSERT INTO audit_events (created_at, action_type, resource_type, workspace_id, created_by_user_id, new_values) VALUES ('2001-01-15', 'STRAY', 'r', w(3), w(70), '{"secret": "of a stray"}');
CREATE VIEW events AS SELECT 'hot' AS side, e.* FROM audit_events AS e UNION ALL SELECT 'archive', e.* FROM audit_events_archive AS e;
CREATE VIEW payload AS SELECT right(workspace_id::text, 1) AS w, right(created_by_user_id::text, 2) AS actor, side, count(*) AS events, count(new_values) AS with_payload, count(deleted_at) AS marked
FROM events WHERE action_type NOT LIKE 'AUDIT%' GROUP BY 1, 2, 3 ORDER BY 1, 2, 3 DESC;
CREATE FUNCTION state() RETURNS text LANGUAGE sql RETURN (SELECT md5(string_agg(e::text, ',' ORDER BY e.id)) FROM events AS e);
SELECT state() AS before \gset

-- Grounds that are none; nothing is changed and nothing logged.
SELECT call, code, message, hint FROM (VALUES
  (1, 'NULL, w(1), ''GDPR'', ''T'''), (2, 'w(70), NULL, ''GDPR'', ''T'''), (3, 'w(70), w(1), '''', ''T'''), (4, 'w(70), w(1), NULL, ''T'''),
  (5, 'w(70), w(1), ''Retention_Policy'', ''T'''), (6, 'w(70), w(1), ''GDPR'', '''''), (7, 'w(70), w(1), ''GDPR'', NULL')) AS wrong (call, arguments), LATERAL test.refusal('SELECT delete_user_audit_events_compliant(' || arguments || ')') ORDER BY call;

-- Holds: on the workspace, on the person, on somebody whose events are meant too. Each says which.
SELECT place_audit_hold(w(1), 'case 1') AS hold \gset
SELECT code, message, hint FROM test.refusal('SELECT delete_user_audit_events_compliant(w(70), w(1), ''GDPR'', ''T'')');
DO $$ BEGIN PERFORM delete_user_audit_events_compliant(w(70), w(1), 'GDPR', 'T');
EXCEPTION WHEN restrict_violation THEN DECLARE d text; BEGIN GET STACKED DIAGNOSTICS d = PG_EXCEPTION_DETAIL;
  RAISE WARNING 'the detail names the hold: %', d LIKE '%' || (SELECT id FROM audit_legal_holds) || '%'; END; END $$;
SELECT release_audit_hold(:'hold', 'over');
SELECT place_audit_hold(w(1), 'case 2', w(70)) AS hold \gset
SELECT code FROM test.refusal('SELECT delete_user_audit_events_compliant(w(70), w(1), ''GDPR'', ''T'')');
SELECT release_audit_hold(:'hold', 'over');
SELECT place_audit_hold(w(1), 'case 3', w(71)) AS hold \gset
SELECT code FROM test.refusal('SELECT delete_user_audit_events_compliant(w(70), w(1), ''GDPR'', ''T'', true)');
-- ... and not where the person's own events are not held.
BEGIN;
SELECT deleted_count FROM delete_user_audit_events_compliant(w(70), w(1), 'GDPR', 'T');
ROLLBACK;
SELECT release_audit_hold(:'hold', 'over');
SELECT count(*) AS logged FROM audit_deletion_log WHERE is_irrevocable;

-- Compliance mode keeps from purge, not from this. Without the events about the person, then with them; elsewhere nothing is touched.
UPDATE audit_retention_policies SET is_compliance_mode = true, compliance_reason = 'GDPR';
SELECT deleted_count FROM delete_user_audit_events_compliant(w(70), w(1), 'GDPR', 'T-1', p_reason := 'asked by letter');
SELECT * FROM payload;
SELECT deleted_count FROM delete_user_audit_events_compliant(w(70), w(1), 'GDPR', 'T-2', p_include_events_about_user := true);
SELECT deleted_count FROM delete_user_audit_events_compliant(w(70), w(3), 'GDPR', 'T-3');
SELECT deleted_count AS "nobody of that name" FROM delete_user_audit_events_compliant(w(99), w(1), 'GDPR', 'T-4');
SELECT * FROM payload;
SELECT approval_ticket_id, right(subject_user_id::text, 2) AS subject, event_count, deletion_reason, oldest_event_at IS NOT NULL AS span FROM audit_deletion_log WHERE is_irrevocable ORDER BY approval_ticket_id;
SELECT action_type, new_values->>'approval_ticket_id' AS ticket, new_values->>'event_count' AS events FROM audit_events WHERE action_type = 'AUDIT_EVENTS_ERASED' ORDER BY created_at;

-- Savepoints and rollback leave everything as it was.
SELECT state() AS before \gset
BEGIN;
SAVEPOINT s;
SELECT deleted_count FROM delete_user_audit_events_compliant(w(70), w(2), 'GDPR', 'T-5');
ROLLBACK TO s;
SELECT count(new_values) AS "payload is back" FROM events WHERE workspace_id = w(2) AND created_by_user_id = w(70);
ROLLBACK;
SELECT state() = :'before' AS unchanged;

-- An erased event travels: archived, restored by the guide's statement, its marks with it though nobody named them.
UPDATE audit_retention_policies SET hot_retention_days = 5 WHERE workspace_id = w(1);
SELECT archived_count FROM archive_old_audit_events();
SELECT id AS erased, md5(e::text) AS digest FROM audit_events_archive AS e WHERE workspace_id = w(1) AND created_by_user_id = w(70) AND action_type = 'D10' \gset
WITH restored AS (DELETE FROM audit_events_archive WHERE id = :'erased' RETURNING *)
INSERT INTO audit_events (id, created_at, created_by_user_id, action_type, resource_type, resource_id, workspace_id, old_values, new_values, changed_fields, ip_address, user_agent, request_id, tags, metadata)
SELECT id, created_at, created_by_user_id, action_type, resource_type, resource_id, workspace_id, old_values, new_values, changed_fields, ip_address, user_agent, request_id, tags, metadata FROM restored;
SELECT md5(e::text) = :'digest' AS "byte for byte", deletion_reason FROM audit_events AS e WHERE id = :'erased';

-- Nobody else marks or unmarks: not by UPDATE, not the owner, not in the same transaction, not with the values an erasure would write.
SELECT code FROM test.refusal(format('UPDATE audit_events SET deleted_at = NULL WHERE id = %L', :'erased'));
SELECT code FROM test.refusal('UPDATE audit_events_archive SET deleted_at = now(), deletion_reason = ''x'', old_values = NULL, new_values = NULL WHERE workspace_id = w(2)');
BEGIN;
SELECT deleted_count FROM delete_user_audit_events_compliant(w(70), w(2), 'GDPR', 'T-6');
SELECT code FROM test.refusal('UPDATE audit_events SET new_values = NULL WHERE workspace_id = w(2)');
ROLLBACK;
SELECT code, message FROM test.refusal('UPDATE audit_deletion_log SET event_count = 0');
SELECT code FROM test.refusal('DELETE FROM audit_deletion_months');
SELECT code FROM test.refusal('TRUNCATE audit_deletion_scrubs');

-- The certificate.
SELECT id AS entry FROM audit_deletion_log WHERE approval_ticket_id = 'T-1' \gset
SELECT c->>'certificate' AS certificate, c->>'authority' AS authority, c->>'reason' AS reason, c->>'approval_ticket_id' AS ticket, c->'event_count' AS events, c->'is_scrubbed' AS scrubbed, c->'request' AS request,
  (SELECT sum(n::int) FROM jsonb_each_text(c->'events_by_month') AS month (name, n)) AS "events of its months", c->'erased_fields' AS erased_fields FROM audit_deletion_certificate(:'entry') AS c;
SELECT jsonb_array_elements_text(audit_deletion_certificate(:'entry')->'what_remains') AS what_remains;
SELECT audit_scrub(:'entry');
SELECT c->'is_scrubbed' AS scrubbed, jsonb_array_length(c->'what_remains') AS remains, (c->>'scrubbed_at')::timestamptz > (c->>'deleted_at')::timestamptz AS afterwards FROM audit_deletion_certificate(:'entry') AS c;
SELECT count(*) FILTER (WHERE indisclustered) AS "marks left behind" FROM pg_index WHERE indrelid IN (SELECT inhrelid FROM pg_inherits);
SELECT code, message, hint FROM test.refusal('SELECT audit_deletion_certificate(''30000000-0000-4000-8000-000000000000'')');
SELECT code FROM test.refusal('SELECT audit_scrub(NULL)');
-- A deletion that is not committed cannot be scrubbed: its rows could come back.
BEGIN;
SELECT deletion_log_id AS fresh FROM delete_user_audit_events_compliant(w(70), w(2), 'GDPR', 'T-7') \gset
SELECT code, message, hint FROM test.refusal(format('SELECT audit_scrub(%L)', :'fresh'));
ROLLBACK;
-- No payload is sampled by ANALYZE, in no partition, old or new.
ANALYZE audit_events, audit_events_archive;
SELECT DISTINCT attname FROM pg_stats WHERE tablename LIKE 'audit_events%' AND attname IN ('old_values', 'new_values', 'changed_fields', 'ip_address', 'user_agent', 'request_id', 'tags', 'metadata');

-- What is said is kept letter for letter, also where it looks like an escape of JSON.
SELECT deletion_log_id AS entry FROM delete_user_audit_events_compliant(w(70), w(2), 'GDPR \u0000', '\u0000b', p_reason := 'C:\u0000b and "\\u0041"') \gset
SELECT c->>'authority' AS authority, c->>'approval_ticket_id' AS ticket, c->>'reason' AS reason FROM audit_deletion_certificate(:'entry') AS c;
SELECT new_values->>'authority' AS authority, new_values->>'approval_ticket_id' AS ticket FROM audit_events WHERE action_type = 'AUDIT_EVENTS_ERASED' AND new_values->>'approval_ticket_id' LIKE '%b';
