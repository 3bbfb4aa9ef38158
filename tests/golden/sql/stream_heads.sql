-- A head names the size of its log at the head before: a stream reads from there. Somebody who gets past the guards and changes that, to hide events from streams, is found.
-- The trail is not sound afterwards: a head of it is changed.
\i tests/golden/prelude.sql
CREATE EXTENSION audit_ext;
SET client_min_messages = warning;
CREATE FUNCTION w(n int) RETURNS uuid LANGUAGE sql AS $$ SELECT ('00000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid $$;
CREATE FUNCTION record(n int) RETURNS bigint LANGUAGE sql AS $$ SELECT count(insert_audit_event('A', 'thing', NULL, w(1), w(70))) FROM generate_series(1, n) $$;
CREATE ROLE heads_siem;
SELECT audit_grant('heads_siem', 'streamer');
SELECT record(3);
SELECT sealed_count > 0 AS sealed FROM audit_seal();
SELECT record(2);
SELECT sealed_count AS sealed FROM audit_seal();
SELECT create_audit_stream('one', 'heads_siem', p_workspace_id => w(1), p_from => '-infinity');
SELECT count(*) FROM fetch_audit_stream('one');
SELECT count(*) AS findings FROM audit_verify() WHERE severity = 'critical';
CREATE VIEW head AS SELECT encode(substr(refs, 32 * n + 1, 16), 'hex')::uuid AS log, ('x' || encode(substr(refs, 32 * n + 17, 8), 'hex'))::bit(64)::bigint AS size, ('x' || encode(substr(refs, 32 * n + 25, 8), 'hex'))::bit(64)::bigint AS former
  FROM audit_log_tiles, generate_series(0, octet_length(refs) / 32 - 1) AS n WHERE level = 0 AND log_id = (SELECT root_log_id FROM audit_log_incarnations);
SELECT size, former FROM head WHERE log = w(1) ORDER BY size;
-- The last head is made to begin one event later.
CALL test.past_the_guard('ALTER TABLE audit_log_tiles DISABLE TRIGGER USER');
UPDATE audit_log_tiles SET refs = overlay(refs PLACING '\x0000000000000004' FROM octet_length(refs) - 7) WHERE level = 0 AND log_id = (SELECT root_log_id FROM audit_log_incarnations)
  AND first = (SELECT max(first) FROM audit_log_tiles WHERE level = 0 AND log_id = (SELECT root_log_id FROM audit_log_incarnations));
CALL test.past_the_guard('ALTER TABLE audit_log_tiles ENABLE TRIGGER USER');
SELECT size, former FROM head WHERE log = w(1) ORDER BY size;
SELECT count(*) FROM fetch_audit_stream('one');
SELECT severity, code, right(workspace_id::text, 1) AS workspace FROM audit_verify() WHERE severity = 'critical';
