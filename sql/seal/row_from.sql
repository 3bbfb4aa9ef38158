-- The first row of leaves of log $1 that begins at place $2 or behind it.
SELECT first, hashes, refs, frontier, head_index, incarnation
FROM @extschema@.audit_log_tiles WHERE log_id = $1 AND level = 0 AND first >= $2 ORDER BY first LIMIT 1
