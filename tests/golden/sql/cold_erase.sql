-- An erasure reaches into files: the database erases in the bytes that are presented, exactly as in its own rows, and a successor takes the place of the file.
\i tests/golden/prelude.sql
CREATE EXTENSION audit_ext;
\i tests/golden/cold_files.sql
SET client_min_messages = warning;
CREATE FUNCTION w(n int) RETURNS uuid LANGUAGE sql AS $$ SELECT ('00000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid $$;
INSERT INTO audit_retention_policies (workspace_id, hot_retention_days, warm_archive_days, cold_retention_days) VALUES (w(1), 30, 60, 3650);
SELECT count(*) > 0 AS made FROM create_past_audit_partitions('2020-01-01', current_date);
-- By Ann (71), Bob (72) and Cid (73), some about Ann; one was erased before.
INSERT INTO audit_events (created_at, action_type, resource_type, resource_id, workspace_id, created_by_user_id, old_values, new_values, ip_address, user_agent, request_id, tags, metadata)
SELECT timestamptz '2024-02-10+00' + n * interval '1 hour', 'ACT', 'thing', CASE n % 7 WHEN 0 THEN w(71) END, w(1), w(71 + n % 3), jsonb_build_object('n', n), '{"n": 1.00}', '10.0.0.1', 'agent ' || n, 'r' || n, '{a,NULL}', '{"secret": "payload"}' FROM generate_series(1, 120) AS n;
INSERT INTO audit_events (created_at, action_type, resource_type, workspace_id, created_by_user_id, user_agent) VALUES ('2024-02-20+00', 'ACT', 'thing', w(1), w(79), 'gone');
SELECT archived_count FROM archive_old_audit_events();
SELECT deleted_count FROM delete_user_audit_events_compliant(w(79), w(1), 'GDPR', 'T-0');
SELECT count(*) > 0 AS sealed FROM audit_seal();
SELECT test.export(w(1), '2024-02-01') AS object \gset
SELECT released_count FROM release_audit_cold_object(:'object', 'SOC2', 'T-1');
CREATE VIEW erasures AS SELECT CASE object_id WHEN (SELECT object_id FROM audit_cold_objects WHERE replaces IS NULL) THEN 'first' ELSE 'later' END AS object, (SELECT right(subject_user_id::text, 2) FROM audit_deletion_log AS log WHERE log.id = deletion_log_id) AS person,
  includes_about AS about, is_done AS done, event_count AS events, carried_out_log_id IS NOT NULL AS logged FROM audit_cold_erasures ORDER BY pending_at, 1;
-- Without an erasure nothing is to be done in a file.
SELECT code, replace(message, :'object', '(object)') AS message FROM test.chunks, test.refusal(format('SELECT erase_audit_cold_chunk(%L, 0, %L)', object_id, bytes));

-- All events are on loan, so the database erases its own rows, which is what the bytes must become.
SELECT restore_audit_cold_events(object_id, chunk, bytes) AS lent FROM test.chunks;
SELECT count(*) AS lent, string_agg(test.canonical(e), '' ORDER BY e.created_at, e.id) = (SELECT bytes FROM test.chunks) AS "as they were" FROM audit_cold_loans JOIN audit_events_archive AS e ON e.id = event_id;
SELECT deleted_count FROM delete_user_audit_events_compliant(w(71), w(1), 'GDPR', 'T-2', true, 'asked by letter');
TABLE erasures;
-- Meanwhile nothing comes back from the file: it still has the payload.
SELECT code, replace(message, :'object', '(object)') AS message FROM test.chunks, test.refusal(format('SELECT restore_audit_cold_events(%L, 0, %L)', object_id, bytes));
-- Nothing is erased that is held.
BEGIN;
SELECT place_audit_hold(w(1), 'case 1', w(71)) IS NOT NULL AS held;
SELECT code, message FROM test.chunks, test.refusal(format('SELECT erase_audit_cold_chunk(%L, 0, %L)', object_id, bytes));
ROLLBACK;
-- Nor in other bytes.
SELECT code, message FROM test.chunks, test.refusal(format('SELECT erase_audit_cold_chunk(%L, 0, %L)', object_id, set_bit(bytes, 77, 1 - get_bit(bytes, 77))));
SELECT code, replace(message, :'object', '(object)') AS message FROM test.chunks, test.refusal(format('SELECT erase_audit_cold_chunk(%L, 1, %L)', object_id, bytes));
BEGIN;
SELECT test.erase(:'object') AS successor \gset
SELECT bytes = (SELECT string_agg(test.canonical(e), '' ORDER BY created_at, id) FROM audit_events_archive AS e WHERE workspace_id = w(1) AND resource_type = 'thing') AS "the erased bytes are the erased rows", position('payload' IN bytes) > 0 AS "payload of others", octet_length(bytes)
FROM test.chunks WHERE object_id = :'successor';
SELECT count(*) AS lent, bool_and(row_sha256 = sha256(test.canonical(e))) AS "loans are as they are now" FROM audit_cold_loans JOIN audit_events_archive AS e ON e.id = event_id;
COMMIT;

-- Meanwhile the loans stay: what was lent is erased, and the file is not.
SELECT returned_count FROM return_audit_cold_loans(w(1), 'SOC2', 'T-5', '0');

-- A successor takes the place only if it has what was made of each chunk, and was searched for all that is to be erased.
CREATE FUNCTION replace_(p_object uuid, p_manifest jsonb) RETURNS TABLE (code text, message text) LANGUAGE sql AS $$
  SELECT code, replace(replace(message, p_object::text, '(object)'), p_manifest ->> 'object', '(successor)') FROM test.refusal(format('SELECT replace_audit_cold_object(%L, %L)', p_object, p_manifest))
$$;
SELECT what, refused.* FROM test.successor(:'successor') AS good, LATERAL (VALUES
  ('the bytes of before', jsonb_set(good, '{chunks}', (SELECT manifest -> 'chunks' FROM audit_cold_objects WHERE object_id = :'object'))), ('another number of events', jsonb_set(jsonb_set(good, '{chunks,0,events}', '1'), '{event_count}', '1')),
  ('one chunk more', jsonb_set(jsonb_set(good, '{chunks}', (good -> 'chunks') || (good -> 'chunks')), '{event_count}', to_jsonb(2 * (good ->> 'event_count')::int))), ('another key', jsonb_set(good, '{last,id}', to_jsonb(w(5)))),
  ('another object', jsonb_set(good, '{object}', to_jsonb(:'object'::text))), ('no predecessor', jsonb_set(good, '{replaces}', 'null')), ('without evidence', jsonb_set(good, '{evidence}', 'null')), ('nothing', NULL)) AS one (what, manifest), LATERAL replace_(:'object', manifest) AS refused;
SELECT code, replace(message, :'successor', '(successor)') AS message FROM test.refusal(format('SELECT replace_audit_cold_object(%L, %L)', :'successor', test.successor(:'successor')));
SELECT code, replace(message, :'successor', '(successor)') AS message FROM test.refusal(format('SELECT release_audit_cold_object(%L, ''SOC2'', ''T-9'')', :'successor'));
-- A hold that was placed since keeps the erasure pending, also if the clock was an hour ahead when the chunks were searched.
CREATE PROCEDURE searched_ahead() LANGUAGE plpgsql AS $$
BEGIN
  CALL test.past_the_guard('ALTER TABLE audit_cold_chunks DISABLE TRIGGER USER');
  UPDATE audit_cold_chunks SET searched_at = clock_timestamp() + interval '1 hour' WHERE searched_at IS NOT NULL;
  PERFORM audit_setup();
END $$;
CALL searched_ahead();
BEGIN;
SELECT place_audit_hold(w(1), 'case 2', w(73)) AS hold \gset
SELECT * FROM replace_(:'object', test.successor(:'successor'));
ROLLBACK;
-- An erasure that is ordered since has every chunk searched once more.
SELECT deleted_count FROM delete_user_audit_events_compliant(w(72), w(1), 'CCPA', 'T-3');
SELECT * FROM replace_(:'object', test.successor(:'successor'));
TABLE erasures;
SELECT discard_audit_cold_object(:'successor', 'written before the last erasure');

-- Both at once.
SELECT test.erase(:'object') AS successor \gset
SELECT replace_audit_cold_object(:'object', test.successor(:'successor'));
TABLE erasures;
SELECT CASE object_id WHEN :'object' THEN 'first' WHEN :'successor' THEN 'last' ELSE 'between' END AS object, state, release_log_id = (SELECT id FROM audit_deletion_log WHERE kind = 'cold') AS "entry of the release", regexp_replace(condemned_reason, '[0-9a-f]{8}-\S+', '(object)') AS condemned FROM audit_cold_objects ORDER BY opened_at;
SELECT deletion_authority, approval_ticket_id, right(subject_user_id::text, 2) AS person, deletion_reason, event_count, count(*) OVER (PARTITION BY deleted_at) AS "of this time", event_ids_sha256 IS NOT NULL AS listed FROM audit_deletion_log WHERE approval_ticket_id IN ('T-2', 'T-3') ORDER BY deleted_at, event_count, id;
SELECT action_type, new_values ->> 'approval_ticket_id' AS ticket, new_values ->> 'event_count' AS events FROM audit_events WHERE action_type = 'AUDIT_EVENTS_ERASED' ORDER BY created_at, id;
SELECT bytes = (SELECT string_agg(test.canonical(e), '' ORDER BY created_at, id) FROM audit_events_archive AS e WHERE workspace_id = w(1) AND resource_type = 'thing') AS "the erased bytes are the erased rows" FROM test.chunks WHERE object_id = :'successor';
-- Loans are of the successor. They go back as they are, and come from its file; the superseded file gives nothing.
SELECT count(*), bool_and(object_id = :'successor') AS "of the successor" FROM audit_cold_loans;
SELECT returned_count FROM return_audit_cold_loans(w(1), 'SOC2', 'T-4', '0');
SELECT code, replace(message, :'object', '(object)') AS message FROM test.refusal(format('SELECT restore_audit_cold_events(%L, 0, %L)', :'object', (SELECT bytes FROM test.chunks WHERE object_id = :'object')));
SELECT code, message FROM test.refusal(format('SELECT restore_audit_cold_events(%L, 0, %L)', :'successor', (SELECT bytes FROM test.chunks WHERE object_id = :'object')));
SELECT restore_audit_cold_events(object_id, chunk, bytes) AS lent, (SELECT count(*) FROM audit_events_archive WHERE deleted_at IS NOT NULL) AS erased FROM test.chunks WHERE object_id = :'successor';
SELECT count(*) AS erased FROM audit_events_archive WHERE deleted_at IS NOT NULL;

-- Whoever has no event in the file leaves it as it is, once every chunk was searched.
SELECT deleted_count FROM delete_user_audit_events_compliant(w(78), w(1), 'GDPR', 'T-5');
SELECT test.erase(:'successor') AS successor_of_successor;
SELECT * FROM erasures WHERE person = '78';
SELECT new_values ->> 'erasures' AS erasures FROM audit_events WHERE action_type = 'AUDIT_COLD_SEARCHED';

-- Events that are in the file alone: a further entry lists them, with the time, actor and grounds of the one that was written when the erasure was ordered.
SELECT returned_count FROM return_audit_cold_loans(w(1), 'SOC2', 'T-6', '0');
SELECT deleted_count FROM delete_user_audit_events_compliant(w(73), w(1), 'LGPD', 'T-7', true);
SELECT deleted_count FROM delete_user_audit_events_compliant(w(77), w(1), 'LGPD', 'T-8');
SELECT test.erase(:'successor') AS last \gset
SELECT replace_audit_cold_object(:'successor', test.successor(:'last'));
SELECT * FROM erasures WHERE person IN ('73', '77') ORDER BY person, object;
SELECT approval_ticket_id, event_count, count(*) OVER same = 2 AS "the same grounds and time", is_irrevocable, event_ids_sha256 IS NOT NULL AS listed FROM audit_deletion_log WHERE approval_ticket_id IN ('T-7', 'T-8')
WINDOW same AS (PARTITION BY deleted_at, deletion_authority, deletion_reason, approval_ticket_id, subject_user_id, deleted_by_user_id, deleted_by_role, acting_role) ORDER BY 1, 2;
SELECT count(*) AS months, max(audit_deletion_months.event_count) AS events FROM audit_deletion_months JOIN audit_deletion_log AS log ON log.id = deletion_log_id WHERE approval_ticket_id = 'T-7';
SELECT restore_audit_cold_events(object_id, chunk, bytes) AS lent FROM test.chunks WHERE object_id = :'last';
SELECT right(created_by_user_id::text, 2) AS person, count(*) AS erased, bool_and(e.deletion_reason = log.deletion_reason AND e.deleted_at = log.deleted_at) AS "marked as logged", bool_and(octet_length(seal_key) = 48) AS "keys of erased events"
FROM audit_events_archive AS e JOIN audit_deletion_log AS log ON log.deleted_at = e.deleted_at AND log.event_ids_sha256 IS NOT NULL WHERE e.resource_type = 'thing' GROUP BY 1 ORDER BY 1;
SELECT position('payload' IN bytes) AS "payload left" FROM test.chunks WHERE object_id = :'last';
SELECT count(*) > 0 AS sealed FROM audit_seal();
SELECT severity, code FROM audit_verify();
