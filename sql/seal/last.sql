-- The newest seal.
SELECT incarnation, snapshot, seen_at, uptime_us, boot_id, waiting, waiting_since
FROM @extschema@.audit_log_seals ORDER BY seal DESC LIMIT 1
