-- What only the extension says of an event: action types that begin with AUDIT_, and the key audit_ext of metadata, where it tells who acted by
-- what the server knows. Callers can give neither, on no path; what is like it is theirs.
\i tests/golden/prelude.sql
CREATE EXTENSION audit_ext;
\i tests/golden/oracle.sql
CREATE FUNCTION refusal(p_sql text, OUT code text, OUT message text, OUT detail text, OUT hint text) LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE p_sql; code := 'accepted';
EXCEPTION WHEN OTHERS THEN
  GET STACKED DIAGNOSTICS code = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
END $$;
-- One event by each path.
CREATE VIEW path AS SELECT * FROM (VALUES
  (1, 'function', $$SELECT insert_audit_event(%1$L, 'thing', NULL, w(1), w(2), p_metadata => %2$L)$$),
  (2, 'functions', $$SELECT insert_audit_events(jsonb_build_array(jsonb_build_object('action_type', 'A', 'resource_type', 'thing', 'workspace_id', w(1), 'created_by_user_id', w(2)),
    jsonb_build_object('action_type', %1$L::text, 'resource_type', 'thing', 'workspace_id', w(1), 'created_by_user_id', w(2), 'metadata', %2$L::jsonb)))$$),
  (3, 'functions, with a time', $$SELECT insert_audit_events(jsonb_build_array(
    jsonb_build_object('action_type', %1$L::text, 'resource_type', 'thing', 'workspace_id', w(1), 'created_by_user_id', w(2), 'created_at', clock_timestamp(), 'metadata', %2$L::jsonb)))$$),
  (4, 'INSERT', $$INSERT INTO audit_events (action_type, resource_type, workspace_id, created_by_user_id, metadata) VALUES (%1$L, 'thing', w(1), w(2), %2$L)$$),
  (5, 'MERGE', $$MERGE INTO audit_events USING (VALUES (1)) AS one ON false
    WHEN NOT MATCHED THEN INSERT (action_type, resource_type, workspace_id, created_by_user_id, metadata) VALUES (%1$L, 'thing', w(1), w(2), %2$L)$$),
  (6, 'partition', 'INSERT INTO ' || test.month() || $$ (id, created_at, action_type, resource_type, workspace_id, created_by_user_id, metadata)
    VALUES (audit_event_id(), audit_event_time(), %1$L, 'thing', w(1), w(2), %2$L)$$)) AS path (no, name, sql);

SELECT path.name, refusal.* FROM path, LATERAL refusal(format(sql, 'AUDIT_DELETION_APPROVED', NULL)) ORDER BY no;
SELECT path.name, refusal.* FROM path, LATERAL refusal(format(sql, 'UPDATE', '{"audit_ext": {"session_user": "postgres", "role": "postgres"}}')) ORDER BY no;
COPY audit_events (action_type, resource_type, workspace_id, created_by_user_id) FROM stdin WITH (DELIMITER '|');
AUDIT_ACCESS_CHANGED|thing|10000000-0000-4000-8000-000000000001|10000000-0000-4000-8000-000000000002
\.
COPY audit_events (action_type, resource_type, workspace_id, created_by_user_id, metadata) FROM stdin WITH (DELIMITER '|');
LOGIN|thing|10000000-0000-4000-8000-000000000001|10000000-0000-4000-8000-000000000002|{"a": 1, "audit_ext": null}
\.
-- However large the metadata is, compressed or stored apart.
CREATE TABLE large AS SELECT 1 AS no, jsonb_object_agg(n::text, repeat(md5(n::text), 40)) AS metadata FROM generate_series(1, 300) AS n
  UNION ALL SELECT 2, jsonb_build_object('text', repeat('a', 100000));
SELECT no, refusal.code, message FROM large, LATERAL refusal(format(
  $$INSERT INTO audit_events (action_type, resource_type, workspace_id, created_by_user_id, metadata) SELECT 'LARGE', 'thing', w(1), w(2), metadata || '{"audit_ext": 1}' FROM large WHERE no = %s$$, no)) ORDER BY no;
CREATE TABLE larger AS SELECT no, metadata || '{"audit_ext": 1}' AS metadata FROM large;
SELECT no, refusal.code, message FROM large, LATERAL refusal(format(
  $$INSERT INTO audit_events (action_type, resource_type, workspace_id, created_by_user_id, metadata) SELECT 'LARGE', 'thing', w(1), w(2), metadata FROM larger WHERE no = %s$$, no)) ORDER BY no;

-- What is like it belongs to the caller.
SELECT action, given, string_agg(DISTINCT refusal.code, ', ') AS outcome
FROM path, LATERAL (VALUES ('AUDIT', NULL), ('AUDITED', '{}'), ('audit_read', '[]'), (' AUDIT_X', '["audit_ext"]'), ('LOGIN', '"audit_ext"'), ('LOGIN', '{"a": {"audit_ext": 1}}'),
  ('LOGIN', '{"audit_EXT": 1, "audit_ex": 2, "audit_ext2": 3, "audit-ext": 4}')) AS like_it (action, given), LATERAL refusal(format(sql, action, given)) GROUP BY 1, 2 ORDER BY 1, 2;
SELECT code FROM refusal($$INSERT INTO audit_events (action_type, resource_type, workspace_id, created_by_user_id, metadata) SELECT 'LARGE', 'thing', w(1), w(2), metadata FROM large$$);

-- Events of the trail itself and captured ones say who it was, also where the request names a user.
CREATE TABLE item (id int PRIMARY KEY, workspace_id uuid, name text);
SELECT audit_track_table('item') \g /dev/null
BEGIN;
SELECT set_config('audit_ext.user_id', w(7)::text, true) \g /dev/null
INSERT INTO item VALUES (1, w(1), 'a');
TRUNCATE item;
UPDATE audit_retention_policies SET hot_retention_days = 60 WHERE workspace_id = w(1);
COMMIT;
SELECT action_type, right(created_by_user_id::text, 2) AS actor, metadata - 'audit_ext' AS metadata, metadata -> 'audit_ext' = jsonb_build_object('session_user', session_user, 'role', current_user) AS proven
FROM audit_events WHERE metadata ? 'audit_ext' AND created_by_user_id = w(7) ORDER BY created_at, id;

-- They move to the archive and back with what they say, by the function and by a plain statement.
UPDATE audit_retention_policies SET hot_retention_days = 1 WHERE workspace_id = w(1);
BEGIN;
SET LOCAL session_replication_role = replica;
INSERT INTO audit_events (id, created_at, action_type, resource_type, workspace_id, created_by_user_id, metadata)
SELECT test.id_at(now() - interval '3 days', n), now() - interval '3 days', 'AUDIT_OLD', 'thing', w(1), w(2), '{"audit_ext": {"role": "r"}}' FROM generate_series(1, 2) AS n;
COMMIT;
SELECT * FROM archive_old_audit_events();
SELECT restore_audit_events(array_agg(id)) FROM (SELECT id FROM audit_events_archive ORDER BY id LIMIT 1) AS first;
WITH restored AS (DELETE FROM audit_events_archive RETURNING *) INSERT INTO audit_events SELECT * FROM restored;
SELECT count(*), min(metadata::text) FROM audit_events WHERE action_type = 'AUDIT_OLD';

-- Code of others that runs while the extension records an event does not speak for it.
BEGIN;
CREATE FUNCTION forge() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
DECLARE way text;
BEGIN
  IF NEW.action_type = 'AUDIT_RETENTION_POLICY_CHANGED' THEN
    FOR way IN SELECT sql FROM path ORDER BY no LOOP RAISE NOTICE '%', (SELECT code FROM refusal(format(way, 'AUDIT_FORGED', '{"audit_ext": 1}'))); END LOOP;
  END IF;
  RETURN NEW;
END $$;
CALL test.past_the_guard('CREATE TRIGGER a_first BEFORE INSERT ON audit_events FOR EACH ROW EXECUTE FUNCTION forge()');
CALL test.past_the_guard('CREATE TRIGGER z_last AFTER INSERT ON audit_events FOR EACH ROW EXECUTE FUNCTION forge()');
UPDATE audit_retention_policies SET hot_retention_days = 50 WHERE workspace_id = w(1);
SELECT count(*) FROM audit_events WHERE action_type = 'AUDIT_FORGED';
ROLLBACK;
-- The view of what matters for security knows them by their prefix.
SELECT action_type, count(*) FROM vw_security_audit WHERE action_type ~ '^(AUDIT_OLD|audit_read)' GROUP BY 1;
