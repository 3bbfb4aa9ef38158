-- Events of one partition that the last seal should hold, by its snapshot or because they are older than its server, and that the log of their workspace
-- lacks: up to so many ids.
WITH last AS MATERIALIZED (
  SELECT seal.snapshot::pg_snapshot AS seen, CASE WHEN seal.incarnation > 1 THEN incarnation.began_at END AS began_at
  FROM @extschema@.audit_log_seals AS seal JOIN @extschema@.audit_log_incarnations AS incarnation ON incarnation.incarnation = seal.incarnation
  ORDER BY seal.seal DESC
  LIMIT 1
)
SELECT event.id
FROM last, ONLY @leaf@ AS event
WHERE event.seal_key IS NOT NULL AND event.seal_xid IS NOT NULL
  AND (pg_catalog.pg_visible_in_snapshot(pg_catalog.ltrim(event.seal_xid::text, '-')::xid8, last.seen) OR event.seal_xid > 0 AND event.created_at < last.began_at)
  AND NOT EXISTS (
    SELECT FROM @extschema@.audit_log_tiles AS tile, pg_catalog.generate_series(0, pg_catalog.octet_length(tile.refs) / 16 - 1) AS place
    WHERE tile.log_id = event.workspace_id AND tile.level = 0
      AND pg_catalog.encode(pg_catalog.substr(tile.refs, place * 16 + 1, 16), 'hex')::uuid = event.id)
LIMIT $1
