-- The heads that a row of a root log ($1: its refs) stands for, each with what its root follows from: the row of its log that holds its last leaf, cut there,
-- and the frontier before that row; or the frontier behind it, where the head is at its end.
SELECT head.workspace, head.size, part.first, substring(part.hashes FROM 1 FOR (32 * (head.size - part.first))::integer),
  CASE WHEN part.first + octet_length(part.hashes) / 32 = head.size THEN part.frontier END,
  (SELECT before.frontier FROM @extschema@.audit_log_tiles AS before
   WHERE before.log_id = head.workspace AND before.level = 0 AND before.first < part.first ORDER BY before.first DESC LIMIT 1)
FROM (
  SELECT place, encode(substring($1 FROM place * 32 + 1 FOR 16), 'hex')::uuid AS workspace,
    ('x' || encode(substring($1 FROM place * 32 + 17 FOR 8), 'hex'))::bit(64)::bigint AS size
  FROM generate_series(0, octet_length($1) / 32 - 1) AS place
) AS head
LEFT JOIN LATERAL (
  SELECT tile.first, tile.hashes, tile.frontier FROM @extschema@.audit_log_tiles AS tile
  WHERE tile.log_id = head.workspace AND tile.level = 0 AND tile.first < head.size ORDER BY tile.first DESC LIMIT 1
) AS part ON true
ORDER BY head.place
