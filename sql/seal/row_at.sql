-- The row of leaves that covers place $2 of log $1, or ends before it.
SELECT first, hashes, refs, frontier, head_index
FROM @extschema@.audit_log_tiles WHERE log_id = $1 AND level = 0 AND first <= $2 ORDER BY first DESC LIMIT 1
