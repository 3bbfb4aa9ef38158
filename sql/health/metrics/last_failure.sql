-- A run that failed left nothing but its beginning.
SELECT 'audit_archive_last_failure_timestamp_seconds', '{}'::jsonb, last_value / 1e6::double precision, 'When the archive run began that failed, if the last one did'
FROM @extschema@.audit_archive_attempts WHERE is_called
