-- Erasures of workspace $2 that were logged since $3 are pending for object $1. Whether one is of events about the person as well is told by the other objects that know
-- it, or by its request. Where nothing tells, it is: no payload that was to be erased may stay.
INSERT INTO @extschema@.audit_cold_erasures (object_id, deletion_log_id, includes_about)
SELECT $1, entry.id, coalesce(
  (SELECT bool_or(other.includes_about) FROM @extschema@.audit_cold_erasures AS other
    WHERE other.deletion_log_id = entry.id OR other.carried_out_log_id = entry.id),
  (SELECT bool_or(request.include_events_about_user) FROM @extschema@.audit_deletion_requests AS request WHERE request.deletion_log_id = entry.id),
  true)
FROM @extschema@.audit_deletion_log AS entry
WHERE entry.workspace_id = $2 AND entry.subject_user_id IS NOT NULL AND entry.is_irrevocable AND entry.deleted_at >= $3
ON CONFLICT DO NOTHING
