-- Where the row of leaves that covers place $2 of log $1 begins, how many leaves it has, and what its first one stands for.
SELECT first, octet_length(hashes) / 32, substring(refs FROM 1 FOR 16)
FROM @extschema@.audit_log_tiles WHERE log_id = $1 AND level = 0 AND first <= $2 ORDER BY first DESC LIMIT 1
