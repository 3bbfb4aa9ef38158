-- The objects of workspace $1 whose files are to be removed and hold events of a month of $2, but for those that purge $3 knows already.
SELECT object.object_id
FROM @extschema@.audit_cold_objects AS object
WHERE object.workspace_id = $1 AND object.state = 'condemned' AND object.month = ANY ($2::text[]::date[])
  AND NOT EXISTS (SELECT FROM @extschema@.audit_cold_erasures AS erasure WHERE erasure.object_id = object.object_id AND erasure.deletion_log_id = $3)
