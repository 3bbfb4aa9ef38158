-- The entry under which $2 events of workspace $1, from $3 to $4, left for cold storage: of those that fit, one that names a given id or digest ($5); else the
-- only one.
SELECT entry.id
FROM (
  SELECT fitting.id, fitting.deleted_at, count(*) OVER () AS fitting_count,
    EXISTS (SELECT FROM unnest($5) AS name WHERE strpos(fitting.deletion_reason, name) > 0) AS is_named
  FROM @extschema@.audit_deletion_log AS fitting
  WHERE fitting.workspace_id = $1 AND fitting.kind = 'cold' AND fitting.deletion_reason LIKE 'released to cold storage: %'
    AND (fitting.event_count, fitting.oldest_event_at, fitting.newest_event_at) = ($2, $3, $4)
) AS entry
WHERE entry.is_named OR entry.fitting_count = 1
ORDER BY entry.deleted_at
LIMIT 1
