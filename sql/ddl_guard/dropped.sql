-- Something of the trail among what a command dropped. $1: its schema; $2: names of its tables, views and indexes. The
-- row trigger's clone tells a partition, whose name tells nothing.
SELECT d.object_identity
FROM pg_catalog.pg_event_trigger_dropped_objects() AS d
WHERE d.address_names[1] = $1 AND NOT d.is_temporary AND (
    (d.object_type IN ('table', 'view', 'index') AND d.address_names[2] = ANY ($2))
    OR (d.object_type = 'trigger' AND (
      d.address_names[3] IN ('audit_events_guard', 'audit_events_truncate_guard')
      OR (d.address_names[2] = ANY ($2)
        AND (d.address_names[3] = 'check_audit_workspace_membership' OR pg_catalog.starts_with(d.address_names[3], 'audit'))))))
LIMIT 1
