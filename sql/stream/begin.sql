-- The cursor of a new stream.
INSERT INTO @extschema@.audit_stream_cursors (stream_id, incarnation, root_place) VALUES ($1, $2, $3)
