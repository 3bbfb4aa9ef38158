-- How many rows a tile has.
SELECT count(*) FROM @extschema@.audit_log_tiles WHERE log_id = $1 AND level = $2 AND first >= $3 AND first < $3 + 256
