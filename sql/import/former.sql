-- The source of a former import of this name, how its last run ended, whose session that was, and whether anything was imported.
SELECT source, state, run_by_pid, run_by_backend_start, imported_count > 0 FROM @extschema@.audit_imports WHERE name = $1
