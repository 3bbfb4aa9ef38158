-- Rows of leaves of log $1 that begin from place $2 on and before $3, and may name $4: the bytes are there, perhaps across two names.
SELECT first, refs
FROM @extschema@.audit_log_tiles WHERE log_id = $1 AND level = 0 AND first >= $2 AND first < $3 AND position($4 IN refs) > 0 ORDER BY first
