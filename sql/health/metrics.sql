-- The figures of the trail: metric, labels, value, kind, help; one row per metric and labels. No label holds a workspace, a user or a role.
-- $1 and $2: the checks of audit_health() and how they stand; $3: for how many days the oldest event has been due, if that could be found.
WITH health AS (
  SELECT name, status::double precision FROM unnest($1, $2) AS found (name, status)
), trail AS (
  SELECT parent.name, leaf.relid AS oid, class.reltuples
  FROM (VALUES ('audit_events', '@extschema@.audit_events'::regclass), ('audit_events_archive', '@extschema@.audit_events_archive')) AS parent (name, oid),
       pg_partition_tree(parent.oid) AS leaf JOIN pg_class AS class ON class.oid = leaf.relid
  WHERE leaf.isleaf
), requests AS (
  SELECT open.state, count(request.id) AS number, min(request.requested_at) AS oldest
  FROM unnest(ARRAY['pending', 'cooling_off']) AS open (state)
  LEFT JOIN @extschema@.audit_deletion_requests AS request ON request.state = open.state AND request.expires_at > clock_timestamp()
  GROUP BY open.state
)
SELECT metric, labels, value::double precision, 'gauge'::text AS kind, help
FROM (
  SELECT 'audit_check_status' AS metric, jsonb_build_object('check', name) AS labels, status AS value,
         'How a check of audit_health() stands: 0 ok, 1 warn, 2 fail' AS help
  FROM health
  UNION ALL
  SELECT 'audit_archive_last_success_timestamp_seconds', '{}', extract(epoch FROM max(finished_at)), 'When the last archive run came to its end'
  FROM @extschema@.audit_archive_runs WHERE outcome = 'done' HAVING max(finished_at) IS NOT NULL
  UNION ALL
  -- A run that failed left nothing but its beginning.
  SELECT 'audit_archive_last_failure_timestamp_seconds', '{}', last_value / 1e6, 'When the archive run began that failed, if the last one did'
  FROM @extschema@.audit_archive_attempts WHERE is_called AND EXISTS (SELECT FROM health WHERE name = 'archive_run' AND status = 2)
  UNION ALL
  SELECT 'audit_archive_lag_seconds', '{}', $3 * 86400.0, 'How long the event that has been due for longest waits to be archived, in whole days; 0 below two'
  WHERE $3 IS NOT NULL
  UNION ALL
  SELECT 'audit_partitions_months_ahead', jsonb_build_object('table', parent_table), months_ahead, 'Months ahead that have a partition'
  FROM @extschema@.partition_schedule
  UNION ALL
  SELECT 'audit_default_partition_rows', jsonb_build_object('table', parent_table), default_partition_rows, 'Events in the default partition'
  FROM @extschema@.partition_schedule
  UNION ALL
  SELECT 'audit_requests_open', jsonb_build_object('state', state), number, 'Requests for deletion that wait' FROM requests
  UNION ALL
  SELECT 'audit_requests_oldest_age_seconds', '{}', coalesce(extract(epoch FROM clock_timestamp() - min(oldest)), 0), 'How long the oldest open request waits'
  FROM requests
  UNION ALL
  SELECT 'audit_holds_active', '{}', count(*), 'Legal holds in force' FROM @extschema@.audit_legal_holds WHERE released_at IS NULL
  UNION ALL
  SELECT 'audit_events_estimate', jsonb_build_object('table', name), sum(greatest(reltuples, 0)), 'Events, as of the last ANALYZE or VACUUM' FROM trail GROUP BY name
  UNION ALL
  SELECT 'audit_trail_bytes', jsonb_build_object('table', name), sum(pg_total_relation_size(oid)), 'Bytes of events and their indexes' FROM trail GROUP BY name
) AS metrics
