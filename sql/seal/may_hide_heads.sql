-- Whether the next row of log $1 from place $2 on, of incarnation $3 or a later one, may have been several rows, of which each ended with a head.
SELECT octet_length(hashes) > 32
FROM @extschema@.audit_log_tiles WHERE log_id = $1 AND level = 0 AND first >= $2 AND incarnation >= $3 ORDER BY first LIMIT 1
