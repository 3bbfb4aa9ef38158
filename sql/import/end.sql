-- A run ends, with or without a failure; what all runs did.
UPDATE @extschema@.audit_imports SET state = CASE WHEN $2 IS NULL THEN 'finished' ELSE 'failed' END, failure = $2, finished_at = pg_catalog.clock_timestamp()
WHERE name = $1
RETURNING imported_count, skipped_count, oldest_event_at, newest_event_at
