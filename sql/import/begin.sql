-- A run of an import begins: its row is made, or made new. No row: the name is that of another source.
INSERT INTO @extschema@.audit_imports AS import (name, source, mapping, run_by_pid, run_by_backend_start) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (name) DO UPDATE SET mapping = excluded.mapping, state = 'running', started_at = excluded.started_at, started_by = excluded.started_by,
  run_by_pid = excluded.run_by_pid, run_by_backend_start = excluded.run_by_backend_start, finished_at = NULL, skipped_count = 0, failure = NULL
WHERE import.source = excluded.source
RETURNING name
