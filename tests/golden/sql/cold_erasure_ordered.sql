-- An erasure and cold objects: files under way are condemned, released ones are to be searched, and the certificate is complete when the last file that held the
-- events is gone.
\i tests/golden/prelude.sql
CREATE EXTENSION audit_ext;
\i tests/golden/cold.sql
SET client_min_messages = warning;
CREATE FUNCTION w(int) RETURNS uuid LANGUAGE sql IMMUTABLE RETURN ('10000000-0000-4000-8000-' || lpad($1::text, 12, '0'))::uuid;
INSERT INTO audit_retention_policies (workspace_id, hot_retention_days, warm_archive_days, cold_retention_days) SELECT w(n), 5, 10, 36500 FROM generate_series(1, 2) AS n;
INSERT INTO audit_events (created_at, action_type, resource_type, resource_id, workspace_id, created_by_user_id, new_values)
SELECT month + n * interval '1 hour', 'A' || n, 'thing', CASE n WHEN 3 THEN w(72) END, w(ws), w(70 + n % 2), jsonb_build_object('secret', n)
FROM generate_series(1, 2) AS ws, unnest(ARRAY[timestamptz '2020-01-05Z', '2020-02-05Z', '2020-03-05Z', '2020-04-05Z', now() - interval '1 day']) AS month, generate_series(0, 3) AS n ORDER BY ws, month, n;
SELECT archived_count FROM archive_old_audit_events();
CREATE VIEW objects AS SELECT month, state, condemned_reason FROM audit_cold_objects WHERE workspace_id = w(1) ORDER BY month, opened_at;
CREATE VIEW pending AS SELECT month, o.state, e.includes_about AS about, e.is_done, e.event_count, e.carried_out_log_id IS NOT NULL AS logged
FROM audit_cold_erasures AS e JOIN audit_cold_objects AS o USING (object_id) WHERE o.workspace_id = w(1) ORDER BY (SELECT deleted_at FROM audit_deletion_log WHERE id = e.deletion_log_id), month;
CREATE FUNCTION certified(p_entry uuid, OUT event_count text, OUT cold text, OUT is_complete text, OUT tells_of_store boolean) LANGUAGE sql AS $$
  SELECT c ->> 'event_count', concat_ws(' ', k ->> 'objects_searched', k ->> 'objects_pending', k ->> 'events_erased', k ->> 'files_to_remove', k ->> 'files_removed'),
    c ->> 'is_complete', c -> 'what_remains' ? 'Earlier versions that the object store keeps (versioning, object lock, replicas, backups).'
  FROM audit_deletion_certificate(p_entry) AS c, LATERAL (SELECT c -> 'cold') AS cold (k) $$;
-- January and April are released, February is stored, March is open; the other workspace has a stored object.
SELECT test.cold_stored(w(1), '2020-01-01') AS january, test.cold_stored(w(1), '2020-02-01') AS february, test.cold_stored(w(1), '2020-04-01') AS april, test.cold_stored(w(2), '2020-01-01') AS other \gset
SELECT object_id AS march FROM begin_audit_cold_object(w(1), '2020-03-01', 'file:///cold') \gset
CREATE TABLE files AS SELECT o.object_id, e.chunk, e.events FROM audit_cold_objects AS o, test.cold_events(o.object_id) AS e;
CREATE TABLE manifests AS SELECT object_id, manifest FROM audit_cold_objects WHERE state = 'stored';
SELECT released_count FROM release_audit_cold_object(:'january', 'policy', 'T-1');
SELECT released_count FROM release_audit_cold_object(:'april', 'policy', 'T-1');
SELECT certified(id) FROM audit_deletion_log WHERE is_irrevocable;

-- User 70 has two events in each month, and two hot ones. deleted_count is what the database held.
SELECT deleted_count, deletion_log_id AS entry FROM delete_user_audit_events_compliant(w(70), w(1), 'GDPR', 'T-2') \gset
SELECT :deleted_count AS deleted_count;
SELECT * FROM objects;
SELECT state AS "of the other workspace" FROM audit_cold_objects WHERE object_id = :'other';
SELECT * FROM pending;
SELECT month, event_count, obstacle FROM audit_cold_due(w(1), 1);
SELECT * FROM certified(:'entry');
SELECT code, message, hint FROM test.refusal(format('SELECT store_audit_cold_object(%L, ''{}'')', :'march'));
-- The condemned files go; what is pending stays so.
SELECT confirm_audit_cold_removed(:'february'), confirm_audit_cold_removed(:'march');
SELECT * FROM certified(:'entry');

-- April is searched and its file replaced: the bytes that come back are those of the erasure.
SELECT erase_audit_cold_chunk(object_id, chunk, events) AS erased FROM files WHERE object_id = :'april' \gset
SELECT object_id AS successor FROM begin_audit_cold_object(w(1), '2020-04-01', 'file:///cold', :'april') \gset
SELECT replace_audit_cold_object(:'april', manifest || jsonb_build_object('object', :'successor', 'replaces', :'april',
  'chunks', jsonb_build_array(jsonb_build_object('events', 4, 'bytes', octet_length(:'erased'::bytea), 'sha256', encode(sha256(:'erased'::bytea), 'hex'))))) FROM manifests WHERE object_id = :'april';
SELECT * FROM certified(:'entry');
SELECT carried_out_log_id AS carried_out FROM audit_cold_erasures WHERE event_count = 2 \gset
SELECT * FROM certified(:'carried_out');
SELECT confirm_audit_cold_removed(:'april');
SELECT * FROM certified(:'carried_out');
-- So is January, but its successor is given up before it is read back: its file held events, too. Then the next one.
SELECT erase_audit_cold_chunk(object_id, chunk, events) AS erased FROM files WHERE object_id = :'january' \gset
SELECT object_id AS given_up FROM begin_audit_cold_object(w(1), '2020-01-01', 'file:///cold', :'january') \gset
SELECT discard_audit_cold_object(:'given_up', 'the disk was full');
SELECT * FROM certified(:'entry');
SELECT object_id AS successor FROM begin_audit_cold_object(w(1), '2020-01-01', 'file:///cold', :'january') \gset
SELECT replace_audit_cold_object(:'january', manifest || jsonb_build_object('object', :'successor', 'replaces', :'january',
  'chunks', jsonb_build_array(jsonb_build_object('events', 4, 'bytes', octet_length(:'erased'::bytea), 'sha256', encode(sha256(:'erased'::bytea), 'hex'))))) FROM manifests WHERE object_id = :'january';
SELECT * FROM certified(:'entry');
SELECT confirm_audit_cold_removed(:'january');
SELECT * FROM certified(:'entry');
SELECT confirm_audit_cold_removed(:'given_up');
SELECT * FROM certified(:'entry');
SELECT * FROM pending;
SELECT event_count, deletion_authority, approval_ticket_id, subject_user_id = w(70) AS of_70 FROM audit_deletion_log WHERE subject_user_id IS NOT NULL ORDER BY deleted_at, event_count DESC;

-- Somebody without events is searched for all the same; events about them are asked for.
SELECT deleted_count, deletion_log_id AS nobody FROM delete_user_audit_events_compliant(w(72), w(1), 'GDPR', 'T-3', p_include_events_about_user := true) \gset
SELECT :deleted_count AS deleted_count;
SELECT * FROM pending WHERE NOT is_done;
SELECT * FROM certified(:'nobody');
SELECT deleted_count FROM delete_user_audit_events_compliant(w(99), w(1), 'GDPR', 'T-4');
SELECT * FROM pending WHERE NOT is_done;
-- A successor under way is left to its predecessor's search: what it was written from is not what is pending now.
SELECT erase_audit_cold_chunk(:'successor', 0, :'erased') IS NOT NULL AS found;
SELECT object_id AS next FROM begin_audit_cold_object(w(1), '2020-01-01', 'file:///cold', :'successor') \gset
SELECT deleted_count FROM delete_user_audit_events_compliant(w(71), w(1), 'GDPR', 'T-6');
SELECT state FROM audit_cold_objects WHERE object_id = :'next';
SELECT code, regexp_replace(message, '[0-9a-f]{8}-[0-9a-f-]{27}', '<id>') AS message FROM test.refusal(format('SELECT replace_audit_cold_object(%L, %L)', :'successor',
  (SELECT manifest || jsonb_build_object('object', :'next', 'replaces', :'successor') FROM audit_cold_objects WHERE object_id = :'successor')));
-- Pending for a week is told.
BEGIN;
CALL test.past_the_guard($$ALTER TABLE audit_cold_erasures DISABLE TRIGGER ALL$$);
UPDATE audit_cold_erasures SET pending_at = now() - interval '6 days';
SELECT status, detail FROM audit_health() WHERE check_name = 'cold_objects';
UPDATE audit_cold_erasures SET pending_at = now() - interval '8 days';
SELECT status, regexp_replace(detail, '[0-9a-f]{8}-[0-9a-f-]{27}', '<id>') AS detail, hint FROM audit_health() WHERE check_name = 'cold_objects';
ROLLBACK;
-- A workspace without cold objects: the certificate is complete at once.
SELECT deletion_log_id AS entry FROM delete_user_audit_events_compliant(w(70), w(3), 'GDPR', 'T-5') \gset
SELECT * FROM certified(:'entry');
