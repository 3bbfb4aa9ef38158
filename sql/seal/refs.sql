-- What a log holds, the newest first, down to the tile in which a place is.
SELECT first, refs FROM @extschema@.audit_log_tiles WHERE log_id = $1 AND level = 0 AND first >= $2 / 256 * 256 ORDER BY first DESC
