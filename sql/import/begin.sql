-- A run of an import begins: its row is made, or made new. No row: the name is that of another source.
INSERT INTO @extschema@.audit_imports AS import (name, source, mapping) VALUES ($1, $2, $3)
ON CONFLICT (name) DO UPDATE SET mapping = excluded.mapping, state = 'running', started_at = excluded.started_at, started_by = excluded.started_by,
  finished_at = NULL, skipped_count = 0, failure = NULL
WHERE import.source = excluded.source
RETURNING name
