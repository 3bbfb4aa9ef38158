-- Where a workspace's events are, what the next archive run and a purge would do to them, and why.
SELECT location, outcome, reason, count(*), min(created_at), max(created_at)
FROM (
  SELECT 'hot' AS location, event.created_at,
         CASE WHEN event.created_at < $2 AND restored.event_id IS NULL THEN 'archive' ELSE 'keep' END AS outcome,
         CASE WHEN event.created_at >= $2 THEN 'within hot_retention_days'
              WHEN restored.event_id IS NOT NULL THEN 'restored, kept hot for a while'
              ELSE 'older than hot_retention_days' END AS reason
  FROM @extschema@.audit_events AS event
  LEFT JOIN @extschema@.audit_restored_events AS restored
    ON restored.event_id = event.id AND restored.keep_hot_until > $7
  WHERE event.workspace_id = $1
  UNION ALL
  SELECT 'archive', event.created_at,
         CASE WHEN held.is_held OR voucher.is_one OR $3 IS NULL OR event.created_at >= $3 THEN 'keep' ELSE 'purge' END,
         CASE WHEN held.is_held THEN 'legal hold'
              WHEN voucher.is_one THEN 'vouches for a deletion'
              WHEN $8 IS NULL THEN 'compliance mode'
              WHEN event.created_at >= $8 THEN 'within warm_archive_days'
              WHEN $3 IS NULL OR event.created_at >= $3 THEN $4
              ELSE 'older than warm_archive_days' END
  FROM @extschema@.audit_events_archive AS event
  CROSS JOIN LATERAL (
    SELECT $6 OR event.created_by_user_id = ANY ($5) OR coalesce(event.resource_id = ANY ($5), false) AS is_held
  ) AS held
  CROSS JOIN LATERAL (
    SELECT event.action_type = ANY ($9) AND EXISTS (
      SELECT FROM @extschema@.audit_deletion_log AS entry WHERE entry.id = event.resource_id AND entry.workspace_id = $1) AS is_one
  ) AS voucher
  WHERE event.workspace_id = $1
) AS explained
GROUP BY location, outcome, reason
ORDER BY location DESC, min(created_at), outcome
