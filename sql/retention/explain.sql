-- Where a workspace's events are, what the next archive run, a release to cold storage and a purge would do to them, and why.
SELECT location, outcome, reason, sum(event_count)::int8, min(oldest), max(newest)
FROM (
  SELECT 'hot' AS location, event.created_at AS oldest, event.created_at AS newest, 1 AS event_count,
         CASE WHEN event.created_at < $2 AND restored.event_id IS NULL THEN 'archive' ELSE 'keep' END AS outcome,
         CASE WHEN event.created_at >= $2 THEN 'within hot_retention_days'
              WHEN restored.event_id IS NOT NULL THEN 'restored, kept hot for a while'
              ELSE 'older than hot_retention_days' END AS reason
  FROM @extschema@.audit_events AS event
  LEFT JOIN @extschema@.audit_restored_events AS restored
    ON restored.event_id = event.id AND restored.keep_hot_until > $7
  WHERE event.workspace_id = $1
  UNION ALL
  SELECT 'archive', event.created_at, event.created_at, 1,
         CASE WHEN held.is_held OR voucher.is_one THEN 'keep'
              WHEN lent.is_expired THEN 'purge'
              WHEN lent.is_expired IS NOT NULL THEN 'return'
              WHEN event.created_at < $3 THEN 'purge'
              WHEN event.created_at < $11 AND NOT $12 THEN 'cold'
              ELSE 'keep' END,
         CASE WHEN held.is_held THEN 'legal hold'
              WHEN voucher.is_one THEN 'vouches for a deletion'
              WHEN NOT lent.is_expired THEN 'on loan from cold storage'
              WHEN event.created_at < $3 THEN 'older than ' || $10
              WHEN event.created_at < $11 AND $12 THEN 'legal hold on a user of the workspace'
              WHEN event.created_at < $11 THEN 'older than warm_archive_days'
              WHEN $8 IS NULL THEN 'compliance mode'
              WHEN event.created_at >= coalesce($11, $8) THEN 'within warm_archive_days'
              ELSE $4 END
  FROM @extschema@.audit_events_archive AS event
  CROSS JOIN LATERAL (
    SELECT $6 OR event.created_by_user_id = ANY ($5) OR coalesce(event.resource_id = ANY ($5), false) AS is_held
  ) AS held
  CROSS JOIN LATERAL (
    SELECT event.action_type = ANY ($9) AND EXISTS (
      SELECT FROM @extschema@.audit_deletion_log AS entry WHERE entry.id = event.resource_id
        AND @vouches@) AS is_one
  ) AS voucher
  LEFT JOIN (
    SELECT loan.event_id, NOT $12 AND coalesce((object.month + interval '1 month') AT TIME ZONE 'UTC' <= $3, false) AS is_expired
    FROM @extschema@.audit_cold_loans AS loan
    JOIN @extschema@.audit_cold_objects AS object ON object.object_id = loan.object_id
    WHERE loan.workspace_id = $1
  ) AS lent ON lent.event_id = event.id
  WHERE event.workspace_id = $1
  UNION ALL
  SELECT 'cold', object.first_created_at, object.last_created_at, object.event_count - lent.event_count,
         CASE WHEN object.ends <= $3 AND NOT $12 THEN 'purge' ELSE 'keep' END,
         CASE WHEN $12 THEN 'legal hold'
              WHEN object.ends <= $3 THEN 'older than ' || $10
              WHEN $8 IS NULL THEN 'compliance mode'
              WHEN object.ends > $8 THEN 'within ' || $10
              ELSE $4 END
  FROM (
    SELECT object_id, first_created_at, last_created_at, event_count, (month + interval '1 month') AT TIME ZONE 'UTC' AS ends
    FROM @extschema@.audit_cold_objects WHERE workspace_id = $1 AND state = 'released'
  ) AS object
  CROSS JOIN LATERAL (
    SELECT count(*) AS event_count FROM @extschema@.audit_cold_loans AS loan
    WHERE loan.workspace_id = $1 AND loan.created_at BETWEEN object.first_created_at AND object.last_created_at AND loan.object_id = object.object_id
  ) AS lent
  WHERE object.event_count > lent.event_count
) AS explained
GROUP BY location, outcome, reason
ORDER BY array_position(ARRAY['hot', 'archive', 'cold'], location), min(oldest), outcome
