-- What is pending for object $1 is pending for object $2.
INSERT INTO @extschema@.audit_cold_erasures (object_id, deletion_log_id, includes_about)
SELECT $2, pending.deletion_log_id, pending.includes_about
FROM @extschema@.audit_cold_erasures AS pending
WHERE pending.object_id = $1 AND NOT pending.is_done
ON CONFLICT DO NOTHING
