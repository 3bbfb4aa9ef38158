-- Whether an export of workspace $1 that finished at $2 or later wrote just these events: $3 of them, with these sums $4 of ids.
SELECT true FROM (
  SELECT new_values FROM @extschema@.audit_events WHERE workspace_id = $1 AND action_type = 'AUDIT_EXPORT_FINISHED' AND created_at >= $2
  UNION ALL
  SELECT new_values FROM @extschema@.audit_events_archive WHERE workspace_id = $1 AND action_type = 'AUDIT_EXPORT_FINISHED' AND created_at >= $2) AS export
WHERE new_values ->> 'recorded_count' = $3::text AND new_values ->> 'recorded_ids' = $4
LIMIT 1
