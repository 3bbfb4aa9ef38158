#!/usr/bin/env bash
# Proves that autovacuum does not stand in the way of a scrub, nor of a month that changes sides. Where much was erased it is at work, and makes room; it is made so slow that it would
# outlast both. Its ANALYZE of any other table can see what was erased for a moment, and the scrub waits for that.
set -euo pipefail
. "$(dirname "$0")/../lib/cluster.sh"
. "$(dirname "$0")/../lib/report.sh"

cluster_start "$PGVERSION" "$(cluster_dir)" 'autovacuum_naptime = 1s'
database_with_trail durability
query "INSERT INTO audit_retention_policies (workspace_id, hot_retention_days, warm_archive_days) VALUES (w(1), 5000, 36500);
    INSERT INTO audit_events (created_at, action_type, resource_type, workspace_id, created_by_user_id, new_values)
      SELECT date_trunc('month', now()) - interval '4 months' + n * interval '1 second', 'ACT', 'thing', w(1), w(n % 2 + 70), jsonb_build_object('text', repeat(md5(n::text), 40)) FROM generate_series(1, 4000) AS n" durability
query 'SELECT create_monthly_audit_partition()' durability >/dev/null
month=$(query "SELECT DISTINCT tableoid::regclass FROM audit_events WHERE action_type = 'ACT'" durability)
query "ALTER TABLE $month SET (autovacuum_vacuum_cost_delay = 100, autovacuum_vacuum_cost_limit = 1, autovacuum_vacuum_threshold = 0, autovacuum_vacuum_insert_threshold = 0)" durability
file=$(query "SELECT pg_relation_filenode('$month')" durability)
# is_vacuumed TABLE: as a condition of SQL.
is_vacuumed() { echo "(SELECT count(*) > 0 FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE backend_type = 'autovacuum worker' AND relation = '$1'::regclass AND mode = 'ShareUpdateExclusiveLock' AND granted)"; }

query "SELECT deleted_count FROM delete_user_audit_events_compliant(w(70), w(1), 'GDPR', 'T-1')" durability >/dev/null
await durability "$(is_vacuumed "$month")"
check_equal 'a scrub goes past autovacuum' 'done' "$(query "SELECT 'done' || audit_scrub(id) FROM audit_deletion_log WHERE approval_ticket_id = 'T-1'" durability 2>&1)"
check_equal '... the table is a new file' f "$(query "SELECT pg_relation_filenode('$month') = $file" durability)"

# An ANALYZE of some seconds, begun before the erasure.
query "CREATE TABLE other WITH (autovacuum_enabled = off) AS SELECT n, md5(n::text) AS text FROM generate_series(1, 5000) AS n" durability
query "ALTER TABLE other SET (autovacuum_enabled = on, autovacuum_vacuum_cost_delay = 100, autovacuum_vacuum_cost_limit = 1, autovacuum_analyze_threshold = 1, autovacuum_analyze_scale_factor = 0, autovacuum_vacuum_threshold = 1000000000, autovacuum_vacuum_insert_threshold = -1)" durability
analyze="(SELECT coalesce(max(xact_start)::text, 'none') FROM pg_stat_activity WHERE backend_type = 'autovacuum worker' AND backend_xmin IS NOT NULL AND query ~ 'ANALYZE.*other')"
await durability "$analyze <> 'none'"
begun=$(query "SELECT $analyze" durability)
query "SELECT deleted_count FROM delete_user_audit_events_compliant(w(71), w(1), 'GDPR', 'T-2')" durability >/dev/null
check_equal 'it is still at work when the erasure has ended' "$begun" "$(query "SELECT $analyze" durability)"
check_equal 'a scrub waits for the ANALYZE of another table' scrubbed "$(query "SELECT 'scrubbed' || audit_scrub(id) FROM audit_deletion_log WHERE approval_ticket_id = 'T-2'" durability 2>&1)"

# A month of another workspace, half of it erased, is to change sides.
query "INSERT INTO audit_retention_policies (workspace_id, hot_retention_days, warm_archive_days, archive_by) VALUES (w(2), 5000, 36500, 'month');
    INSERT INTO audit_events (created_at, action_type, resource_type, workspace_id, created_by_user_id, new_values)
      SELECT timestamptz '2015-01-02Z' + n * interval '1 second', 'OLD', 'thing', w(2), w(n % 2 + 70), jsonb_build_object('text', repeat(md5(n::text), 40)) FROM generate_series(1, 4000) AS n;
    SELECT create_past_audit_partitions(make_date(2015, 1, 1), make_date(2015, 1, 1));
    UPDATE audit_retention_policies SET hot_retention_days = 10 WHERE workspace_id = w(2)" durability >/dev/null
month=audit_events_2015_01
table=$(query "SELECT '$month'::regclass::oid" durability)
query "ALTER TABLE $month SET (autovacuum_vacuum_cost_delay = 100, autovacuum_vacuum_cost_limit = 1, autovacuum_vacuum_threshold = 0, autovacuum_vacuum_insert_threshold = 0)" durability
query "SELECT deleted_count FROM delete_user_audit_events_compliant(w(70), w(2), 'GDPR', 'T-3')" durability >/dev/null
await durability "$(is_vacuumed "$month")"
check_equal 'a month changes sides past autovacuum' '4000|audit_events_archive' \
    "$(query 'SELECT archived_count FROM archive_old_audit_events()' durability 2>&1)|$(query "SELECT inhparent::regclass FROM pg_inherits WHERE inhrelid = $table" durability)"

# Default partitions are locked when a month is made of their events, and when a month changes sides.
slow_default() {
    query "INSERT INTO audit_events (created_at, action_type, resource_type, workspace_id, created_by_user_id, new_values)
          SELECT $1 + n * interval '1 second', 'OLD', 'thing', w($2), w(n % 2 + 70), jsonb_build_object('text', repeat(md5(n::text), 40)) FROM generate_series(1, 4000) AS n" durability
    query "SELECT deleted_count FROM delete_user_audit_events_compliant(w(70), w($2), 'GDPR', 'T-$2')" durability >/dev/null
    await durability "$(is_vacuumed audit_events_default)"
}
query 'ALTER TABLE audit_events_default SET (autovacuum_vacuum_cost_delay = 100, autovacuum_vacuum_cost_limit = 1, autovacuum_vacuum_threshold = 0, autovacuum_vacuum_insert_threshold = 0)' durability
query "INSERT INTO audit_retention_policies (workspace_id, hot_retention_days, warm_archive_days) VALUES (w(4), 36500, 36500), (w(5), 36500, 36500)" durability
slow_default "timestamptz '2016-01-02Z'" 4
check_equal 'a month is made of what autovacuum works in' audit_events_2016_01 "$(query 'SELECT * FROM create_past_audit_partitions(make_date(2016, 1, 1), make_date(2016, 1, 1))' durability 2>&1 | grep -x audit_events_2016_01)"
slow_default "timestamptz '2018-01-02Z'" 5
query "UPDATE audit_retention_policies SET hot_retention_days = 10, archive_by = 'month' WHERE workspace_id = w(4)" durability
check_equal '... and changes sides while it works in others' 4000 "$(query 'SELECT archived_count FROM archive_old_audit_events()' durability 2>&1)"
