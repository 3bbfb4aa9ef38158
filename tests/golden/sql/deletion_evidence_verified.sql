-- Erasure, purge and adoption as audit_verify() sees them: nothing is found where all was done by function, and what was adopted is told.
-- The trail is not sound afterwards: a superuser erases a sealed event and has it adopted.
\i tests/golden/prelude.sql
CREATE EXTENSION audit_ext;
\i tests/golden/leaf.sql
SET client_min_messages = warning;
CREATE VIEW found AS SELECT severity, code, count(*) FROM audit_verify() GROUP BY 1, 2 ORDER BY 1, 2;
INSERT INTO audit_retention_policies (workspace_id, hot_retention_days) VALUES (w(1), 60), (w(2), 60);
INSERT INTO audit_events (created_at, action_type, resource_type, workspace_id, created_by_user_id, new_values, ip_address)
SELECT now() - (100 - n) * interval '5 days', 'ACT', 'thing', w(1 + n % 2), w(70 + n % 3), jsonb_build_object('n', n), '10.0.0.1' FROM generate_series(1, 100) AS n;
SELECT count(*) > 0 AS made FROM create_past_audit_partitions(make_date(2015, 1, 1), current_date);
SELECT archived_count > 0 AS archived FROM archive_old_audit_events();
SELECT sealed_count > 0 AS sealed FROM audit_seal();
TABLE found;

-- Sealed events are erased and purged, some of them erased before, and one that is not sealed yet is erased; before the next seal and after it.
SELECT insert_audit_event('NEW', 'thing', NULL, w(1), w(70), NULL, '{"a": 1}', '10.0.0.1') AS new \gset
SELECT deleted_count > 1 AS erased FROM delete_user_audit_events_compliant(w(70), w(1), 'GDPR', 'T-1');
SELECT deleted_count > 1 AS purged FROM purge_expired_audit_events(w(1), 'SOC2', 'T-2');
SELECT deleted_count > 1 AS erased FROM delete_user_audit_events_compliant(w(71), w(2), 'GDPR', 'T-3');
TABLE found;
-- A certificate has its evidence with the seal: the entry and its list's digest, and the receipt of the event that names them, without payload.
CREATE FUNCTION test.shown(p_certificate jsonb) RETURNS SETOF text LANGUAGE sql AS $$
  SELECT convert_from(decode(rpad(translate(text, '-_', '+/'), (length(text) + 3) / 4 * 4, '='), 'base64'), 'UTF8') FROM jsonb_array_elements_text(p_certificate->'evidence'->'receipt'->'disclosures') AS text
$$;
CREATE VIEW certified AS SELECT approval_ticket_id AS ticket, jsonb_typeof(c->'evidence') AS evidence, c->'evidence'->>'event_ids_sha256' = encode(event_ids_sha256, 'hex') AS "digest of the list",
  c->'evidence'->'entry' = test.entry(log)::jsonb AS entry, (SELECT count(*) FROM test.shown(c)) AS columns, EXISTS (SELECT FROM test.shown(c) AS shown WHERE shown LIKE '%"resource_id","' || id || '"]') AS "names it",
  EXISTS (SELECT FROM test.shown(c) AS shown WHERE shown LIKE '%"resource_type","audit_deletion_log/' || encode(sha256(convert_to(test.entry(log), 'UTF8')), 'hex') || '"]') AS "by its digest", c->'evidence'->'receipt'->>'checkpoint' = audit_checkpoint() AS "under the checkpoint"
FROM audit_deletion_log AS log, LATERAL audit_deletion_certificate(log.id) AS c WHERE is_irrevocable ORDER BY 1;
TABLE certified;
SELECT sealed_count > 0 AS sealed FROM audit_seal();
TABLE found;
TABLE certified;

-- Events that came without a key, one of them erased before, and one that the last seal should hold: reported, adopted, sealed.
BEGIN;
SET LOCAL session_replication_role = replica;
INSERT INTO audit_events (id, created_at, action_type, resource_type, workspace_id, created_by_user_id, new_values, deleted_at, deletion_reason, seal_key, seal_xid)
SELECT test.id_at(at, n), at, 'CAME', 'thing', w(3), w(70), CASE WHEN deleted IS NULL THEN '{"a": 1}'::jsonb END, deleted, CASE WHEN deleted IS NOT NULL THEN 'before' END, key, xid
FROM (VALUES (1, NULL::timestamptz, NULL::bytea, NULL::bigint), (2, now(), NULL, NULL), (3, NULL, decode(repeat('6b', 16), 'hex'), 5)) AS row (n, deleted, key, xid), (SELECT date_trunc('second', now())) AS time (at);
COMMIT;
TABLE found;
CALL audit_adopt_events();
SELECT new_values->>'adopted_count' AS adopted, new_values->>'erased_count' AS erased FROM audit_events WHERE action_type = 'AUDIT_EVENTS_ADOPTED';
SELECT sealed_count > 0 AS sealed FROM audit_seal();
TABLE found;
CALL audit_adopt_events();
SELECT count(*) AS "one adoption" FROM audit_events WHERE action_type = 'AUDIT_EVENTS_ADOPTED';

-- Adoption excuses nothing that was sealed before: a superuser erases an event, takes its key away, and has it adopted.
SELECT insert_audit_event('SEALED', 'thing', NULL, w(4), w(70), NULL, '{"a": 1}') AS sealed \gset
SELECT sealed_count > 0 AS sealed FROM audit_seal();
BEGIN;
CALL test.past_the_guard('ALTER TABLE audit_events DISABLE TRIGGER USER');
UPDATE audit_events SET new_values = NULL, deleted_at = now(), deletion_reason = 'forged', seal_key = NULL, seal_xid = NULL WHERE id = :'sealed';
CALL test.past_the_guard('ALTER TABLE audit_events ENABLE TRIGGER USER');
COMMIT;
CALL audit_adopt_events();
SELECT sealed_count > 0 AS sealed FROM audit_seal();
TABLE found;
