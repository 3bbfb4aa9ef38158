-- The months (UTC) of workspace $1, from $2 to before $3, with at least $4 archived events that may go to cold storage: how many; whether others are
-- hot; and the object of the month that is not released yet. Events on loan are in cold storage already; those that vouch for a deletion ($5) stay.
WITH archived AS (
  SELECT date_trunc('month', event.created_at AT TIME ZONE 'UTC') AS month, count(*) AS event_count
  FROM @extschema@.audit_events_archive AS event
  WHERE event.workspace_id = $1 AND event.created_at >= $2 AND event.created_at < $3
  GROUP BY 1
), staying AS (
  SELECT date_trunc('month', created_at AT TIME ZONE 'UTC') AS month, count(*) AS event_count
  FROM (
    SELECT event.id, event.created_at
    FROM @extschema@.audit_cold_loans AS loan
    JOIN @extschema@.audit_events_archive AS event
      ON event.workspace_id = loan.workspace_id AND event.created_at = loan.created_at AND event.id = loan.event_id
    WHERE loan.workspace_id = $1 AND loan.created_at >= $2 AND loan.created_at < $3
    UNION
    SELECT event.id, event.created_at
    FROM @extschema@.audit_deletion_log AS entry
    JOIN @extschema@.audit_events_archive AS event ON event.resource_id = entry.id AND event.action_type = ANY ($5)
    WHERE @vouches@ AND event.workspace_id = $1 AND event.created_at >= $2 AND event.created_at < $3
  ) AS kept
  GROUP BY 1
), due AS (
  SELECT archived.month, archived.event_count - coalesce(staying.event_count, 0) AS event_count
  FROM archived LEFT JOIN staying ON staying.month = archived.month
)
SELECT due.month AT TIME ZONE 'UTC', due.event_count,
  EXISTS (
    SELECT FROM @extschema@.audit_events AS event
    WHERE event.workspace_id = $1 AND event.created_at >= due.month AT TIME ZONE 'UTC'
      AND event.created_at < (due.month + interval '1 month') AT TIME ZONE 'UTC'
      AND NOT EXISTS (SELECT FROM @extschema@.audit_cold_loans AS loan
        WHERE loan.workspace_id = $1 AND loan.created_at = event.created_at AND loan.event_id = event.id)),
  object.state, object.opened_by_pid, object.opened_by_backend_start
FROM due
LEFT JOIN @extschema@.audit_cold_objects AS object
  ON object.workspace_id = $1 AND object.month = due.month::date AND object.state IN ('open', 'stored')
WHERE due.event_count >= $4
ORDER BY due.month
