-- Releases the hold of a row ($1) that another node released: the same, or where this node has it by another id, one of the same on the same.
UPDATE @extschema@.audit_legal_holds AS held
SET released_at = told.released_at, released_by_user_id = told.released_by_user_id, released_by_role = told.released_by_role, release_reason = told.release_reason
FROM pg_catalog.jsonb_populate_record(NULL::@extschema@.audit_legal_holds, $1::pg_catalog.jsonb) AS told
WHERE held.released_at IS NULL AND held.id = (
  SELECT one.id FROM @extschema@.audit_legal_holds AS one
  WHERE one.id = told.id OR (one.workspace_id = told.workspace_id AND one.user_id IS NOT DISTINCT FROM told.user_id
    AND one.reason = told.reason AND one.released_at IS NULL
    AND NOT EXISTS (SELECT FROM @extschema@.audit_legal_holds AS other WHERE other.id = told.id))
  LIMIT 1)
