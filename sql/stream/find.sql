-- The stream in force of this name; and the role of its reader's name, if it is the role that it was and has the level streamer. $2: the server.
SELECT stream.stream_id, stream.reader::text, stream.format, stream.workspace_id, stream.actions, stream.imported, (
  SELECT role.oid FROM pg_catalog.pg_roles AS role
  WHERE role.rolname = stream.reader AND (stream.reader_system <> $2 OR role.oid = stream.reader_oid) AND EXISTS (
    SELECT FROM @extschema@.audit_access AS access
    WHERE access.role_name = stream.reader AND access.access = 'streamer' AND access.revoked_at IS NULL))
FROM @extschema@.audit_stream_definitions AS stream
WHERE stream.name = $1 AND stream.dropped_at IS NULL
