-- The heads of these logs: size, frontier, and how many rows the tile has to which the next leaf goes.
SELECT log.id, head.size, head.frontier,
       (SELECT count(*) FROM @extschema@.audit_log_tiles AS part
        WHERE part.log_id = log.id AND part.level = 0 AND part.first >= head.size / 256 * 256)
FROM unnest($1) AS log (id)
CROSS JOIN LATERAL (
  SELECT tile.first + octet_length(tile.hashes) / 32 AS size, tile.frontier
  FROM @extschema@.audit_log_tiles AS tile
  WHERE tile.log_id = log.id AND tile.level = 0 ORDER BY tile.first DESC LIMIT 1
) AS head
