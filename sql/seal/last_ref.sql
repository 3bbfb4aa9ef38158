-- The last row of leaves of log $1 that begins before place $3, reaches behind place $2 and may name $4.
SELECT first, refs
FROM @extschema@.audit_log_tiles WHERE log_id = $1 AND level = 0 AND first < $3 AND first > $2 - 256 AND position($4 IN refs) > 0 ORDER BY first DESC LIMIT 1
