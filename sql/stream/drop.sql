-- A stream ends.
UPDATE @extschema@.audit_stream_definitions SET dropped_at = clock_timestamp(), dropped_by = SESSION_USER WHERE stream_id = $1 AND dropped_at IS NULL
