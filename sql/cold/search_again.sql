-- The chunks of the released objects of workspace $1 are to be searched again.
UPDATE @extschema@.audit_cold_chunks AS chunk
SET searched_at = NULL, next_byte_count = NULL, next_sha256 = NULL, next_erased = NULL
FROM @extschema@.audit_cold_objects AS object
WHERE object.workspace_id = $1 AND object.state = 'released' AND chunk.object_id = object.object_id AND chunk.searched_at IS NOT NULL
