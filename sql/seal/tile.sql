-- The hashes of one tile: $1 log, $2 level, $3 its first place, $4 the one behind its last.
SELECT hashes FROM @extschema@.audit_log_tiles WHERE log_id = $1 AND level = $2 AND first >= $3 AND first < $4 ORDER BY first
