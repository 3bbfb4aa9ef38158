-- The erasures that are pending for object $1, in the order in which they were ordered, with what they leave in an event.
SELECT entry.id, entry.subject_user_id, erasure.includes_about, entry.deleted_at, entry.deleted_by_user_id, entry.deletion_reason
FROM @extschema@.audit_cold_erasures AS erasure JOIN @extschema@.audit_deletion_log AS entry ON entry.id = erasure.deletion_log_id
WHERE erasure.object_id = $1 AND NOT erasure.is_done
ORDER BY entry.deleted_at, entry.id
