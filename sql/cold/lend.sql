-- Events of workspace $1 were lent from object $2: ids, times, digests of their rows.
INSERT INTO @extschema@.audit_cold_loans (event_id, workspace_id, created_at, object_id, row_sha256)
SELECT lent.event_id, $1, lent.created_at, $2, lent.row_sha256
FROM unnest($3::uuid[], $4::timestamptz[], $5::bytea[]) AS lent (event_id, created_at, row_sha256)
