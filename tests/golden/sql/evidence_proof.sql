-- Receipts: audit_event_proof() shows an event, hot or archived, as far as it is asked to, with hashes that lead to a checkpoint. They are checked here as a
-- verifier checks them, by the texts of the RFCs alone.
\i tests/golden/prelude.sql
CREATE EXTENSION audit_ext;
\i tests/golden/receipt.sql
SELECT record(1) AS live, record(1) AS other, insert_audit_event('BARE', 'thing', NULL, w(2), w(70)) AS bare \gset
SELECT * FROM test.refusal('SELECT audit_event_proof(w(9))');
SELECT * FROM test.refusal('SELECT audit_event_proof(NULL)');
SELECT code, replace(message, :'live', '<event>') AS message, hint FROM test.refusal(format('SELECT audit_event_proof(%L)', :'live'));
SELECT sealed_count, head_count FROM audit_seal();
SELECT * FROM test.told(audit_event_proof(:'live'));
SELECT * FROM test.told(audit_event_proof(:'other'));
-- Without payload there is still a payload, an empty one.
SELECT * FROM test.told(audit_event_proof(:'bare'));
SELECT name, value FROM test.columns(audit_event_proof(:'bare') -> 'disclosures') WHERE name NOT IN ('id', 'created_at') ORDER BY name;
-- Values are the texts that PostgreSQL prints, whatever the session has set.
SET TimeZone = 'Asia/Kolkata'; SET DateStyle = 'German'; SET bytea_output = 'escape';
SELECT name, value FROM test.columns(audit_event_proof(:'live') -> 'disclosures') WHERE name NOT IN ('id', 'created_at', 'payload', 'metadata') ORDER BY name;
SELECT value ~ '^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?\+00$' AS "in UTC" FROM test.columns(audit_event_proof(:'live') -> 'disclosures') WHERE name = 'created_at';
RESET TimeZone; RESET DateStyle; RESET bytea_output;

-- As much as is asked for.
SELECT fields, told.* FROM (VALUES ('{}'::text[]), ('{action_type}'), ('{new_values}'), ('{new_values,created_at,tags,new_values}'), ('{id}')) AS asked (fields), test.told(audit_event_proof(:'live', fields)) AS told;
SELECT * FROM test.refusal(format('SELECT audit_event_proof(%L, %L)', :'live', '{new_values,seal_key}'));
SELECT code, message FROM test.refusal(format('SELECT audit_event_proof(%L, ARRAY[NULL])', :'live'));

-- Later seals: a receipt goes to the newest checkpoint, or to the newest one that is signed and covers the event.
SELECT record(1) AS later \gset
SELECT sealed_count, head_count FROM audit_seal();
SELECT * FROM test.told(audit_event_proof(:'live', '{}'));
SELECT audit_add_signatures(audit_checkpoint(2) || E'\n' || test.line('log', 'log')) AS added;
SELECT what, told.* FROM (VALUES ('live', :'live'::uuid), ('later', :'later')) AS event (what, id), test.told(audit_event_proof(id, '{}')) AS told;
SELECT audit_add_signatures(audit_checkpoint() || E'\n' || test.line('log', 'newer')) AS added;
SELECT what, told.* FROM (VALUES ('live', :'live'::uuid), ('later', :'later')) AS event (what, id), test.told(audit_event_proof(id, '{}')) AS told;
-- Also where the rows of a tile have become one, which tells only of its last head.
DO $$ BEGIN FOR n IN 1..40 LOOP PERFORM record(1); PERFORM record(3); COMMIT; PERFORM audit_seal(); COMMIT; END LOOP; END $$;
SELECT count(*) < 20 AS merged FROM audit_log_tiles WHERE log_id = w(1) AND level = 0;
SELECT * FROM test.told(audit_event_proof(:'later', '{}'));
SELECT audit_add_signatures(audit_checkpoint(21) || E'\n' || test.line('log', 'between')) AS added;
SELECT what, told.* FROM (VALUES ('live', :'live'::uuid), ('later', :'later')) AS event (what, id), test.told(audit_event_proof(id, '{}')) AS told;
-- All events, each with its place.
SELECT count(*), count(DISTINCT (receipt ->> 'workspace_id', receipt ->> 'index')), bool_and(test.proves(receipt)) AS proven FROM audit_events, LATERAL (SELECT audit_event_proof(id) AS receipt) AS proof;
-- In a transaction that only reads.
BEGIN READ ONLY;
SELECT proves FROM test.told(audit_event_proof(:'live'));
COMMIT;

-- Archived; erased; purged.
INSERT INTO audit_events (created_at, action_type, resource_type, workspace_id, created_by_user_id, new_values)
  SELECT now() - days * interval '1 day', 'OLD', 'thing', w(4), w(70), '{"a": 1}' FROM unnest(ARRAY[900, 200]) AS days;
SELECT id AS purged FROM audit_events WHERE workspace_id = w(4) ORDER BY id LIMIT 1 \gset
SELECT id AS archived FROM audit_events WHERE workspace_id = w(4) ORDER BY id OFFSET 1 LIMIT 1 \gset
SELECT sealed_count FROM audit_seal();
CREATE TABLE before AS SELECT audit_event_proof(:'archived') AS receipt;
SELECT archived_count FROM archive_old_audit_events();
SELECT receipt ->> 'entry' = audit_event_proof(:'archived') ->> 'entry' AS "the same leaf", (test.told(audit_event_proof(:'archived'))).* FROM before;
SELECT deleted_count FROM purge_expired_audit_events(w(4), 'RETENTION', 'T-1');
SELECT code, replace(message, :'purged', '<purged>') AS message, hint FROM test.refusal(format('SELECT audit_event_proof(%L)', :'purged'));
SELECT proves FROM test.told(audit_event_proof(:'archived'));
SELECT deleted_count FROM delete_user_audit_events_compliant(w(70), w(2), 'GDPR', 'T-2');
SELECT * FROM test.told(audit_event_proof(:'bare'));
SELECT deleted_count > 40 AS erased FROM delete_user_audit_events_compliant(w(70), w(1), 'GDPR', 'T-3');
SELECT * FROM test.told(audit_event_proof(:'live'));
SELECT * FROM test.told(audit_event_proof(:'live', '{new_values}'));
-- An event that is erased before it is sealed.
SELECT record(6) AS early \gset
SELECT deleted_count FROM delete_user_audit_events_compliant(w(70), w(6), 'GDPR', 'T-4');
SELECT sealed_count > 0 AS sealed FROM audit_seal();
SELECT proves, shown FROM test.told(audit_event_proof(:'early'));

-- A new incarnation: signed checkpoints of the old one still cover what they covered.
SELECT audit_begin_incarnation('a copy of the files') AS incarnation;
SELECT record(3) AS newest \gset
SELECT sealed_count > 0 AS sealed FROM audit_seal();
SELECT what, told.*, receipt ->> 'checkpoint' LIKE origin || '%' AS "of the present one"
FROM (VALUES ('live', :'live'::uuid), ('newest', :'newest')) AS event (what, id), audit_event_proof(id, '{}') AS receipt, test.told(receipt) AS told,
  (SELECT origin FROM audit_log_incarnations ORDER BY incarnation DESC LIMIT 1) AS present;

-- A receipt whose parts are changed proves nothing: so the check above checks.
WITH receipt AS (SELECT audit_event_proof(:'live') AS it) SELECT what, coalesce(test.proves(changed), false) AS proves FROM receipt, LATERAL (VALUES
  ('as it is', it), ('another place', jsonb_set(it, '{index}', '1')), ('another entry', jsonb_set(it, '{entry}', to_jsonb(replace(it ->> 'entry', '"v":1', '"v":2')))),
  ('a hash more', jsonb_set(it, '{path,99}', it #> '{path,0}', true)), ('another workspace', jsonb_set(it, '{workspace_id}', to_jsonb(w(2))))) AS change (what, changed);
