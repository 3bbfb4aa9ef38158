-- Rows of tiles, many at a time.
INSERT INTO @extschema@.audit_log_tiles (log_id, level, first, hashes, refs, frontier, head_index, incarnation)
SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7) AS tile (log_id, level, first, hashes, refs, frontier, head_index),
  LATERAL (SELECT CASE WHEN level = 0 THEN $8 END) AS root (incarnation)
