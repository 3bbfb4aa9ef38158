-- The canonical rows that every version has alike, and the programs too (tests/cold/vectors.json): the rows are stored as a data-only restore brings them, leave as one chunk with the
-- digest of the vectors, and come back from the bytes of the vectors.
\i tests/golden/prelude.sql
CREATE EXTENSION audit_ext;
\i tests/golden/cold_evidence.sql
SET client_min_messages = warning;
\set vectors `cat tests/cold/vectors.json`
CREATE TABLE vector AS SELECT no, row_ -> 'columns' AS columns, decode(row_ ->> 'canonical', 'hex') AS canonical FROM jsonb_array_elements(:'vectors'::jsonb -> 'rows') WITH ORDINALITY AS of (row_, no);
INSERT INTO audit_retention_policies (workspace_id, hot_retention_days, warm_archive_days, cold_retention_days) VALUES (w(1), 30, 60, 3000);
SELECT count(*) > 0 AS made FROM create_past_audit_partitions('2024-05-01', current_date);
BEGIN;
SET LOCAL session_replication_role = replica;
INSERT INTO audit_events_archive (id, created_at, created_by_user_id, action_type, resource_type, resource_id, workspace_id, old_values, new_values, changed_fields, ip_address, user_agent, request_id, tags, metadata, deleted_at, deleted_by_user_id, deletion_reason, seal_key, seal_xid)
SELECT (columns ->> 'id')::uuid, (columns ->> 'created_at')::timestamptz, (columns ->> 'created_by_user_id')::uuid, columns ->> 'action_type', columns ->> 'resource_type', (columns ->> 'resource_id')::uuid, (columns ->> 'workspace_id')::uuid,
  (columns ->> 'old_values')::jsonb, (columns ->> 'new_values')::jsonb, (columns ->> 'changed_fields')::text[], (columns ->> 'ip_address')::inet, columns ->> 'user_agent', columns ->> 'request_id', (columns ->> 'tags')::text[], (columns ->> 'metadata')::jsonb,
  (columns ->> 'deleted_at')::timestamptz, (columns ->> 'deleted_by_user_id')::uuid, columns ->> 'deletion_reason', (columns ->> 'seal_key')::bytea, (columns ->> 'seal_xid')::bigint FROM vector;
COMMIT;
-- As SQL sends them.
SELECT count(*) AS vectors, count(*) FILTER (WHERE canonical(e) = canonical) AS "as SQL sends them" FROM vector JOIN audit_events_archive AS e ON e.id = (columns ->> 'id')::uuid;
-- As the extension reads them: what leaves must have the digest of the vectors, and what comes back must be what left.
INSERT INTO file SELECT (begin_audit_cold_object(w(1), '2024-05-01', 'file:///cold')).object_id, string_agg(canonical, '' ORDER BY no), array_agg(key((columns ->> 'created_at')::timestamptz, (columns ->> 'id')::uuid) ORDER BY no), count(*) FROM vector;
SELECT event_count, octet_length(bytes) = (:'vectors'::jsonb -> 'chunk' ->> 'bytes')::int AS bytes, encode(sha256(bytes), 'hex') = :'vectors'::jsonb -> 'chunk' ->> 'sha256' AS sha256 FROM file;
SELECT store_audit_cold_object(object_id, manifest(object_id, NULL)) FROM file;
CREATE TABLE before AS SELECT * FROM audit_events_archive WHERE workspace_id = w(1);
SELECT released_count FROM file, release_audit_cold_object(object_id, 'SOC2', 'T-1');
SELECT restore_audit_cold_events(object_id, 0, bytes) AS lent FROM file;
-- Nothing was sealed yet, so the next seal is to find them.
SELECT count(*) AS lent, count(*) FILTER (WHERE to_jsonb(e) - 'seal_xid' = to_jsonb(before) - 'seal_xid') AS "as they were", count(*) FILTER (WHERE e.seal_xid < 0) AS "for the next seal" FROM audit_events_archive AS e JOIN before USING (id);
SELECT returned_count FROM return_audit_cold_loans(w(1), 'SOC2', 'T-2', '0');
