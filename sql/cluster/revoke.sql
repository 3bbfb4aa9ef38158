-- Takes the level of a row ($1) that another node took.
UPDATE @extschema@.audit_access AS held
SET revoked_at = told.revoked_at, revoked_by = told.revoked_by
FROM pg_catalog.jsonb_populate_record(NULL::@extschema@.audit_access, $1::pg_catalog.jsonb) AS told
WHERE held.role_name = told.role_name AND held.access = told.access AND held.revoked_at IS NULL
