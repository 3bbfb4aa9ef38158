-- What is cold, in the evidence: what is not as it was sealed does not leave, and nothing that somebody invents accounts for a row that is gone.
\i tests/golden/prelude.sql
CREATE EXTENSION audit_ext;
\i tests/golden/cold_evidence.sql
INSERT INTO audit_retention_policies (workspace_id, hot_retention_days, warm_archive_days, cold_retention_days) VALUES (w(1), 30, 60, 3000);
SELECT record('2022-02-01', 6), record('2022-03-01', 3);
SELECT archived_count FROM archive_old_audit_events();
SELECT sealed_count FROM audit_seal();
SELECT export('2022-02-01') AS february \gset
SELECT store_audit_cold_object(:'february', manifest(:'february', audit_checkpoint()));
SELECT released_count FROM release_audit_cold_object(:'february', 'SOC2', 'T-1');
SELECT sealed_count > 0 AS sealed FROM audit_seal();

-- What was changed since its seal, and what was put in past the seals, does not leave, though its file is what the archive is.
BEGIN;
CALL tamper('audit_events_archive', $$UPDATE audit_events_archive SET user_agent = 'forged' WHERE workspace_id = w(1)$$);
SELECT export('2022-03-01') AS march \gset
SELECT store_audit_cold_object(:'march', manifest(:'march', audit_checkpoint()));
SELECT code, message, replace(detail, file.keys[1] ->> 'id', '<event>') AS detail, hint FROM file, refused(format('SELECT release_audit_cold_object(%L, ''SOC2'', ''T-1'')', object_id)) WHERE object_id = :'march';
ROLLBACK;
BEGIN;
CALL tamper('audit_events_archive', $$INSERT INTO audit_events_archive SELECT (jsonb_populate_record(e, jsonb_build_object('id', test.id_at(created_at + interval '1 second', 1), 'created_at', created_at + interval '1 second', 'seal_xid', -e.seal_xid))).*
  FROM audit_events_archive AS e WHERE workspace_id = w(1) ORDER BY created_at LIMIT 1$$);
SELECT month, event_count, obstacle FROM audit_cold_due(NULL, 1);
SELECT export('2022-03-01') AS march \gset
SELECT store_audit_cold_object(:'march', manifest(:'march', audit_checkpoint()));
SELECT code, message, replace(detail, file.keys[2] ->> 'id', '<event>') AS detail, hint FROM file, refused(format('SELECT release_audit_cold_object(%L, ''SOC2'', ''T-1'')', object_id)) WHERE object_id = :'march';
ROLLBACK;

-- Nothing covers what no object holds: the catalog says that the object is gone.
BEGIN;
CALL tamper('audit_cold_objects', format($$UPDATE audit_cold_objects SET state = 'condemned', condemned_at = now(), condemned_by_user_id = w(1), condemned_by_role = 'x', condemned_reason = 'x' WHERE object_id = %L$$, :'february'));
SELECT * FROM verified();
SELECT * FROM exported() WHERE kind = 'removed';
ROLLBACK;
-- An object that was adopted without its entry is known by its events.
BEGIN;
CALL tamper('audit_cold_objects', format($$UPDATE audit_cold_objects SET is_adopted = true, release_log_id = NULL, request_id = NULL WHERE object_id = %L$$, :'february'));
SELECT * FROM verified();
ROLLBACK;

-- Rows are deleted by hand, under an entry, a list and an event as the extension would make them: of a release, then of another kind.
CREATE FUNCTION entry_id(e audit_deletion_log, OUT id uuid, OUT resource_type text) LANGUAGE sql STABLE SET timezone = 'UTC' AS $$
  SELECT encode(overlay(overlay(substr(digest, 1, 16) PLACING set_byte('\x00', 0, get_byte(digest, 6) & 15 | 128) FROM 7) PLACING set_byte('\x00', 0, get_byte(digest, 8) & 63 | 128) FROM 9), 'hex')::uuid, 'audit_deletion_log/' || encode(digest, 'hex')
  FROM (SELECT sha256(convert_to('{' || string_agg(to_json(name) || ':' || value, ',' ORDER BY name COLLATE "C") || '}', 'UTF8')) AS digest
    FROM (SELECT name, CASE WHEN value = 'null' THEN 'null' WHEN name = 'event_ids_sha256' THEN to_json(encode(e.event_ids_sha256, 'hex'))::text WHEN name LIKE '%\_at' OR name = 'cutoff' AND value <> 'null' THEN to_json((value #>> '{}')::timestamptz::text)::text ELSE value::text END AS value
      FROM jsonb_each(to_jsonb(e) - 'id' - 'event_list_id') AS column_ (name, value) WHERE name NOT IN ('kind', 'parent_id', 'include_events_about_user', 'cutoff', 'held_workspaces') OR value <> 'null') AS columns) AS canonical
$$;
SELECT count(*) AS entries, count(*) FILTER (WHERE log.id = (entry_id(log)).id) AS "as the extension makes them" FROM audit_deletion_log AS log;
CREATE PROCEDURE forge(p_kind text, p_action text) LANGUAGE plpgsql AS $$
DECLARE
  list bytea := (SELECT string_agg(decode(replace(id::text, '-', ''), 'hex') || leaf, '' ORDER BY id) FROM audit_events_archive JOIN (
    SELECT encode(substr(refs, 16 * place + 1, 16), 'hex')::uuid AS id, substr(hashes, 32 * place + 1, 32) AS leaf FROM audit_log_tiles, generate_series(0, octet_length(hashes) / 32 - 1) AS place WHERE log_id = w(1) AND level = 0) AS sealed USING (id) WHERE workspace_id = w(1));
  forged audit_deletion_log;
BEGIN
  SELECT (jsonb_populate_record(log, jsonb_build_object('kind', p_kind, 'deleted_at', now(), 'event_count', octet_length(list) / 48, 'event_list_id', w(99), 'event_ids_sha256', sha256(list)))).* INTO forged FROM audit_deletion_log AS log WHERE kind = 'cold' LIMIT 1;
  forged.id := (entry_id(forged)).id;
  CALL tamper('audit_deletion_log', format('INSERT INTO audit_deletion_log SELECT (%L::audit_deletion_log).*', forged));
  CALL tamper('audit_deletion_events', format('INSERT INTO audit_deletion_events VALUES (%L, 0, %L)', w(99), list));
  CALL tamper('audit_events', format('INSERT INTO audit_events (id, created_at, action_type, resource_type, resource_id, workspace_id, created_by_user_id, seal_key, seal_xid) VALUES (test.id_at(clock_timestamp(), 1), clock_timestamp(), %L, %L, %L, w(1), w(70), %L, %s)',
    p_action, (entry_id(forged)).resource_type, forged.id, '\x000102030405060708090a0b0c0d0e0f', pg_current_xact_id()));
  CALL tamper('audit_events_archive', 'DELETE FROM audit_events_archive WHERE workspace_id = w(1)');
END $$;
BEGIN;
CALL forge('cold', 'AUDIT_COLD_RELEASED');
SELECT * FROM verified();
SELECT * FROM exported() WHERE kind = 'removed';
ROLLBACK;
BEGIN;
CALL forge(NULL, 'AUDIT_COLD_RELEASED');
SELECT * FROM verified();
ROLLBACK;
