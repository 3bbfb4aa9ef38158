-- Guide, steps 4.1 to 4.4. Contract 9: pg_stat_user_tables has no column tablename, and Postgres refuses storage parameters on a
-- partitioned table; partitions have the two settings from the start. The form to use stands beside the guide's.
\i tests/golden/prelude.sql
CREATE EXTENSION audit_ext;

-- Step 4.1: list all partitions
SELECT schemaname, tablename
FROM pg_tables
WHERE tablename LIKE 'audit_events%'
ORDER BY tablename \g /dev/null
\echo :ROW_COUNT
-- Should see the parent, this month and the next two, the default partition; similar for archive tables
SELECT schemaname, test.masked(tablename) AS tablename FROM pg_tables
WHERE tablename LIKE 'audit_events%' ORDER BY 2;

-- Step 4.2: supabase.rpc('create_monthly_audit_partition'): one month more than there was, then nothing to do.
SELECT test.masked(partition_name) AS partition_name FROM create_monthly_audit_partition() ORDER BY 1;
SELECT * FROM create_monthly_audit_partition() ORDER BY 1;

-- Step 4.3: view partition sizes
SELECT
  schemaname,
  tablename,
  pg_size_pretty(pg_total_relation_size(schemaname||'.'||tablename)) as size
FROM pg_tables
WHERE tablename LIKE 'audit_events%'
ORDER BY tablename \g /dev/null
\echo :SQLSTATE :ROW_COUNT

-- Check partition health: as the guide has it …
SELECT
  schemaname,
  tablename,
  n_live_tup as live_rows,
  n_dead_tup as dead_rows
FROM pg_stat_user_tables
WHERE tablename LIKE 'audit_events%';
\echo :LAST_ERROR_SQLSTATE
-- … and the form to use. (In 15 and later the view has no row for a partitioned table itself, or one without rows.)
SELECT
  schemaname,
  test.masked(relname) AS relname,
  n_dead_tup as dead_rows
FROM pg_stat_user_tables
WHERE relname LIKE 'audit_events%' AND relname NOT IN ('audit_events', 'audit_events_archive')
ORDER BY 2;

-- Step 4.4: as the guide has it (Postgres 15 and 18 word their refusal differently, 22023 and 42809) …
SELECT code IN ('22023', '42809') AS refused FROM test.refusal($$
ALTER TABLE audit_events SET (
  autovacuum_vacuum_scale_factor = 0.01,
  autovacuum_analyze_scale_factor = 0.005
)$$);
-- … every partition has them already …
SELECT test.masked(relname) AS partition, reloptions FROM pg_class
WHERE relispartition AND relkind = 'r' AND relname LIKE 'audit_events%' ORDER BY 1;
-- … and the form to use for other values, on a partition.
SELECT 'audit_events_' || to_char(now() AT TIME ZONE 'UTC', 'YYYY_MM') AS this_month \gset
ALTER TABLE :this_month SET (
  autovacuum_vacuum_scale_factor = 0.02,
  autovacuum_analyze_scale_factor = 0.005
);
SELECT reloptions FROM pg_class WHERE relname = :'this_month';

-- Monthly maintenance: verify partitions created for next month
SELECT * FROM partition_schedule ORDER BY next_partition_date DESC \g /dev/null
\echo :ROW_COUNT
SELECT parent_table, test.masked(newest_partition) AS newest_partition,
       next_partition_date = date_trunc('month', now() AT TIME ZONE 'UTC')::date + interval '4 months' AS is_fourth_month,
       months_ahead, default_partition_rows
FROM partition_schedule ORDER BY parent_table;
