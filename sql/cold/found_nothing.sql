-- A row if erasures are pending for object $1, every chunk was searched since they were ordered, and none of them changes.
SELECT FROM @extschema@.audit_cold_erasures AS erasure
WHERE erasure.object_id = $1 AND NOT erasure.is_done
HAVING count(*) > 0 AND NOT EXISTS (
  SELECT FROM @extschema@.audit_cold_chunks AS chunk
  WHERE chunk.object_id = $1 AND (chunk.searched_at IS NULL OR chunk.next_sha256 <> chunk.sha256))
