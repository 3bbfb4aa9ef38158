-- The two tables of keys: nobody but their functions writes them, nobody reads them, and they change places once a day.
\i tests/golden/prelude.sql
CREATE EXTENSION audit_ext;
CREATE FUNCTION w(n int) RETURNS uuid LANGUAGE sql AS $$ SELECT format('00000000-0000-4000-8000-%s', lpad(n::text, 12, '0'))::uuid $$;
-- Keys in each table; is_current: it has the newest mark.
CREATE VIEW kept AS SELECT name, count(*) FILTER (WHERE NOT is_mark) AS keys, count(*) FILTER (WHERE is_mark) AS marks,
    coalesce(max(key_hash::text) FILTER (WHERE is_mark) = (SELECT max(key_hash::text) FROM (TABLE audit_idempotency_keys_1 UNION ALL TABLE audit_idempotency_keys_2) AS k WHERE key_hash::text LIKE '00000000-0000-0000-%'), false) AS is_current
  FROM (VALUES (1), (2)) AS t (name) LEFT JOIN (SELECT 1, *, key_hash::text LIKE '00000000-0000-0000-%' FROM audit_idempotency_keys_1 UNION ALL SELECT 2, *, key_hash::text LIKE '00000000-0000-0000-%' FROM audit_idempotency_keys_2) AS k (name, key_hash, event_id, is_mark) USING (name)
  GROUP BY name ORDER BY name;
-- As if so many hours had passed since the tables changed places last.
CREATE PROCEDURE hours_pass(p_hours int) LANGUAGE plpgsql AS $$
DECLARE number int;
BEGIN
  FOR number IN 1..2 LOOP
    CALL test.past_the_guard(format('ALTER TABLE audit_idempotency_keys_%s DISABLE TRIGGER USER', number));
    EXECUTE format($sql$UPDATE audit_idempotency_keys_%s SET key_hash = (regexp_replace(lpad(to_hex(('x' || right(replace(key_hash::text, '-', ''), 16))::bit(64)::bigint - %s * 3600000000), 32, '0'), '(.{8})(.{4})(.{4})(.{4})', '\1-\2-\3-\4-'))::uuid
      WHERE key_hash::text LIKE '00000000-0000-0000-%%'$sql$, number, p_hours);
    CALL test.past_the_guard(format('ALTER TABLE audit_idempotency_keys_%1$s ENABLE TRIGGER audit_idempotency_keys_insert_guard, ENABLE ALWAYS TRIGGER audit_idempotency_keys_guard', number));
  END LOOP;
END $$;
CREATE FUNCTION keyed(p_key text) RETURNS uuid LANGUAGE sql AS $$ SELECT insert_audit_event('A', 'r', NULL, w(1), w(2), p_idempotency_key => p_key) $$;
SELECT * FROM kept;

-- A hash of workspace and key, and the id; anybody can check it.
SELECT keyed('key') AS id \gset
SELECT event_id = :'id' AS of_event, substr(key_hash::text, 15, 1) AS version,
  left(key_hash::text, 13) = regexp_replace(left(encode(sha256(uuid_send(w(1)) || 'key'), 'hex'), 12), '^(.{8})', '\1-') AS of_key
FROM audit_idempotency_keys_1 WHERE key_hash::text NOT LIKE '00000000-0000-0000-%';

-- Nobody writes them by hand, not even their owner, in no role.
SELECT statement, r.code, r.message, r.hint FROM unnest(ARRAY['INSERT INTO audit_idempotency_keys_1 VALUES (gen_random_uuid(), gen_random_uuid())', 'UPDATE audit_idempotency_keys_1 SET event_id = gen_random_uuid()', 'DELETE FROM audit_idempotency_keys_1',
  'TRUNCATE audit_idempotency_keys_1', 'TRUNCATE audit_idempotency_keys_2', 'DROP TABLE audit_idempotency_keys_2', 'ALTER TABLE audit_idempotency_keys_1 DISABLE TRIGGER USER', 'GRANT SELECT ON audit_idempotency_keys_1 TO PUBLIC']) WITH ORDINALITY AS given (statement, no), LATERAL test.refusal(statement) AS r ORDER BY no;
SET session_replication_role = replica;
SELECT statement, r.code FROM unnest(ARRAY['UPDATE audit_idempotency_keys_1 SET event_id = gen_random_uuid()', 'DELETE FROM audit_idempotency_keys_1', 'TRUNCATE audit_idempotency_keys_1']) WITH ORDINALITY AS given (statement, no), LATERAL test.refusal(statement) AS r ORDER BY no;
RESET session_replication_role;
-- No level reads them.
CREATE ROLE idempotency_all;
GRANT USAGE ON SCHEMA public TO idempotency_all;
SELECT audit_grant('idempotency_all', level) FROM unnest(ARRAY['writer', 'reader', 'operator', 'compliance']) AS level;
SET ROLE idempotency_all;
SELECT (test.refusal('SELECT FROM audit_idempotency_keys_1')).code;
-- A writer needs no right on them.
SELECT keyed('key') = :'id' AS same;
RESET ROLE;

-- Within a day nothing changes, whatever runs.
SELECT events IS NOT NULL AS sealed FROM audit_seal() AS seal (events);
SELECT archived_count FROM archive_old_audit_events();
SELECT count(*) FROM create_monthly_audit_partition(2);
CALL hours_pass(23);
CALL archive_audit_events();
SELECT count(*) FROM audit_seal();
SELECT * FROM kept;
-- After a day they change places; the key is known, new ones go into the other table.
CALL hours_pass(1);
SELECT count(*) FROM audit_seal();
SELECT keyed('key') = :'id' AS same, keyed('second') IS NOT NULL AS recorded;
SELECT * FROM kept;
-- A day later the first table is emptied: its key records anew.
CALL hours_pass(24);
SELECT archived_count FROM archive_old_audit_events();
SELECT * FROM kept;
SELECT keyed('second') = (SELECT event_id FROM audit_idempotency_keys_2 WHERE key_hash::text NOT LIKE '00000000-0000-0000-%') AS same, keyed('key') <> :'id' AS anew;
SELECT * FROM kept;
-- The daily job for partitions does it too, and so does the procedure.
CALL hours_pass(24);
SELECT count(*) FROM create_monthly_audit_partition();
SELECT * FROM kept;
SELECT count(*) FROM create_monthly_audit_partition();
CALL hours_pass(24);
SELECT count(*) FROM create_monthly_audit_partition();
SELECT * FROM kept;
CALL hours_pass(24);
CALL archive_audit_events();
SELECT * FROM kept;

-- It is undone with its transaction, and meanwhile keys go where they belong.
CALL hours_pass(24);
BEGIN;
SELECT keyed('in it') IS NOT NULL AS recorded;
SELECT count(*) FROM audit_seal();
SELECT * FROM kept;
SELECT keyed('after it') IS NOT NULL AS recorded;
ROLLBACK;
SELECT * FROM kept;
SELECT keyed('after all') IS NOT NULL AS recorded;
SELECT * FROM kept;

-- Health warns where it has not happened for days.
SELECT status, detail, hint FROM audit_health() WHERE check_name = 'idempotency_keys';
CALL hours_pass(72);
SELECT status, detail, hint FROM audit_health() WHERE check_name = 'idempotency_keys';
SELECT count(*) FROM audit_seal();
SELECT status, detail, hint FROM audit_health() WHERE check_name = 'idempotency_keys';
-- A clock that was set back for long does not keep keys for ever: the day begins anew, and no key is forgotten before.
SELECT keyed('ahead') AS ahead \gset
CALL hours_pass(-1000);
SELECT count(*) FROM audit_seal();
SELECT * FROM kept;
SELECT keyed('ahead') = :'ahead' AS same, keyed('back') AS back \gset
\echo :same
SELECT count(*) FROM audit_seal();
SELECT * FROM kept;
SELECT keyed('back') = :'back' AS same;
CALL hours_pass(24);
SELECT count(*) FROM audit_seal();
SELECT * FROM kept;
SELECT keyed('ahead') = :'ahead' AND keyed('back') = :'back' AS same;
CALL hours_pass(24);
SELECT count(*) FROM audit_seal();
SELECT * FROM kept;
SELECT audit_setup();
SELECT * FROM kept;
