-- Events of some pages of one partition that have no key or no transaction get the mark of this one, and a key from the guard; by workspace, how many and
-- of which times, and of them those that were erased before.
WITH adopted AS (
  UPDATE ONLY @leaf@ AS event SET seal_xid = $1
  WHERE event.ctid >= $2::text::tid AND event.ctid < $3::text::tid AND (event.seal_key IS NULL OR event.seal_xid IS NULL)
  RETURNING event.workspace_id, event.created_at, event.deleted_at IS NOT NULL
    AND num_nonnulls(event.old_values, event.new_values, event.changed_fields, event.ip_address, event.user_agent, event.request_id, event.tags, event.metadata) = 0 AS is_erased
)
SELECT workspace_id, count(*), min(created_at), max(created_at),
       count(*) FILTER (WHERE is_erased), min(created_at) FILTER (WHERE is_erased), max(created_at) FILTER (WHERE is_erased)
FROM adopted
GROUP BY workspace_id
