-- The leaves of root log $1, row by row.
SELECT first, hashes, refs, frontier, head_index, incarnation
FROM @extschema@.audit_log_tiles WHERE log_id = $1 AND level = 0 ORDER BY first
