SELECT incarnation, root_log_id, origin FROM @extschema@.audit_log_incarnations ORDER BY incarnation
