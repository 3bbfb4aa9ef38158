-- Events leave for cold storage only if the database's own rows have the digests of the file; they come back only from bytes whose digest it knows.
\i tests/golden/prelude.sql
CREATE EXTENSION audit_ext;
\i tests/golden/cold_files.sql
SET client_min_messages = warning;
CREATE FUNCTION w(n int) RETURNS uuid LANGUAGE sql AS $$ SELECT ('00000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid $$;
INSERT INTO audit_retention_policies (workspace_id, hot_retention_days, warm_archive_days, cold_retention_days) SELECT w(n), 30, 60, 3650 FROM generate_series(1, 3) AS n;
SELECT count(*) > 0 AS made FROM create_past_audit_partitions('2024-02-01', '2024-02-29');
INSERT INTO audit_events (created_at, action_type, resource_type, resource_id, workspace_id, created_by_user_id, new_values)
SELECT timestamptz '2024-02-10+00' + n * interval '6 hours', 'ACT', 'thing', w(9), w(1 + n % 2), w(70 + n % 3), jsonb_build_object('n', n) FROM generate_series(1, 200) AS n;
SELECT archived_count FROM archive_old_audit_events();
SET client_min_messages = notice;
CREATE VIEW seen AS SELECT to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM') AS month, count(*) FROM audit_events_archive WHERE workspace_id = w(1) GROUP BY 1 ORDER BY 1;
TABLE seen;

-- An object that is open, or unknown, is not released.
BEGIN;
SELECT object_id AS open FROM begin_audit_cold_object(w(1), '2024-02-01', 'file:///cold') \gset
SELECT code, replace(message, :'open', '(object)') AS message FROM test.refusal(format('SELECT release_audit_cold_object(%L, ''SOC2'', ''T-1'')', :'open'));
SELECT code, message, hint FROM test.refusal(format('SELECT release_audit_cold_object(%L, ''SOC2'', ''T-1'')', w(99)));
ROLLBACK;
SELECT test.export(w(1), '2024-02-01') AS object \gset
SELECT test.export(w(1), '2024-03-01') AS newer \gset
CREATE FUNCTION release(p_object uuid) RETURNS TABLE (code text, message text) LANGUAGE sql AS $$
  SELECT code, replace(message, p_object::text, '(object)') FROM test.refusal(format('SELECT release_audit_cold_object(%L, ''SOC2'', ''T-1'')', p_object))
$$;
-- Nor without grounds, nor under any hold, nor in compliance mode or where the policy demands a request.
SELECT code, message FROM test.refusal(format('SELECT release_audit_cold_object(%L, '' '', ''T-1'')', :'object')) UNION ALL SELECT code, message FROM test.refusal(format('SELECT release_audit_cold_object(%L, ''SOC2'', NULL)', :'object'));
SELECT place_audit_hold(w(1), 'case 1', w(77)) AS hold \gset
SELECT * FROM release(:'object');
SELECT release_audit_hold(:'hold', 'over');
BEGIN;
UPDATE audit_retention_policies SET is_compliance_mode = true, compliance_reason = 'SOX' WHERE workspace_id = w(1);
SELECT * FROM release(:'object');
UPDATE audit_retention_policies SET is_compliance_mode = false, compliance_reason = NULL, requires_approval = true WHERE workspace_id = w(1);
SELECT * FROM release(:'object');
ROLLBACK;
-- Nor when the policy does not send the month to cold storage any more.
BEGIN;
UPDATE audit_retention_policies SET cold_retention_days = NULL WHERE workspace_id = w(1);
SELECT * FROM release(:'object');
UPDATE audit_retention_policies SET cold_retention_days = 36500, warm_archive_days = 36000 WHERE workspace_id = w(1);
SELECT * FROM release(:'object');
ROLLBACK;
-- Nor while its file is known to be gone or another: the events would be nowhere.
BEGIN;
SELECT report_audit_cold_check(:'object', 'missing');
SELECT * FROM release(:'object');
ROLLBACK;

-- The archive is not what the file was made of: an event came in late, one was changed, one was taken, in spite of all guards; the first chunk that differs is told.
CREATE PROCEDURE tamper(p_sql text) LANGUAGE plpgsql AS $$
BEGIN
  CALL test.past_the_guard('ALTER TABLE audit_events_archive DISABLE TRIGGER USER');
  EXECUTE p_sql;
  CALL test.past_the_guard('ALTER TABLE audit_events_archive ENABLE TRIGGER USER');
END $$;
BEGIN;
CALL tamper($$UPDATE audit_events_archive SET new_values = '{"n": 0}' WHERE id = (SELECT min(id::text) FROM audit_events_archive WHERE workspace_id = w(1))::uuid$$);
SELECT * FROM release(:'object');
ROLLBACK;
BEGIN;
CALL tamper($$DELETE FROM audit_events_archive WHERE id = (SELECT min(id::text) FROM audit_events_archive WHERE workspace_id = w(1))::uuid$$);
DO $$
DECLARE
  told text;
BEGIN
  PERFORM release_audit_cold_object(object_id, 'SOC2', 'T-1') FROM audit_cold_objects WHERE month = '2024-02-01';
EXCEPTION WHEN restrict_violation THEN
  GET STACKED DIAGNOSTICS told = PG_EXCEPTION_DETAIL;
  RAISE NOTICE '%', regexp_replace(told, '[0-9a-f]{8}-\S+', '(object)');
END $$;
ROLLBACK;
BEGIN;
CALL tamper($$INSERT INTO audit_events_archive SELECT (jsonb_populate_record(e, jsonb_build_object('id', test.id_at(e.created_at + interval '1 microsecond', 1), 'created_at', e.created_at + interval '1 microsecond'))).* FROM audit_events_archive AS e
  WHERE workspace_id = w(1) ORDER BY created_at LIMIT 1$$);
SELECT * FROM release(:'object');
ROLLBACK;
-- Digests of other rows are not put in their place.
SELECT code, message FROM test.refusal(format('UPDATE audit_cold_chunks SET sha256 = sha256(''other'') WHERE object_id = %L', :'object'));

-- It is what the file was made of. One entry, one list, one event that names the entry; nothing irrevocable.
SELECT released_count FROM release_audit_cold_object(:'object', 'SOC2', 'T-1');
TABLE seen;
SELECT state, released_by_role = session_user AS "by me", log.deletion_authority, log.approval_ticket_id, log.kind, log.is_irrevocable, log.event_count, replace(replace(log.deletion_reason, object_id::text, '(object)'), encode(file_sha256, 'hex'), '(file_sha256)') AS reason
FROM audit_cold_objects JOIN audit_deletion_log AS log ON log.id = release_log_id;
SELECT action_type, resource_id = log.id AS "names the entry", resource_type ~ '^audit_deletion_log/[0-9a-f]{64}$' AS "and its digest", new_values ->> 'event_count' AS events FROM audit_events, audit_deletion_log AS log WHERE action_type = 'AUDIT_COLD_RELEASED' AND log.kind = 'cold';
SELECT count(*) AS months, sum(event_count) AS events FROM audit_deletion_months;
-- Twice: it is over.
SELECT * FROM release(:'object');
-- The newest event leaves with the other month: what was recorded before it is refused as if it were there.
SELECT released_count FROM release_audit_cold_object(:'newer', 'SOC2', 'T-1');
SELECT last_created_at = (SELECT last_created_at FROM audit_cold_objects WHERE object_id = :'newer') AS "the floor" FROM audit_event_sequence WHERE workspace_id = w(1);
SELECT code, constraint_name FROM test.refusal($$INSERT INTO audit_events (created_at, action_type, resource_type, workspace_id, created_by_user_id) VALUES ('2024-03-01+00', 'ACT', 'thing', w(1), w(70))$$);

-- Back: bytes of another chunk, cut off, with one bit flipped, of a superseded file; no chunk of this number; no bytes.
CREATE FUNCTION restore(p_object uuid, p_chunk int, p_bytes text) RETURNS TABLE (code text, message text) LANGUAGE sql AS $$
  SELECT code, replace(message, p_object::text, '(object)') FROM test.refusal(format('SELECT restore_audit_cold_events(%L, %L, (SELECT %s FROM test.chunks WHERE object_id = %L AND chunk = 0))', p_object, p_chunk, p_bytes, p_object))
$$;
SELECT bytes, refused.* FROM (VALUES (0, $$(SELECT other.bytes FROM test.chunks AS other WHERE other.object_id <> chunks.object_id)$$), (0, 'substr(bytes, 1, octet_length(bytes) - 1)'), (0, $$bytes || '\x00'$$), (0, 'set_bit(bytes, 999, 1 - get_bit(bytes, 999))'), (0, $$''::bytea$$),
  (0, 'NULL::bytea'), (1, 'bytes'), (-1, 'bytes'), (NULL, 'bytes')) AS one (chunk, bytes), LATERAL restore(:'object', chunk, bytes) AS refused;
-- One, which stays where it is when it is asked for again; then the others.
SELECT restore_audit_cold_events(:'object', 0, bytes, ARRAY[first_id, w(1)]) AS one FROM test.chunks JOIN audit_cold_objects USING (object_id) WHERE object_id = :'object';
SELECT restore_audit_cold_events(:'object', 0, bytes, ARRAY[first_id]) AS again, restore_audit_cold_events(:'object', 0, bytes, '{}') AS none, restore_audit_cold_events(:'object', 0, bytes) AS others FROM test.chunks JOIN audit_cold_objects USING (object_id) WHERE object_id = :'object';
TABLE seen;
SELECT count(*), bool_and(row_sha256 = sha256(test.canonical(e))) AS "as stored", bool_and(e.seal_xid < 0) AS "to be sealed" FROM audit_cold_loans JOIN audit_events_archive AS e ON e.id = event_id;
SELECT new_values - 'store' - 'path' AS told FROM audit_events WHERE action_type = 'AUDIT_COLD_RESTORED' ORDER BY created_at, id;
-- Loans are no rows of an object to be; a lent event may become hot and archived again.
SELECT obstacle FROM audit_cold_due(w(1), 1);
SELECT count(*) FROM test.cut(w(1), '2024-02-01');
SELECT restore_audit_events(ARRAY[first_id]) AS hot FROM audit_cold_objects WHERE object_id = :'object';
-- Returned: those that are archived and unchanged, and old enough.
SELECT returned_count, deletion_log_id FROM return_audit_cold_loans(w(1), 'SOC2', 'T-2');
SELECT code, message FROM test.refusal($$SELECT return_audit_cold_loans(w(1), 'SOC2', 'T-2', '-1 day')$$) UNION ALL SELECT code, message FROM test.refusal($$SELECT return_audit_cold_loans(NULL, 'SOC2', 'T-2', '1 day')$$);
SELECT returned_count FROM return_audit_cold_loans(w(1), 'SOC2', 'T-2', '100000 years');
BEGIN;
CALL tamper($$UPDATE audit_events_archive SET user_agent = 'forged' WHERE id = (SELECT max(id::text) FROM audit_events_archive WHERE workspace_id = w(1))::uuid$$);
SELECT returned_count FROM return_audit_cold_loans(w(1), 'SOC2', 'T-2', '0');
ROLLBACK;
-- A loan whose file is gone is all that is left of its event.
BEGIN;
SELECT report_audit_cold_check(:'object', 'missing');
SELECT returned_count FROM return_audit_cold_loans(w(1), 'SOC2', 'T-2', '0');
ROLLBACK;
SELECT place_audit_hold(w(1), 'case 2') AS hold \gset
SELECT code, message FROM test.refusal($$SELECT return_audit_cold_loans(w(1), 'SOC2', 'T-2', '0')$$);
SELECT release_audit_hold(:'hold', 'over');
SELECT returned_count, deletion_log_id AS entry FROM return_audit_cold_loans(w(1), 'SOC2', 'T-2', '0') \gset
SELECT :returned_count AS returned, kind, is_irrevocable, deletion_reason, event_count FROM audit_deletion_log WHERE id = :'entry';
TABLE seen;
SELECT count(*) AS loans FROM audit_cold_loans;
-- A trigger of somebody else on the table of loans is run, and must not suppress a row of it.
CREATE FUNCTION theirs() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  IF current_setting('their.choice') = 'suppress' THEN RETURN NULL; END IF;
  NEW.lent_at := '2024-01-01Z';
  RETURN NEW;
END $$;
BEGIN;
CALL test.past_the_guard('CREATE TRIGGER theirs BEFORE INSERT ON audit_cold_loans FOR EACH ROW EXECUTE FUNCTION theirs()');
SET LOCAL their.choice = 'suppress';
SELECT code, message FROM test.refusal(format('SELECT restore_audit_cold_events(object_id, chunk, bytes) FROM test.chunks WHERE object_id = %L', :'object'));
SET LOCAL their.choice = 'pass';
SELECT restore_audit_cold_events(object_id, chunk, bytes) AS restored FROM test.chunks WHERE object_id = :'object';
SELECT count(*), bool_and(row_sha256 = sha256(test.canonical(e))) AS "as stored", bool_and(lent_at = '2024-01-01Z') AS "by their trigger" FROM audit_cold_loans JOIN audit_events_archive AS e ON e.id = event_id;
ROLLBACK;
-- Who may: levels.
CREATE ROLE cold_reader; SELECT audit_grant('cold_reader', 'reader');
SET ROLE cold_reader;
SELECT code FROM unnest(ARRAY['release_audit_cold_object(NULL, NULL, NULL)', 'restore_audit_cold_events(NULL, 0, NULL)', 'return_audit_cold_loans(NULL, NULL, NULL)', 'erase_audit_cold_chunk(NULL, 0, NULL)', 'replace_audit_cold_object(NULL, NULL)']) AS call, LATERAL test.refusal('SELECT ' || call);
RESET ROLE;
DROP OWNED BY cold_reader; DROP ROLE cold_reader;
