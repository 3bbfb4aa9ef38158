-- How many archived events of workspace $1 from $2 to before $3 the seals have not taken; those that vouch for a deletion ($4), which never go cold, are left out.
-- $5: whether the numbers of transactions are of the server that made the last seal. Nothing where there is no seal.
WITH last AS MATERIALIZED (
  SELECT seal.snapshot::pg_snapshot AS seen, seal.waiting,
    (SELECT begun.began_at FROM @extschema@.audit_log_incarnations AS begun WHERE begun.incarnation = seal.incarnation
     AND EXISTS (SELECT FROM @extschema@.audit_log_incarnations AS former WHERE former.incarnation < begun.incarnation)) AS began_at
  FROM @extschema@.audit_log_seals AS seal ORDER BY seal.seal DESC LIMIT 1
)
SELECT count(*)
FROM last, @extschema@.audit_events_archive AS event
WHERE event.workspace_id = $1 AND event.created_at >= $2 AND event.created_at < $3
  AND NOT (event.action_type = ANY ($4) AND EXISTS (
    SELECT FROM @extschema@.audit_deletion_log AS entry WHERE entry.id = event.resource_id
        AND @vouches@))
  AND (NOT $5 OR event.seal_key IS NULL OR event.seal_xid IS NULL OR abs(event.seal_xid) = ANY (last.waiting)
    OR NOT coalesce(event.seal_xid > 0 AND event.created_at < last.began_at, false)
      AND NOT pg_visible_in_snapshot(ltrim(event.seal_xid::text, '-')::xid8, last.seen))
