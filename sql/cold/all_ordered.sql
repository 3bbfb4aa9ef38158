-- Whether erasure $2 knows each file of workspace $1 that may hold what it takes. A successor under way is known by the object that it is to replace.
SELECT NOT EXISTS (
  SELECT FROM @extschema@.audit_cold_objects AS object
  WHERE object.workspace_id = $1 AND (object.state IN ('released', 'condemned') OR object.state <> 'gone' AND object.replaces IS NULL) AND NOT EXISTS (
    SELECT FROM @extschema@.audit_cold_erasures AS erasure WHERE erasure.object_id = object.object_id AND erasure.deletion_log_id = $2))
