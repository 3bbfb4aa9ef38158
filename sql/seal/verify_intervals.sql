-- The times between the last hundred seals, in microseconds.
SELECT (extract(epoch FROM sealed_at - lag(sealed_at) OVER (ORDER BY seal)) * 1000000)::bigint
FROM (SELECT seal, sealed_at FROM @extschema@.audit_log_seals ORDER BY seal DESC LIMIT 101) last
