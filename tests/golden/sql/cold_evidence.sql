-- What is cold, in the evidence: only sealed events go, and their leaves are accounted for by the release while an object holds them, through loans, erasures and purge.
\i tests/golden/prelude.sql
CREATE EXTENSION audit_ext;
\i tests/golden/cold_evidence.sql
INSERT INTO audit_retention_policies (workspace_id, hot_retention_days, warm_archive_days, cold_retention_days) VALUES (w(1), 30, 60, 600);
SELECT count(insert_audit_event('B', 'thing', NULL, w(2), w(70))) FROM generate_series(1, 3);

-- Without seals nothing is asked. With them, a month with an event that no seal has taken is not due, and nobody begins it.
SELECT record('2022-02-01', 6);
SELECT archived_count FROM archive_old_audit_events();
SELECT month, event_count, obstacle FROM audit_cold_due(NULL, 1);
SELECT sealed_count > 0 AS sealed FROM audit_seal();
SELECT audit_checkpoint() AS first \gset
SELECT month, event_count, obstacle FROM audit_cold_due(NULL, 1);
SELECT record('2022-03-01', 3);
SELECT archived_count FROM archive_old_audit_events();
SELECT month, event_count, obstacle FROM audit_cold_due(NULL, 1);
SELECT code, message, detail, hint FROM refused($$SELECT begin_audit_cold_object(w(1), '2022-03-01', 'file:///cold')$$);
SELECT sealed_count > 0 AS sealed FROM audit_seal();
SELECT month, event_count, obstacle FROM audit_cold_due(NULL, 1);

-- The manifest's evidence is a checkpoint of this trail that covers the last event.
SELECT export('2022-03-01') AS march \gset
SELECT code, message, detail FROM (VALUES (1, 'NULL'), (2, quote_literal(:'first')), (3, quote_literal('no checkpoint')), (4, quote_literal(replace(audit_checkpoint(), 'audit-ext/', 'audit-ext/1')))) AS one (no, evidence),
  LATERAL refused(format('SELECT store_audit_cold_object(%L, manifest(%L, %s))', :'march', :'march', evidence)) ORDER BY no;
SELECT store_audit_cold_object(:'march', manifest(:'march', audit_checkpoint()));
SELECT export('2022-02-01') AS february \gset
SELECT store_audit_cold_object(:'february', manifest(:'february', :'first'));

-- Released: until the next seal the release is named by an event that can still be undone; then its leaves are cold. Loans are rows again, and cold again when they are returned.
SELECT released_count FROM release_audit_cold_object(:'february', 'SOC2', 'T-1');
SELECT * FROM verified();
SELECT sealed_count > 0 AS sealed FROM audit_seal();
SELECT * FROM verified();
SELECT * FROM exported();
SELECT restore_audit_cold_events(object_id, 0, bytes, ARRAY[(keys[2] ->> 'id')::uuid, (keys[3] ->> 'id')::uuid]) AS lent FROM file WHERE object_id = :'february';
SELECT sealed_count > 0 AS sealed FROM audit_seal();
SELECT * FROM verified();
SELECT * FROM exported();
SELECT returned_count FROM return_audit_cold_loans(w(1), 'SOC2', 'T-2', '0');
SELECT sealed_count > 0 AS sealed FROM audit_seal();
SELECT * FROM verified();
SELECT * FROM exported();


SELECT discard_audit_cold_object(:'march', 'another test');

-- An erasure reaches into the file. Its second entry names the events there; rows that come back from the successor are erased, and covered.
SELECT deleted_count FROM delete_user_audit_events_compliant(w(70), w(1), 'GDPR', 'T-3');
SELECT object_id AS successor FROM begin_audit_cold_object(w(1), '2022-02-01', 'file:///cold', :'february') \gset
INSERT INTO file SELECT :'successor', erase_audit_cold_chunk(:'february', 0, bytes), keys, event_count FROM file WHERE object_id = :'february';
SELECT replace_audit_cold_object(:'february', manifest(:'successor', audit_checkpoint()));
SELECT sealed_count > 0 AS sealed FROM audit_seal();
SELECT name, event_count FROM audit_deletion_log JOIN entry USING (id) WHERE name <> '<move>' ORDER BY deleted_at, event_count;
SELECT * FROM verified();
SELECT restore_audit_cold_events(object_id, 0, bytes) AS lent FROM file WHERE object_id = :'successor';
SELECT count(*) AS erased FROM audit_events_archive WHERE workspace_id = w(1) AND deleted_at IS NOT NULL AND octet_length(seal_key) = 48;
SELECT * FROM verified();
SELECT kind, taken_by, count FROM exported() WHERE taken_by IS NOT NULL;
SELECT returned_count FROM return_audit_cold_loans(w(1), 'SOC2', 'T-4', '0');
SELECT sealed_count > 0 AS sealed FROM audit_seal();


-- A purge takes the object, and the months that are in the archive still; its entry names them all.
SELECT deleted_count FROM purge_expired_audit_events(w(1), 'RETENTION', 'T-5');
SELECT sealed_count > 0 AS sealed FROM audit_seal();
SELECT * FROM verified();
SELECT * FROM exported();
