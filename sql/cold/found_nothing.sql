-- A row if every chunk of object $1 was searched since the last erasure was ordered, and none of them changes.
SELECT FROM @extschema@.audit_cold_erasures AS erasure
WHERE erasure.object_id = $1 AND NOT erasure.is_done
HAVING NOT EXISTS (
  SELECT FROM @extschema@.audit_cold_chunks AS chunk
  WHERE chunk.object_id = $1 AND (chunk.searched_at IS NULL OR chunk.searched_at < max(erasure.pending_at) OR chunk.next_sha256 <> chunk.sha256))
