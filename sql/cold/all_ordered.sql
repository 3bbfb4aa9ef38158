-- Whether erasure $2 is ordered in each released object of workspace $1.
SELECT NOT EXISTS (
  SELECT FROM @extschema@.audit_cold_objects AS object
  WHERE object.workspace_id = $1 AND object.state = 'released' AND NOT EXISTS (
    SELECT FROM @extschema@.audit_cold_erasures AS erasure WHERE erasure.object_id = object.object_id AND erasure.deletion_log_id = $2))
