-- The source of a former import of this name, how its last run ended, and whose session that was.
SELECT source, state, run_by_pid, run_by_backend_start FROM @extschema@.audit_imports WHERE name = $1
