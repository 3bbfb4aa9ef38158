-- Takes the rows of a tile, to put one in their place.
DELETE FROM @extschema@.audit_log_tiles WHERE log_id = $1 AND level = $2 AND first >= $3 AND first < $3 + 256
RETURNING first, hashes, refs
