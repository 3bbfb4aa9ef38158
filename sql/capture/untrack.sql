-- Tracks a table no more. $1, $2: its schema and name. Gives the trackings that ended.
UPDATE @tracking@ SET untracked_at = pg_catalog.clock_timestamp(), untracked_by = SESSION_USER
WHERE table_schema = $1 AND table_name = $2 AND untracked_at IS NULL
RETURNING id::text
