-- Where the logs end.
SELECT incarnation, root_size FROM @extschema@.audit_log_seals ORDER BY seal DESC LIMIT 1
