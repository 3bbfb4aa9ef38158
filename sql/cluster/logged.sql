SELECT applied.log_id FROM @extschema@.audit_cluster_applied AS applied WHERE applied.deletion_log_id = $1
