-- Guide, Monitoring & Maintenance: daily, weekly and monthly statements that need neither the archive job nor pg_cron.
\i tests/golden/prelude.sql
CREATE EXTENSION audit_ext;
SELECT count(insert_audit_event(action, 'user', NULL, '10000000-0000-4000-8000-000000000123',
  format('20000000-0000-4000-8000-%s', lpad(actor::text, 12, '0'))::uuid)) AS events
FROM (VALUES ('LOGIN', 1), ('LOGIN', 2), ('LOGIN', 1), ('RENAME', 3), ('ROLE_CHANGED', 2), ('ROLE_CHANGED', 2)) AS given (action, actor);

-- Daily: monitor table growth (the events may stand on both sides of midnight)
SELECT
  DATE(created_at) as date,
  COUNT(*) as daily_events
FROM audit_events
WHERE created_at > NOW() - INTERVAL '30 days'
GROUP BY DATE(created_at)
ORDER BY date DESC \g /dev/null
SELECT :ROW_COUNT IN (1, 2) AS "a day or two";

-- Check for errors in constraints
SELECT * FROM pg_stat_user_tables
WHERE relname = 'audit_events'
ORDER BY seq_scan DESC \g /dev/null
\echo :SQLSTATE

-- Weekly: activity by action type
SELECT action_type, COUNT(*) as count
FROM audit_events
WHERE created_at > NOW() - INTERVAL '7 days'
GROUP BY action_type
ORDER BY count DESC;

-- Most active users
SELECT created_by_user_id, COUNT(*) as action_count
FROM audit_events
WHERE created_at > NOW() - INTERVAL '7 days'
GROUP BY created_by_user_id
ORDER BY action_count DESC
LIMIT 10;

-- Security events
SELECT * FROM vw_security_audit
WHERE created_at > NOW() - INTERVAL '7 days'
ORDER BY created_at DESC \g /dev/null
\echo :ROW_COUNT
SELECT action_type, created_by_user_id FROM vw_security_audit
WHERE created_at > NOW() - INTERVAL '7 days'
ORDER BY created_at DESC;

-- Monthly: verify partitions created for next month
SELECT * FROM partition_schedule ORDER BY next_partition_date DESC \g /dev/null
SELECT bool_and(months_ahead >= 1) AS "next month is there" FROM partition_schedule;

-- Analyze table stats
ANALYZE audit_events;
\echo :SQLSTATE

-- Reindex if needed
REINDEX TABLE CONCURRENTLY audit_events;
\echo :SQLSTATE
SELECT count(*) AS "invalid indexes" FROM pg_index WHERE NOT indisvalid;
SELECT count(*) AS events FROM audit_events;
