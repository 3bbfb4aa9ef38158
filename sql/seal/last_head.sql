-- The last row of log $1 that ends with a head before place $3 of the root log of incarnation $2: the size there, and that place.
SELECT first + octet_length(hashes) / 32, head_index
FROM @extschema@.audit_log_tiles WHERE log_id = $1 AND level = 0 AND incarnation = $2 AND head_index < $3 ORDER BY first DESC LIMIT 1
