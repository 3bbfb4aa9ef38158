-- An incarnation begins, with a root log of its own.
INSERT INTO @extschema@.audit_log_incarnations (incarnation, root_log_id, origin, system_identifier, timeline, database_oid, reason, began_by)
SELECT $1, id, $2 || '/' || id, $3, $4, $5, $6, $7 FROM gen_random_uuid() AS root (id)
RETURNING root_log_id, origin, began_at
