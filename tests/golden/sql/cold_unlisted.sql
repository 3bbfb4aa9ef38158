-- A purge takes an adopted file whose release the log has lost, so nobody knows which events were in it. Its entry counts what it lists, and verifies; the certificate
-- tells of the file.
\i tests/golden/prelude.sql
CREATE EXTENSION audit_ext;
\i tests/golden/cold_evidence.sql
SET client_min_messages = warning;
INSERT INTO audit_retention_policies (workspace_id, hot_retention_days, warm_archive_days, cold_retention_days) VALUES (w(1), 30, 60, 600);
SELECT record('2022-02-01', 6);
SELECT record('2022-03-01', 3);
SELECT archived_count FROM archive_old_audit_events();
SELECT export('2022-02-01') AS february \gset
SELECT store_audit_cold_object(:'february', manifest(:'february', NULL));
SELECT released_count, deletion_log_id AS entry FROM release_audit_cold_object(:'february', 'SOC2', 'T-1') \gset
SELECT :released_count AS released_count;
SELECT manifest, store, path FROM audit_cold_objects \gset
SELECT sealed_count > 0 AS sealed FROM audit_seal();
BEGIN;
CALL tamper('audit_cold_objects', 'DELETE FROM audit_cold_objects');
CALL tamper('audit_cold_chunks', 'DELETE FROM audit_cold_chunks');
CALL tamper('audit_deletion_log', format('DELETE FROM audit_deletion_log WHERE id = %L', :'entry'));
SELECT adopt_audit_cold_object(:'manifest', :'store', :'path');
SELECT release_log_id FROM audit_cold_objects;
SELECT deleted_count, deletion_log_id AS purge FROM purge_expired_audit_events(w(1), 'RETENTION', 'T-2') \gset
SELECT :deleted_count AS deleted_count, event_count, (SELECT sum(octet_length(entries)) / 48 FROM audit_deletion_events WHERE list_id = event_list_id) AS listed FROM audit_deletion_log WHERE id = :'purge';
SELECT state, condemned_reason FROM audit_cold_objects;
SELECT c -> 'cold' ->> 'events_erased' AS events_erased, c -> 'cold' ->> 'files_to_remove' AS files_to_remove, c -> 'is_complete' AS is_complete FROM audit_deletion_certificate(:'purge') AS c;
-- The entry of the release, that is gone, is found; nothing of the purge is.
SELECT severity, code, replace(replace(detail, :'entry', '(release)'), :'purge', '(purge)') AS detail FROM audit_verify(w(1)) ORDER BY 1, 2, 3;
ROLLBACK;
