-- A deletion writes down each event that it took with its leaf, in an entry whose id is made of its content; the event that records it names id and digest.
-- Leaves and ids are computed here a second time, in plain SQL.
\i tests/golden/prelude.sql
CREATE EXTENSION audit_ext;
\i tests/golden/leaf.sql
SET client_min_messages = warning;
-- A person's events in four partitions of both tables, more than fit into a part; with every kind of value, and one that came without a key.
INSERT INTO audit_retention_policies (workspace_id, hot_retention_days) VALUES (w(1), 60);
INSERT INTO audit_events (created_at, action_type, resource_type, resource_id, workspace_id, created_by_user_id, old_values, new_values, ip_address, user_agent, request_id, tags, metadata)
SELECT now() - (410 - n) * interval '1 day', 'ACT', 'thing', CASE n % 3 WHEN 0 THEN w(9) END, w(1), w(70 + n % 4 / 3), jsonb_build_object('n', n, 'text', E'"q" \\ \n ü'), CASE n % 2 WHEN 0 THEN '{"n": 1.00}'::jsonb END,
  CASE n % 5 WHEN 0 THEN inet '10.0.0.1' WHEN 1 THEN inet '10.0.0.0/8' END, CASE n % 7 WHEN 0 THEN E'agent\x01' END, 'r' || n, CASE n % 11 WHEN 0 THEN ARRAY['a b', 'c"d'] END, CASE n % 13 WHEN 0 THEN '{"big": 9007199254740993}'::jsonb END
FROM generate_series(1, 400) AS n;
SELECT count(*) > 0 AS made FROM create_past_audit_partitions(make_date(2020, 1, 1), current_date);
SELECT archived_count > 0 AS archived FROM archive_old_audit_events();
BEGIN;
SET LOCAL session_replication_role = replica;
INSERT INTO audit_events (id, created_at, action_type, resource_type, workspace_id, created_by_user_id, metadata) VALUES (test.id_at(date_trunc('month', now()), 1), date_trunc('month', now()), 'KEYLESS', 'thing', w(1), w(70), '{"a": 1}');
COMMIT;
CREATE TABLE seed AS SELECT tableoid AS place, id, created_by_user_id AS person, test.leaf(e) AS leaf, seal_key FROM audit_events AS e WHERE resource_type = 'thing'
UNION ALL SELECT tableoid, id, created_by_user_id, test.leaf(ROW(e.*)::audit_events), seal_key FROM audit_events_archive AS e WHERE resource_type = 'thing';
SELECT count(DISTINCT seed.place) > 4 AS partitions, count(*) AS events, count(leaf) AS leaves, count(DISTINCT leaf) AS different FROM seed;

-- An erasure: the list has the person's events and no other, and what is left of each key leads to the leaf of before.
SELECT deleted_count FROM delete_user_audit_events_compliant(w(70), w(1), 'GDPR', 'T-1', p_reason := 'asked by letter');
SELECT count(*) AS listed, count(*) FILTER (WHERE seed.person = w(70)) AS "the person's", count(*) FILTER (WHERE listed.leaf = seed.leaf) AS "with the leaf of before", count(*) FILTER (WHERE listed.leaf = decode(repeat('00', 32), 'hex') AND seed.leaf IS NULL) AS "without key: zeros"
FROM test.listed LEFT JOIN seed USING (id);
SELECT part, count(*) FROM test.listed GROUP BY part ORDER BY part;
SELECT bool_and(id > before) FILTER (WHERE place = place_before) AS "ascending in each partition", count(*) FILTER (WHERE place <> place_before) + 1 = count(DISTINCT place) AS "one after another"
FROM (SELECT id, seed.place, lag(id) OVER listed AS before, lag(seed.place) OVER listed AS place_before FROM test.listed JOIN seed USING (id) WINDOW listed AS (ORDER BY part, listed.place)) AS line;
SELECT count(*) FILTER (WHERE test.leaf(e) = seed.leaf) AS "same leaf after the erasure", count(*) FILTER (WHERE e.seal_key IS NULL) AS "without key", bool_or(position(seed.seal_key IN e.seal_key) > 0) AS "key left"
FROM (SELECT * FROM audit_events UNION ALL SELECT * FROM audit_events_archive) AS row, LATERAL (SELECT (ROW(row.*)::audit_events).*) AS e JOIN seed USING (id) WHERE e.deleted_at IS NOT NULL;
SELECT count(*) AS marks, count(*) FILTER (WHERE (e.deleted_at, e.deletion_reason) = (log.deleted_at, log.deletion_reason) AND e.deleted_by_user_id IS NOT DISTINCT FROM log.deleted_by_user_id) AS "as the entry"
FROM (SELECT * FROM audit_events UNION ALL SELECT * FROM audit_events_archive) AS e, audit_deletion_log AS log WHERE e.deleted_at IS NOT NULL AND log.approval_ticket_id = 'T-1';
-- A second one takes nothing and has no list; two of them in one transaction are two entries.
BEGIN;
SELECT (delete_user_audit_events_compliant(w(70), w(1), 'GDPR', 'T-2')).deleted_count FROM generate_series(1, 3);
SELECT count(*), count(event_list_id) AS lists, count(event_ids_sha256) AS digests FROM audit_deletion_log WHERE approval_ticket_id = 'T-2';
COMMIT;

-- A purge: events with their payload, and erased ones, which it lists with the same leaf.
SELECT deleted_count FROM purge_expired_audit_events(w(1), 'SOC2', 'T-3') \gset
SELECT :deleted_count = count(*) AS "all are listed", bool_and(listed.leaf = seed.leaf) AS "with their leaves", count(DISTINCT seed.person) AS persons, count(*) FILTER (WHERE archive.id IS NOT NULL) AS "still there"
FROM test.listed JOIN audit_deletion_log AS log ON log.id = entry AND log.approval_ticket_id = 'T-3' JOIN seed ON seed.id = listed.id LEFT JOIN audit_events_archive AS archive ON archive.id = listed.id;
SELECT deleted_count FROM purge_expired_audit_events(w(1), 'SOC2', 'T-4');

-- Each entry, those of the archive included, has the id of its content, the digest of its list, and one event that names both.
TABLE test.inconsistent;
SELECT deletion_authority, count(*), count(event_list_id) AS lists, bool_and(id::text ~ '^.{14}8.{4}[89ab]') AS "version 8" FROM audit_deletion_log GROUP BY 1 ORDER BY 1;
-- Another content is another id; so is another order of the list.
SELECT count(DISTINCT test.entry_id(changed)) AS ids FROM audit_deletion_log AS log, LATERAL (VALUES (log), (ROW((jsonb_populate_record(log, '{"deletion_reason": "forged"}')).*)::audit_deletion_log),
  (ROW((jsonb_populate_record(log, '{"event_count": 1}')).*)::audit_deletion_log), (ROW((jsonb_populate_record(log, '{"event_ids_sha256": "\\x00"}')).*)::audit_deletion_log)) AS one (changed) WHERE approval_ticket_id = 'T-1';
-- Lists only grow, and only by functions.
SELECT code, message FROM unnest(ARRAY['UPDATE audit_deletion_events SET part = 9', 'DELETE FROM audit_deletion_events', 'TRUNCATE audit_deletion_events', 'INSERT INTO audit_deletion_events SELECT list_id, 9, entries FROM audit_deletion_events']) AS sql, LATERAL test.refusal(sql);

-- A hundred thousand guesses at an address: what is left of the key finds nothing, the live key finds it.
SELECT insert_audit_event('LOGIN', 'session', NULL, w(2), w(70), p_ip_address := '10.20.30.40') AS login \gset
CREATE TABLE live AS SELECT * FROM audit_events WHERE id = :'login';
CREATE FUNCTION test.guessed(p_key bytea, p_payload bytea) RETURNS TABLE (address inet) LANGUAGE sql AS $$
  WITH salt AS MATERIALIZED (SELECT test.mac(p_key, 'ip_address') AS address, test.mac(p_key, 'payload') AS payload)
  SELECT guess FROM salt, generate_series(0, 65535) AS n, LATERAL (SELECT inet '10.20.0.0' + n AS guess OFFSET 0) AS one
  WHERE test.digest(salt.payload, 'payload', format('{"_sd":["%s"]}', test.url64(test.digest(salt.address, 'ip_address', format('"%s"', guess))))) = p_payload
$$;
SELECT address AS "by the live key" FROM live, LATERAL test.guessed(seal_key, test.payload(ROW(live.*)::audit_events));
SELECT deleted_count FROM delete_user_audit_events_compliant(w(70), w(2), 'GDPR', 'T-5');
SELECT octet_length(e.seal_key) AS bytes, test.payload(e) = test.payload(ROW(live.*)::audit_events) AS "same payload digest" FROM audit_events AS e JOIN live USING (id);
SELECT count(*) AS "keys tried", count(address) AS found FROM (
  SELECT substr(e.seal_key, place, 16) AS key, substr(e.seal_key, 17) AS payload FROM audit_events AS e, unnest(ARRAY[1, 17, 33]) AS place WHERE id = :'login'
  UNION ALL SELECT test.mac(substr(e.seal_key, 1, 16), 'kept'), substr(e.seal_key, 17) FROM audit_events AS e WHERE id = :'login'
  UNION ALL SELECT substr(leaf, 1, 16), substr(e.seal_key, 17) FROM test.listed JOIN audit_events AS e USING (id) WHERE id = :'login') AS left_over LEFT JOIN LATERAL test.guessed(key, payload) ON true;
