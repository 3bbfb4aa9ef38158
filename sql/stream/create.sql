-- A stream, unless there is one of this name.
INSERT INTO @extschema@.audit_stream_definitions (name, reader, reader_oid, reader_system, format, workspace_id, actions, imported)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (name) WHERE dropped_at IS NULL DO NOTHING
RETURNING stream_id
