-- A run has read its source to the end; what all runs did. If another one is under way, that one says how it ends.
UPDATE @extschema@.audit_imports SET failure = NULL,
  state = CASE WHEN state = 'running' AND (run_by_pid, run_by_backend_start) <> ($2, $3) THEN state ELSE 'finished' END,
  finished_at = CASE WHEN state = 'running' AND (run_by_pid, run_by_backend_start) <> ($2, $3) THEN NULL ELSE pg_catalog.clock_timestamp() END
WHERE name = $1
RETURNING imported_count, skipped_count, oldest_event_at, newest_event_at
