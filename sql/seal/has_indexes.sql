-- The indexes over events that are not found by their ids, of both tables.
SELECT count(*) = 2
FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indexrelid
WHERE i.indisvalid AND i.indrelid IN ($1, $2) AND c.relname IN ('audit_events_seal_idx', 'audit_events_archive_seal_idx')
