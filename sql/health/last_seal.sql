-- When the newest seal looked.
SELECT seen_at FROM @extschema@.audit_log_seals ORDER BY seal DESC LIMIT 1
