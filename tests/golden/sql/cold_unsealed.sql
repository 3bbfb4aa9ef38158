-- Events that left before the first seal are covered by no checkpoint, whatever is sealed later: their files are replaced and adopted as they were.
\i tests/golden/prelude.sql
CREATE EXTENSION audit_ext;
\i tests/golden/cold_evidence.sql
SET client_min_messages = warning;
INSERT INTO audit_retention_policies (workspace_id, hot_retention_days, warm_archive_days, cold_retention_days) VALUES (w(1), 30, 60, 36500);
SELECT record('2022-02-01', 6);
SELECT archived_count FROM archive_old_audit_events();
SELECT export('2022-02-01') AS february \gset
SELECT store_audit_cold_object(:'february', manifest(:'february', NULL));
SELECT released_count FROM release_audit_cold_object(:'february', 'SOC2', 'T-1');
SELECT record('2022-03-01', 1);
SELECT sealed_count > 0 AS sealed FROM audit_seal();

-- An erasure reaches into the file. Its successor has no evidence either: no checkpoint covers what left before the first one.
SELECT deleted_count FROM delete_user_audit_events_compliant(w(70), w(1), 'GDPR', 'T-2');
SELECT object_id AS successor FROM begin_audit_cold_object(w(1), '2022-02-01', 'file:///cold', :'february') \gset
INSERT INTO file SELECT :'successor', erase_audit_cold_chunk(:'february', 0, bytes), keys, event_count FROM file WHERE object_id = :'february';
SELECT code, message, detail FROM refused(format('SELECT replace_audit_cold_object(%L, manifest(%L, audit_checkpoint()))', :'february', :'successor'));
SELECT replace_audit_cold_object(:'february', manifest(:'successor', NULL));
SELECT state, manifest -> 'evidence' AS evidence FROM audit_cold_objects ORDER BY opened_at;

-- So it is taken into a catalog that lost it, and searched and replaced from there.
SELECT manifest, store, path FROM audit_cold_objects WHERE object_id = :'successor' \gset
CALL test.past_the_guard('ALTER TABLE audit_cold_objects DISABLE TRIGGER USER');
CALL test.past_the_guard('ALTER TABLE audit_cold_chunks DISABLE TRIGGER USER');
DELETE FROM audit_cold_objects;
DELETE FROM audit_cold_chunks;
SELECT audit_setup() \g /dev/null
SELECT adopt_audit_cold_object(:'manifest', :'store', :'path');
SELECT deleted_count FROM delete_user_audit_events_compliant(w(71), w(1), 'GDPR', 'T-3');
SELECT object_id AS last FROM begin_audit_cold_object(w(1), '2022-02-01', 'file:///cold', :'successor') \gset
INSERT INTO file SELECT :'last', erase_audit_cold_chunk(:'successor', 0, bytes), keys, event_count FROM file WHERE object_id = :'successor';
SELECT replace_audit_cold_object(:'successor', manifest(:'last', NULL));
SELECT state, manifest -> 'evidence' AS evidence, is_adopted FROM audit_cold_objects ORDER BY opened_at;

-- A file from the archive has what was asked of it when it left.
SELECT archived_count FROM archive_old_audit_events();
SELECT sealed_count > 0 AS sealed FROM audit_seal();
SELECT export('2022-03-01') AS march \gset
SELECT code, message, detail FROM refused(format('SELECT store_audit_cold_object(%L, manifest(%L, NULL))', :'march', :'march'));
