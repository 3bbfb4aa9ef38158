-- Goes on with a tracking ($1) that ended, if its table ($2) has the name that was tracked.
UPDATE @tracking@ SET untracked_at = NULL, untracked_by = NULL
WHERE id::text = $1 AND untracked_at IS NOT NULL AND format('%I.%I', table_schema, table_name) = $2
