-- Ids made of keys: one per key for the life of a trail, others in every other trail, and no access level learns what they are made with.
\i tests/golden/prelude.sql
CREATE EXTENSION audit_ext;
SELECT audit_resource_id('newsletter', 'alice@example.com') AS id \gset
SELECT audit_resource_id('newsletter', 'alice@example.com') = :'id' AS again, audit_resource_id('newsletter', 'bob@example.com') = :'id' AS "another key",
  audit_resource_id('user', 'alice@example.com') = :'id' AS "another type", audit_resource_id(NULL, 'a') IS NULL AND audit_resource_id('a', NULL) IS NULL AS "NULL for NULL";
-- It is a UUIDv5, and not that of the key alone, which anybody could compute.
SELECT substr(:'id', 15, 1) = '5' AS "a UUIDv5", :'id' = 'eb132fe2-c977-565d-b7a1-c9a52d04f045' AS "of the key alone";
SELECT count(*) AS salts, min(octet_length(salt)) AS bytes FROM audit_resource_salt;
-- A role as an actor, and a captured key, go by the same salt.
CREATE TABLE subscriber (address text PRIMARY KEY);
SELECT audit_track_table('subscriber', NULL) \g /dev/null
INSERT INTO subscriber VALUES ('alice@example.com');
SELECT resource_id = audit_resource_id('subscriber', 'alice@example.com') AS by_key, created_by_user_id = audit_resource_id('db_role', session_user) AS actor FROM audit_events WHERE resource_type = 'subscriber';

-- Nobody reads or changes it.
CREATE ROLE t_all;
SELECT audit_grant('t_all', level) FROM unnest(ARRAY['writer', 'reader', 'operator', 'compliance', 'gateway']) AS level \g /dev/null
SET ROLE t_all;
SELECT statement, (test.refusal(statement)).code FROM unnest(ARRAY['SELECT salt FROM audit_resource_salt', 'LOCK TABLE audit_resource_salt IN ACCESS SHARE MODE', 'SELECT audit_resource_id(''a'', ''b'')']) AS statement;
RESET ROLE;
SELECT statement, r.code, r.message, r.hint FROM unnest(ARRAY['UPDATE audit_resource_salt SET salt = salt || salt', 'DELETE FROM audit_resource_salt', 'TRUNCATE audit_resource_salt',
  'INSERT INTO audit_resource_salt (made_at) VALUES (''2000-01-01'')', 'ALTER TABLE audit_resource_salt DROP COLUMN made_at', 'DROP TABLE audit_resource_salt', 'GRANT SELECT ON audit_resource_salt TO t_all']) AS statement, LATERAL test.refusal(statement) AS r;
SET session_replication_role = replica;
SELECT code FROM test.refusal('UPDATE audit_resource_salt SET made_at = now()') UNION ALL SELECT code FROM test.refusal('DELETE FROM audit_resource_salt');
RESET session_replication_role;
SELECT code, message FROM test.refusal('CREATE INDEX ON subscriber (audit_resource_id(''a'', address))');

-- It outlives set-up, and the extension; a backend that knows it and one that does not agree.
SELECT audit_setup();
SELECT audit_resource_id('newsletter', 'alice@example.com') = :'id' AS "after set-up", (SELECT count(*) FROM audit_resource_salt) AS salts;
SET client_min_messages = error;
DROP EXTENSION audit_ext CASCADE;
CREATE EXTENSION audit_ext;
RESET client_min_messages;
\c
SELECT audit_resource_id('newsletter', 'alice@example.com') = :'id' AS "after the extension was gone";
-- A data-only restore into a trail that has drawn one brings an older one, which is in force from then on.
SET session_replication_role = replica;
INSERT INTO audit_resource_salt VALUES (repeat('s', 32)::bytea, '2020-01-01');
RESET session_replication_role;
\c
SELECT audit_resource_id('newsletter', 'alice@example.com') AS "of the restored salt", (SELECT count(*) FROM audit_resource_salt) AS salts;
SELECT check_name, detail FROM audit_health() WHERE status = 'fail';

-- A trail without a salt goes by the key alone until set-up draws one; a salt that is rolled back is forgotten.
CALL test.past_the_guard('ALTER TABLE audit_resource_salt DISABLE TRIGGER USER');
DELETE FROM audit_resource_salt;
CALL test.past_the_guard('ALTER TABLE audit_resource_salt ENABLE ALWAYS TRIGGER audit_salt_guard, ENABLE ALWAYS TRIGGER audit_salt_truncate_guard, ENABLE TRIGGER audit_salt_insert_guard');
SELECT audit_resource_id('a', 'b') AS id \gset
BEGIN;
SELECT audit_setup();
SELECT audit_resource_id('a', 'b') <> :'id' AS drawn;
ROLLBACK;
SELECT audit_resource_id('a', 'b') = :'id' AS forgotten, (SELECT count(*) FROM audit_resource_salt) AS salts;
