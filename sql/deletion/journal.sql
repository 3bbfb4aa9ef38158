-- The erasures and purges since $1, in their order; a whole before its parts.
SELECT id FROM @extschema@.audit_deletion_log WHERE is_irrevocable AND deleted_at >= coalesce($1, '-infinity')
ORDER BY deleted_at, parent_id IS NOT NULL, id
