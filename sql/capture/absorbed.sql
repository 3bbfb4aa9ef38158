-- A tracked table that became a part of another tracked one is captured with that; gives the trackings that took it in.
WITH RECURSIVE tracked AS (
  SELECT tracking.id, class.oid
  FROM @tracking@ AS tracking
  JOIN pg_catalog.pg_namespace AS schema ON schema.nspname = tracking.table_schema
  JOIN pg_catalog.pg_class AS class ON class.relnamespace = schema.oid AND class.relname = tracking.table_name
  WHERE tracking.untracked_at IS NULL
), above AS (
  SELECT tracked.id, link.inhparent AS oid FROM tracked JOIN pg_catalog.pg_inherits AS link ON link.inhrelid = tracked.oid
  UNION
  SELECT above.id, link.inhparent FROM above JOIN pg_catalog.pg_inherits AS link ON link.inhrelid = above.oid
), taken AS (
  SELECT above.id, min(tracked.id::text) AS by_id FROM above JOIN tracked USING (oid) GROUP BY above.id
)
UPDATE @tracking@ AS tracking SET untracked_at = pg_catalog.clock_timestamp(), untracked_by = SESSION_USER
FROM taken WHERE tracking.id = taken.id
RETURNING taken.by_id
