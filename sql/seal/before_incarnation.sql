-- The newest seal of the incarnations before one: from when on that one's first seal looked.
SELECT seen_at, waiting_since FROM @extschema@.audit_log_seals
WHERE seal < (SELECT min(seal) FROM @extschema@.audit_log_seals WHERE incarnation = $1)
ORDER BY seal DESC LIMIT 1
