-- What an event has for its seal: a key of its own and the transaction that recorded it, set by the server on every path, refused from callers, carried
-- wherever the event goes; an erasure takes the key with the payload.
\i tests/golden/prelude.sql
CREATE EXTENSION audit_ext;
\i tests/golden/oracle.sql
-- Negative where the time does not find the event: it is a caller's, or the row was stored over a second later.
CREATE VIEW seal AS SELECT action_type, count(*) AS events, count(DISTINCT seal_key) AS keys, bool_and(octet_length(seal_key) = 16) AS "16 bytes",
  bool_and(abs(seal_xid) = pg_current_xact_id()::text::bigint) AS "this transaction", string_agg(DISTINCT sign(seal_xid)::text, ', ') AS sign
FROM audit_events GROUP BY 1 ORDER BY 1;
CREATE TABLE item (id int PRIMARY KEY, workspace_id uuid, name text);
BEGIN;
SELECT audit_track_table('item') \g /dev/null
SELECT count(insert_audit_event('FUNCTION', 'thing', NULL, w(1), w(2), '{"a": 1}', '{"a": 2}')) FROM generate_series(1, 3);
SAVEPOINT s;
SELECT count(*) FROM insert_audit_events((SELECT jsonb_agg(jsonb_build_object('action_type', 'FUNCTIONS', 'resource_type', 'thing', 'workspace_id', w(1), 'created_by_user_id', w(2))) FROM generate_series(1, 150)));
SELECT count(*) FROM insert_audit_events(jsonb_build_array(
  jsonb_build_object('action_type', 'FUNCTIONS_AT', 'resource_type', 'thing', 'workspace_id', w(1), 'created_by_user_id', w(2), 'created_at', clock_timestamp()),
  jsonb_build_object('action_type', 'FUNCTIONS_NOW', 'resource_type', 'thing', 'workspace_id', w(1), 'created_by_user_id', w(2))));
INSERT INTO audit_events (action_type, resource_type, workspace_id, created_by_user_id, new_values) VALUES ('INSERT', 'thing', w(1), w(2), '{"a": 2}'), ('INSERT', 'thing', w(1), w(2), NULL);
INSERT INTO audit_events (created_at, action_type, resource_type, workspace_id, created_by_user_id) VALUES (clock_timestamp(), 'INSERT_AT', 'thing', w(1), w(2));
RELEASE s;
MERGE INTO audit_events USING (VALUES (1), (2)) AS one ON false WHEN NOT MATCHED THEN INSERT (action_type, resource_type, workspace_id, created_by_user_id) VALUES ('MERGE', 'thing', w(1), w(2));
SELECT quote_ident(test.month()) AS month \gset
INSERT INTO :month (id, created_at, action_type, resource_type, workspace_id, created_by_user_id) VALUES (audit_event_id(), audit_event_time(), 'PARTITION', 'thing', w(1), w(2));
COPY audit_events (action_type, resource_type, workspace_id, created_by_user_id, old_values, new_values) FROM stdin WITH (DELIMITER '|');
COPY|thing|00000000-0000-4000-8000-000000000001|00000000-0000-4000-8000-000000000002|\N|\N
COPY|thing|00000000-0000-4000-8000-000000000001|00000000-0000-4000-8000-000000000002|{"a": 1}|{"a": 2}
\.
INSERT INTO item VALUES (1, w(1), 'captured');
-- A time that is a second old when the row is stored: its transaction may be one that began to write later.
INSERT INTO audit_events (id, created_at, action_type, resource_type, workspace_id, created_by_user_id)
  SELECT audit_event_id(), audit_event_time(), 'LATE', 'thing', w(1), (SELECT w(2) FROM pg_sleep(1.1));
TABLE seal;
SELECT count(*) = count(DISTINCT seal_key) AS "each its own" FROM audit_events;
ROLLBACK;

-- A caller's own values, on each path that has columns.
SELECT path, code, message, hint FROM (VALUES
  (1, 'key', $$INSERT INTO audit_events (action_type, resource_type, workspace_id, created_by_user_id, seal_key) VALUES ('A', 'thing', w(1), w(2), '\x000102030405060708090a0b0c0d0e0f')$$),
  (2, 'transaction', $$INSERT INTO audit_events (action_type, resource_type, workspace_id, created_by_user_id, seal_xid) VALUES ('A', 'thing', w(1), w(2), 1)$$),
  (3, 'partition', format($$INSERT INTO %I (id, created_at, action_type, resource_type, workspace_id, created_by_user_id, seal_xid) VALUES (audit_event_id(), audit_event_time(), 'A', 'thing', w(1), w(2), 0)$$, test.month())),
  (4, 'archive', $$INSERT INTO audit_events_archive (id, created_at, action_type, resource_type, workspace_id, created_by_user_id, seal_xid) VALUES (w(1), now(), 'A', 'thing', w(1), w(2), 1)$$),
  (5, 'NULL', $$INSERT INTO audit_events (action_type, resource_type, workspace_id, created_by_user_id, seal_key, seal_xid) VALUES ('NULL', 'thing', w(1), w(2), NULL, NULL)$$),
  (6, 'change of the key', 'UPDATE audit_events SET seal_key = NULL'),
  (7, 'change of the transaction', 'UPDATE audit_events SET seal_xid = -seal_xid')
) AS path (no, path, sql), LATERAL test.refusal(sql) ORDER BY no;
COPY audit_events (action_type, resource_type, workspace_id, created_by_user_id, seal_key) FROM stdin WITH (DELIMITER '|');
A|thing|00000000-0000-4000-8000-000000000001|00000000-0000-4000-8000-000000000002|\\x00
\.
SELECT count(*) AS "set though NULL was given" FROM audit_events WHERE action_type = 'NULL' AND octet_length(seal_key) = 16 AND seal_xid > 0;
-- A role that may insert some columns and no others.
CREATE ROLE t_writer;
GRANT USAGE ON SCHEMA public TO t_writer;
CALL test.past_the_guard('GRANT INSERT (action_type, resource_type, workspace_id, created_by_user_id) ON audit_events TO t_writer');
GRANT EXECUTE ON FUNCTION audit_event_id, audit_event_time TO t_writer;
SET ROLE t_writer;
INSERT INTO audit_events (action_type, resource_type, workspace_id, created_by_user_id) VALUES ('BY_COLUMN', 'thing', w(1), w(2));
INSERT INTO audit_events (action_type, resource_type, workspace_id, created_by_user_id, seal_key) VALUES ('BY_COLUMN', 'thing', w(1), w(2), '\x00');
RESET ROLE;
SELECT count(*) AS "set for them" FROM audit_events WHERE action_type = 'BY_COLUMN' AND octet_length(seal_key) = 16 AND seal_xid > 0;
-- As PostgREST inserts what a client sends.
SELECT audit_grant('t_writer', 'writer') \g /dev/null
SET ROLE t_writer;
WITH pgrst_source AS (INSERT INTO "public"."audit_events" ("action_type", "created_by_user_id", "resource_type", "workspace_id")
  SELECT "pgrst_body"."action_type", "pgrst_body"."created_by_user_id", "pgrst_body"."resource_type", "pgrst_body"."workspace_id"
  FROM (SELECT json_build_array(json_build_object('action_type', 'BY_CLIENT', 'resource_type', 'thing', 'workspace_id', w(1), 'created_by_user_id', w(2))) AS json_data) pgrst_payload,
    LATERAL (SELECT * FROM json_to_recordset(pgrst_payload.json_data) AS _ ("action_type" text, "created_by_user_id" uuid, "resource_type" text, "workspace_id" uuid)) pgrst_body RETURNING 1)
SELECT count(*) AS inserted FROM pgrst_source;
RESET ROLE;
SELECT count(*) AS "set for them" FROM audit_events WHERE action_type = 'BY_CLIENT' AND octet_length(seal_key) = 16 AND seal_xid > 0;
-- A trigger of somebody else that takes them away: by function no event is recorded without.
BEGIN;
CALL test.past_the_guard($$CREATE FUNCTION test.keyless() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.seal_key := NULL; RETURN NEW; END'$$);
CALL test.past_the_guard('CREATE TRIGGER zz_keyless BEFORE INSERT ON audit_events FOR EACH ROW EXECUTE FUNCTION test.keyless()');
SELECT code, message FROM test.refusal($$SELECT insert_audit_event('A', 'thing', NULL, w(1), w(2))$$);
ROLLBACK;

-- Through archive and back, row by row and month by month, and out of the default partition.
INSERT INTO audit_retention_policies (workspace_id, hot_retention_days, archive_by) VALUES (w(3), 40, 'event'), (w(4), 40, 'month');
INSERT INTO audit_events (created_at, action_type, resource_type, workspace_id, created_by_user_id, old_values, new_values, ip_address)
SELECT date_trunc('month', now() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' - months * interval '1 month' + n * interval '1 hour', 'OLD', 'thing', w(ws), w(20), '{"a": 1}', '{"a": 2}', '10.0.0.1'
FROM (VALUES (3, 4), (4, 3)) AS who (ws, months), generate_series(1, 3) AS n ORDER BY months DESC, n;
CREATE TABLE seed AS SELECT id, workspace_id, md5(e::text) AS digest, seal_key, seal_xid FROM audit_events AS e WHERE action_type = 'OLD';
CREATE VIEW place AS SELECT place ~ 'archive' AS archived, place ~ 'default' AS in_default, count(*) AS events, count(*) FILTER (WHERE seed.digest = e.digest) AS "as they were"
FROM (SELECT tableoid::regclass::text AS place, id, md5(e::text) AS digest FROM audit_events AS e UNION ALL SELECT tableoid::regclass::text, id, md5(e::text) FROM audit_events_archive AS e) AS e
JOIN seed USING (id) GROUP BY 1, 2 ORDER BY 1, 2;
TABLE place;
SELECT count(*) > 0 AS made FROM create_monthly_audit_partition(2);
TABLE place;
SELECT archived_count FROM archive_old_audit_events();
TABLE place;
SELECT restore_audit_events(ARRAY(SELECT id FROM seed WHERE workspace_id = w(4)));
TABLE place;
-- By statement: whatever is proposed, an event is itself again.
WITH restored AS (DELETE FROM audit_events_archive WHERE id IN (SELECT id FROM seed) RETURNING *)
INSERT INTO audit_events (id, created_at, created_by_user_id, action_type, resource_type, workspace_id, old_values, new_values, changed_fields, ip_address, seal_key, seal_xid, deletion_reason)
SELECT id, created_at, created_by_user_id, action_type, resource_type, workspace_id, old_values, new_values, changed_fields, ip_address, '\x00', 1, 'invented' FROM restored;
TABLE place;

-- An erasure takes the key, hot and archived, and leaves the rest of it. A row that came without a key stays without.
BEGIN;
SET LOCAL session_replication_role = replica;
INSERT INTO audit_events (id, created_at, action_type, resource_type, workspace_id, created_by_user_id, new_values, changed_fields)
VALUES (test.id_at(date_trunc('month', now()), 1), date_trunc('month', now()), 'KEYLESS', 'thing', w(3), w(20), '{"a": 2}', '{a}');
COMMIT;
SELECT deleted_count FROM delete_user_audit_events_compliant(w(20), w(3), 'GDPR', 'T-1');
SELECT action_type, octet_length(e.seal_key) AS bytes, count(*), bool_and(e.seal_xid = seed.seal_xid) AS "same transaction", bool_or(position(seed.seal_key IN e.seal_key) > 0) AS "key left"
FROM audit_events AS e LEFT JOIN seed USING (id) WHERE e.workspace_id = w(3) AND e.action_type NOT LIKE 'AUDIT%' GROUP BY 1, 2 ORDER BY 1;
-- A trigger of somebody else on its way: no erasure without the key, none that puts another in.
CALL test.past_the_guard($$CREATE FUNCTION test.keep() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.seal_key := decode(repeat(''00'', 48), ''hex''); RETURN NEW; END'$$);
CALL test.past_the_guard('CREATE TRIGGER aa_keep BEFORE UPDATE ON audit_events FOR EACH ROW EXECUTE FUNCTION test.keep()');
SELECT code, message FROM test.refusal($$SELECT delete_user_audit_events_compliant(w(20), w(4), 'GDPR', 'T-2')$$);
CALL test.past_the_guard('DROP TRIGGER aa_keep ON audit_events');
SELECT deleted_count FROM delete_user_audit_events_compliant(w(20), w(4), 'GDPR', 'T-3');
-- Erased events move as they are.
DROP VIEW place;
CREATE TABLE erased AS SELECT id, md5(e::text) AS digest FROM audit_events AS e WHERE octet_length(seal_key) = 48;
CALL test.past_the_guard('ALTER TABLE audit_restored_events DISABLE TRIGGER audit_restored_events_guard');
DELETE FROM audit_restored_events;
CALL test.past_the_guard('ALTER TABLE audit_restored_events ENABLE ALWAYS TRIGGER audit_restored_events_guard');
SELECT archived_count FROM archive_old_audit_events();
SELECT count(*) AS "archived as they were" FROM erased JOIN audit_events_archive AS e USING (id) WHERE digest = md5(e::text);
SELECT restore_audit_events(ARRAY(SELECT id FROM erased));
SELECT count(*) AS "restored as they were" FROM erased JOIN audit_events AS e USING (id) WHERE digest = md5(e::text);

-- No sample of a key outlives it, and no index of somebody's own holds one.
ANALYZE audit_events, audit_events_archive;
SELECT count(*) AS samples FROM pg_stats WHERE tablename LIKE 'audit\_events%' AND attname = 'seal_key';
SELECT code, message FROM test.refusal('CREATE STATISTICS theirs ON seal_key, seal_xid FROM audit_events');
-- Only what its time does not find is in the sealer's index.
SELECT indexrelid::regclass, pg_get_expr(indpred, indrelid) AS where, indisvalid AS valid FROM pg_index WHERE indexrelid::regclass::text LIKE '%seal_idx' AND indrelid IN ('audit_events'::regclass, 'audit_events_archive'::regclass) ORDER BY 1;
