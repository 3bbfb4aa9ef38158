-- The cursor of a stream that ended.
DELETE FROM @extschema@.audit_stream_cursors WHERE stream_id = $1
