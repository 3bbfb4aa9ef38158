-- The leaves of the log of workspace $1, or of all workspaces, row by row.
SELECT first, hashes, refs, frontier, head_index, incarnation, log_id
FROM @extschema@.audit_log_tiles
WHERE level = 0 AND ($1 IS NULL OR log_id = $1)
  AND log_id NOT IN (SELECT root_log_id FROM @extschema@.audit_log_incarnations)
ORDER BY log_id, first
