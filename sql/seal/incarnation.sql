-- The incarnation that began last.
SELECT incarnation, root_log_id, origin, began_at, system_identifier, timeline, database_oid
FROM @extschema@.audit_log_incarnations ORDER BY incarnation DESC LIMIT 1
