-- A superuser who says that the session is a replica (session_replication_role): changes of configuration leave their event all the same, rows of a dump do not double theirs;
-- a request that was planted is not acted upon; ids that the server did not make show in audit_health(); and who logged in is told beside who they pretend to be.
\i tests/golden/prelude.sql
CREATE EXTENSION audit_ext;
\i tests/golden/oracle.sql
CREATE ROLE t_ann LOGIN; CREATE ROLE t_bob LOGIN; CREATE ROLE t_new;
SELECT audit_grant('t_ann', 'compliance'), audit_grant('t_bob', 'compliance') \g /dev/null
SELECT count(insert_audit_event('A', 'thing', NULL, w(1), w(n))) FROM generate_series(70, 75) AS n;
UPDATE audit_retention_policies SET requires_approval = true, cooling_off_days = 1 WHERE workspace_id = w(1);
SELECT session_user AS me \gset
CREATE TABLE mark AS SELECT clock_timestamp() AS at;
CREATE VIEW told AS SELECT action_type, metadata -> 'audit_ext' ->> 'session_user' AS by, count(*) FROM audit_events, mark WHERE created_at > mark.at AND action_type LIKE 'AUDIT%' GROUP BY 1, 2 ORDER BY 1, 2;

-- Every table of configuration.
BEGIN;
SET LOCAL session_replication_role = replica;
UPDATE audit_access SET revoked_at = now() WHERE role_name = 't_bob';
INSERT INTO audit_access (role_name, access) VALUES ('t_new', 'compliance');
INSERT INTO audit_membership_source (table_schema, table_name) VALUES (NULL, NULL);
UPDATE audit_retention_policies SET requires_approval = false;
INSERT INTO audit_sequence_floors (workspace_id, last_event_id, last_created_at) VALUES (w(1), w(1), 'infinity');
INSERT INTO audit_legal_holds (workspace_id, reason, placed_by_user_id, placed_by_role) VALUES (w(1), 'planted', w(1), 't_ann');
TABLE told;
ROLLBACK;
-- With COPY, and with the sign of a dump where nothing is restored: an UPDATE, or a session that is no replica.
BEGIN;
SET LOCAL session_replication_role = replica;
COPY audit_access (role_name, access) FROM stdin;
t_new	reader
\.
SET LOCAL row_security = off;
UPDATE audit_access SET revoked_at = now() WHERE role_name = 't_bob';
SET LOCAL session_replication_role = origin;
UPDATE audit_retention_policies SET hot_retention_days = 60;
TABLE told;
ROLLBACK;
-- Rows of a dump come with the events that a dump brings.
BEGIN;
SET LOCAL session_replication_role = replica;
SET LOCAL row_security = off;
INSERT INTO audit_access (role_name, access) VALUES ('t_new', 'compliance');
COPY audit_legal_holds (workspace_id, reason, placed_by_user_id, placed_by_role) FROM stdin;
00000000-0000-4000-8000-000000000001	restored	00000000-0000-4000-8000-000000000001	t_ann
\.
SELECT count(*) FROM told;
ROLLBACK;

-- Planted requests: one that looks approved, one that looks asked for by an officer; in a session that is silent or not.
CREATE FUNCTION plant(p_id uuid, p_state text) RETURNS void LANGUAGE sql AS $$
  INSERT INTO audit_deletion_requests (id, kind, workspace_id, subject_user_id, deletion_authority, state, requested_by_user_id, requested_by_role, expires_at, decided_at, decided_by_user_id, decided_by_role, approval_ticket_id, execute_after)
  SELECT p_id, 'erasure', w(1), w(70), 'GDPR', p_state, w(1), 't_ann', now() + interval '1 day', d.at, d.by, d.role, d.ticket, d.at
  FROM (VALUES (now() - interval '1 hour', w(2), 't_bob', 'T')) AS d (at, by, role, ticket) WHERE p_state = 'cooling_off' UNION ALL
  SELECT p_id, 'erasure', w(1), w(70), 'GDPR', p_state, w(1), 't_ann', now() + interval '1 day', NULL, NULL, NULL, NULL, NULL WHERE p_state = 'pending'
$$;
SET session_replication_role = replica;
SELECT plant(w(21), 'cooling_off'), plant(w(22), 'pending') \g /dev/null
SET row_security = off;
SELECT plant(w(23), 'cooling_off'), plant(w(24), 'pending') \g /dev/null
RESET row_security; RESET session_replication_role;
SET SESSION AUTHORIZATION t_bob;
SELECT right(id::text, 2) AS request, code, message, hint FROM (VALUES (w(21), 'execute_audit_deletion(%L)'), (w(22), 'approve_audit_deletion(%L, ''T'')'), (w(23), 'execute_audit_deletion(%L)'), (w(24), 'approve_audit_deletion(%L, ''T'')')) AS planted (id, call),
  LATERAL test.refusal(format('SELECT ' || call, id)) ORDER BY 1;
-- To stop one is always safe.
SELECT count(reject_audit_deletion(w(n), 'planted')) FROM generate_series(21, 24) AS n;
SET SESSION AUTHORIZATION :"me";
SELECT count(*) AS intact FROM audit_events WHERE created_by_user_id = w(70) AND deleted_at IS NULL;

-- A genuine one, though the events of the officer who asked were erased meanwhile. In these sessions a superuser pretends to be both.
CREATE TABLE mark_2 AS SELECT clock_timestamp() AS at;
SET SESSION AUTHORIZATION t_ann;
SELECT request_audit_deletion('00000000-0000-4000-8000-000000000071', '00000000-0000-4000-8000-000000000001', 'GDPR') AS one \gset
SET SESSION AUTHORIZATION t_bob;
SELECT approve_audit_deletion(:'one', 'T-1');
SET SESSION AUTHORIZATION :"me";
SELECT action_type, metadata -> 'audit_ext' AS by FROM audit_events, mark_2 WHERE created_at > mark_2.at AND action_type LIKE 'AUDIT_DELETION%' ORDER BY created_at;
UPDATE audit_retention_policies SET requires_approval = false, cooling_off_days = 0 WHERE workspace_id = w(1);
SELECT deleted_count > 0 AS "the officer's own" FROM delete_user_audit_events_compliant(audit_resource_id('db_role', 't_ann'), w(1), 'GDPR', 'T-2');
SELECT format('ALTER TABLE audit_deletion_requests DISABLE TRIGGER audit_requests_update_guard; UPDATE audit_deletion_requests SET execute_after = now() - interval ''1 second'' WHERE id = %L; ALTER TABLE audit_deletion_requests ENABLE ALWAYS TRIGGER audit_requests_update_guard', :'one') AS later \gset
CALL test.past_the_guard(:'later');
SET SESSION AUTHORIZATION t_ann;
SELECT deleted_count FROM execute_audit_deletion(:'one');
SET SESSION AUTHORIZATION :"me";

-- Ids and times that no server gave.
SELECT status, detail, hint FROM audit_health() WHERE check_name = 'event_ids';
SET session_replication_role = replica;
INSERT INTO audit_events (id, created_at, action_type, resource_type, workspace_id, created_by_user_id) VALUES ('30000000-0000-4000-8000-000000000001', now() - interval '1 minute', 'PLANTED', 'thing', w(1), w(1));
INSERT INTO audit_events (action_type, resource_type, workspace_id, created_by_user_id, created_at) SELECT 'PLANTED', 'thing', w(1), w(1), now() - interval '2 minutes';
INSERT INTO audit_events_archive (id, created_at, action_type, resource_type, workspace_id, created_by_user_id) VALUES ('30000000-0000-4000-8000-000000000002', '2001-02-03', 'PLANTED', 'thing', w(1), w(1));
RESET session_replication_role;
SELECT status, test.masked(regexp_replace(detail, '[0-9a-f]{8}-[0-9a-f-]{27}', 'one')) AS detail, hint FROM audit_health() WHERE check_name = 'event_ids' ORDER BY detail;
