-- What functions alone write: the deletion log with its months, lists and scrubs, the runs of the archive, what was brought back, and the logs of the seals. Nobody else inserts, changes or
-- empties it, the owner and superusers included; and a log that was forged all the same gets no certificate, for no event of the trail backs it.
-- The trail is not sound afterwards: an entry of the deletion log is planted.
\i tests/golden/prelude.sql
CREATE ROLE t_owner SUPERUSER;
SET ROLE t_owner;
CREATE EXTENSION audit_ext;
RESET ROLE;
\i tests/golden/oracle.sql
SELECT count(insert_audit_event('A', 'thing', NULL, w(1), w(70))) FROM generate_series(1, 3);
SELECT deleted_count FROM delete_user_audit_events_compliant(w(70), w(1), 'GDPR', 'T-1');
SELECT id AS entry FROM audit_deletion_log WHERE is_irrevocable \gset

CREATE TABLE claim (no int, on_table text, statement text);
INSERT INTO claim VALUES
  (1, 'audit_deletion_log', $$INSERT INTO audit_deletion_log (deleted_by_role, acting_role, workspace_id, subject_user_id, deletion_authority, approval_ticket_id, event_count, is_irrevocable)
    VALUES ('com1', 'com1', w(1), w(71), 'GDPR', 'FORGED', 5, true)$$),
  (2, 'audit_deletion_months', $$INSERT INTO audit_deletion_months VALUES (w(1), '2020-01-01', 5)$$),
  (3, 'audit_deletion_scrubs', $$INSERT INTO audit_deletion_scrubs (deletion_log_id, scrubbed_by_role, partitions) VALUES (w(1), 'com1', '{x}')$$),
  (4, 'audit_archive_runs', $$INSERT INTO audit_archive_runs (started_at, outcome) VALUES (now(), 'done')$$),
  (5, 'audit_restored_events', $$INSERT INTO audit_restored_events VALUES (w(1), w(1), now(), now(), 'infinity')$$),
  (6, 'audit_deletion_events', $$INSERT INTO audit_deletion_events VALUES (w(1), 0, decode(repeat('00', 48), 'hex'))$$),
  (7, 'audit_log_tiles', $$INSERT INTO audit_log_tiles VALUES (w(1), 0, 0, sha256(''), uuid_send(w(2)), sha256(''))$$),
  (8, 'audit_log_seals', $$INSERT INTO audit_log_seals VALUES (1, 1, now(), 0, 0, 0, sha256(''), 3, '', '3:3:', now(), 0, '{}', '{}')$$),
  (9, 'audit_log_incarnations', $$INSERT INTO audit_log_incarnations VALUES (1, w(1), 'o', '1', 1, 1, 'r', now(), 'x')$$),
  (10, 'audit_log_signatures', $$INSERT INTO audit_log_signatures VALUES (1, 1, 'note', 'n', '', now(), 'x')$$);
SELECT on_table, code, message, hint FROM claim, LATERAL test.refusal(statement) ORDER BY no;
COPY audit_deletion_months FROM stdin;
00000000-0000-4000-8000-000000000001	2020-01-01	5
\.
-- The owner, who is no superuser.
ALTER ROLE t_owner NOSUPERUSER;
GRANT SELECT ON claim TO t_owner;
SET ROLE t_owner;
SELECT on_table, code FROM claim, LATERAL test.refusal(statement) ORDER BY no;
RESET ROLE;
ALTER ROLE t_owner SUPERUSER;
-- Nor is a row there changed or taken away, also as a subscriber's apply worker would.
SELECT archived_count FROM archive_old_audit_events();
SET session_replication_role = replica;
INSERT INTO audit_restored_events VALUES (w(1), w(1), now(), now(), 'infinity');
RESET session_replication_role;
SELECT role, statement, code FROM unnest(ARRAY['origin', 'replica']) AS replication (role),
  unnest(ARRAY['UPDATE audit_archive_runs SET detail = NULL', 'DELETE FROM audit_archive_runs', 'TRUNCATE audit_archive_runs', 'UPDATE audit_restored_events SET keep_hot_until = now()',
    'DELETE FROM audit_restored_events', 'TRUNCATE audit_restored_events', 'UPDATE audit_log_tiles SET level = 1', 'DELETE FROM audit_log_tiles WHERE false', 'TRUNCATE audit_log_tiles',
    'DELETE FROM audit_log_seals', 'DELETE FROM audit_log_incarnations', 'DELETE FROM audit_log_signatures', 'UPDATE audit_deletion_events SET part = 1', 'UPDATE audit_deletion_months SET event_count = 1', 'DELETE FROM audit_deletion_months', 'TRUNCATE audit_deletion_scrubs']) WITH ORDINALITY AS given (statement, no),
  LATERAL test.refusal(format('SET LOCAL session_replication_role = %s; %s', role, statement)) ORDER BY role, no;

-- As a subscriber rows come in as they are; so does a forgery of whoever may become one. No certificate.
BEGIN;
SET LOCAL session_replication_role = replica;
INSERT INTO audit_deletion_log (id, deleted_by_role, acting_role, workspace_id, subject_user_id, deletion_authority, approval_ticket_id, event_count, is_irrevocable)
VALUES (w(2), 'com1', 'com1', w(1), w(71), 'GDPR', 'FORGED', 5, true), (w(3), 'com1', 'com1', w(1), NULL, 'GDPR', 'FORGED', 5, true);
SELECT code, message, hint FROM generate_series(2, 3) AS n, LATERAL test.refusal(format('SELECT audit_deletion_certificate(w(%s))', n)) ORDER BY n;
ROLLBACK;

-- A genuine one: while its event is hot, when it is archived, and when the officer's own events are erased; a purge leaves it.
CREATE FUNCTION certified() RETURNS text LANGUAGE sql AS $$
  SELECT string_agg(format('%s %s', c->>'approval_ticket_id', c->>'event_count'), ', ' ORDER BY c->>'approval_ticket_id') FROM audit_deletion_log AS log, LATERAL audit_deletion_certificate(log.id) AS c WHERE is_irrevocable
$$;
SELECT certified();
SELECT deleted_count > 0 AS "with the officer's own" FROM delete_user_audit_events_compliant(audit_resource_id('db_role', session_user), w(1), 'GDPR', 'T-2');
SELECT certified();
-- An erasure of three years ago: its event is archived, and no purge takes it.
BEGIN;
SET LOCAL session_replication_role = replica;
INSERT INTO audit_deletion_log (id, deleted_at, deleted_by_role, acting_role, workspace_id, subject_user_id, deletion_authority, approval_ticket_id, event_count, is_irrevocable)
VALUES (w(5), now() - interval '3 years', 'com1', 'com1', w(9), w(71), 'GDPR', 'T-0', 5, true);
SELECT code FROM test.refusal('SELECT certified()');
INSERT INTO audit_events_archive (id, created_at, action_type, resource_type, resource_id, workspace_id, created_by_user_id)
SELECT test.id_at(at, 1), at, 'AUDIT_EVENTS_ERASED', 'audit_deletion_log/' || repeat('0', 64), w(5), w(9), w(8) FROM (VALUES (now() - interval '3 years' + interval '1 second')) AS time (at);
COMMIT;
SELECT certified();
SELECT deleted_count FROM purge_expired_audit_events(w(9), 'SOC2', 'T-3');
SELECT certified();
