-- An error ended a run. If another one has begun since, that one says how it ends.
UPDATE @extschema@.audit_imports SET state = 'failed', failure = $4, finished_at = pg_catalog.clock_timestamp()
WHERE name = $1 AND run_by_pid = $2 AND run_by_backend_start = $3
