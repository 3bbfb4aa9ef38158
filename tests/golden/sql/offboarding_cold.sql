-- Off-boarding and cold storage: refused while a file alone has events; what is on loan goes with the rows, and the files are condemned.
\i tests/golden/prelude.sql
CREATE EXTENSION audit_ext;
\i tests/golden/cold.sql
SET client_min_messages = warning;
CREATE FUNCTION w(int) RETURNS uuid LANGUAGE sql IMMUTABLE RETURN ('10000000-0000-4000-8000-' || lpad($1::text, 12, '0'))::uuid;
SELECT session_user AS me \gset
CREATE ROLE t_bob LOGIN;
SELECT audit_grant('t_bob', 'compliance') \g /dev/null
INSERT INTO audit_retention_policies (workspace_id, hot_retention_days, warm_archive_days, cold_retention_days) VALUES (w(1), 5, 10, 36500);
-- A policy that is shorter than the default is protected for thirty days: as if they had passed.
CALL test.past_the_guard($$ALTER TABLE audit_retention_policies DISABLE TRIGGER ALL$$);
UPDATE audit_retention_policies SET protected_until = NULL, protected_days = NULL;
CALL test.past_the_guard($$ALTER TABLE audit_retention_policies ENABLE TRIGGER ALL$$);
SELECT audit_setup() \g /dev/null
INSERT INTO audit_events (created_at, action_type, resource_type, workspace_id, created_by_user_id, new_values)
SELECT month + n * interval '1 hour', 'A', 'thing', w(1), w(70 + n % 2), jsonb_build_object('secret', n) FROM unnest(ARRAY[timestamptz '2020-01-05Z', '2020-02-05Z', now() - interval '1 day']) AS month, generate_series(0, 3) AS n ORDER BY 1;
SELECT archived_count FROM archive_old_audit_events();
SELECT test.cold_stored(w(1), '2020-01-01') AS january, test.cold_stored(w(1), '2020-02-01') AS february \gset
CREATE TABLE files AS SELECT o.object_id, e.chunk, e.events FROM audit_cold_objects AS o, test.cold_events(o.object_id) AS e;
SELECT released_count FROM release_audit_cold_object(:'january', 'policy', 'T-1');
SELECT (SELECT count(*) > 0 FROM export_audit_events(w(1))) AS whole, request_audit_offboarding(w(1), 'contract ended') AS request \gset
SET SESSION AUTHORIZATION t_bob;
SELECT code, message, hint FROM test.refusal(format('SELECT approve_audit_deletion(%L, ''T-2'')', :'request'));
SET SESSION AUTHORIZATION :"me";
-- Lent, they are exported with the others.
SELECT restore_audit_cold_events(object_id, chunk, events) AS lent FROM files WHERE object_id = :'january';
SET SESSION AUTHORIZATION t_bob;
SELECT code, message FROM test.refusal(format('SELECT approve_audit_deletion(%L, ''T-2'')', :'request'));
SET SESSION AUTHORIZATION :"me";
SELECT (SELECT count(*) > 0 FROM export_audit_events(w(1))) AS whole;
SET SESSION AUTHORIZATION t_bob;
SELECT deletion_log_id AS entry FROM approve_audit_deletion(:'request', 'T-2') \gset
SET SESSION AUTHORIZATION :"me";
SELECT count(*) FILTER (WHERE action_type = 'A') AS events FROM (SELECT action_type FROM audit_events UNION ALL SELECT action_type FROM audit_events_archive) AS event;
SELECT month, state, condemned_reason FROM audit_cold_objects ORDER BY month;
SELECT count(*) AS loans FROM audit_cold_loans;
SELECT c->>'is_complete' AS complete, c->'cold'->>'files_to_remove' AS files FROM audit_deletion_certificate(:'entry') AS c;
SELECT confirm_audit_cold_removed(object_id) FROM audit_cold_objects ORDER BY month;
SELECT c->>'is_complete' AS complete FROM audit_deletion_certificate(:'entry') AS c;
SELECT sealed_count > 0 AS sealed FROM audit_seal();
SELECT severity, code, count(*) FROM audit_verify() GROUP BY 1, 2 ORDER BY 1, 2;
