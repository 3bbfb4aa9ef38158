-- Whether workspace $1 has a request for the release of cold objects that is not over at $2, and whether an erasure of its cold objects is pending.
SELECT
  EXISTS (SELECT FROM @extschema@.audit_deletion_requests AS request
    WHERE request.kind = 'cold' AND request.workspace_id = $1 AND request.state IN ('pending', 'cooling_off') AND request.expires_at > $2),
  EXISTS (SELECT FROM @extschema@.audit_cold_erasures AS erasure
    JOIN @extschema@.audit_cold_objects AS object ON object.object_id = erasure.object_id
    WHERE object.workspace_id = $1 AND NOT erasure.is_done)
