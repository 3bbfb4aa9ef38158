-- Where the first seal that could take events of a time begins: it looked at that time or later. All seals are looked at, for the clock may have been set back.
SELECT incarnation, root_size - head_count FROM @extschema@.audit_log_seals
WHERE seal = (SELECT min(seal) FROM @extschema@.audit_log_seals WHERE seen_at >= $1 AND head_count > 0)
