-- Whether what is known of a chunk of a released object of workspace $1 is from a search.
SELECT EXISTS (
  SELECT FROM @extschema@.audit_cold_objects AS object JOIN @extschema@.audit_cold_chunks AS chunk ON chunk.object_id = object.object_id
  WHERE object.workspace_id = $1 AND object.state = 'released' AND chunk.searched_at IS NOT NULL)
