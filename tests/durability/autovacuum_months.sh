#!/usr/bin/env bash
# Proves that a scrub of many months goes past autovacuum: each worker is sent out at most once and finds no other of the months, and it makes room at once, however long
# deadlock_timeout is.
set -euo pipefail
. "$(dirname "$0")/../lib/cluster.sh"
. "$(dirname "$0")/../lib/report.sh"

dir=$(cluster_dir)
# Autovacuum would make room by itself only after these ten seconds.
cluster_start "$PGVERSION" "$dir" 'autovacuum_naptime = 1s' 'autovacuum_max_workers = 4' "deadlock_timeout = '10s'"
database_with_trail durability
# Long values are in a table of their own, which autovacuum visits by itself; a rewrite would wait for it with everything locked.
query "INSERT INTO audit_retention_policies (workspace_id, hot_retention_days, warm_archive_days) VALUES (w(2), 5000, 36500);
    INSERT INTO audit_events (created_at, action_type, resource_type, workspace_id, created_by_user_id, new_values)
      SELECT make_timestamptz(2017, 1, 2, 0, 0, n / 10.0, 'UTC'), 'ACT', 'thing', w(2), w(n % 2 + 70), jsonb_build_object('text', (SELECT string_agg(md5(n || ' ' || part), '') FROM generate_series(1, 200) AS part)) FROM generate_series(0, 199) AS n;
    SELECT create_past_audit_partitions(make_date(2017, 1, 1), make_date(2017, 1, 1));
    ALTER TABLE audit_events_2017_01 SET (autovacuum_enabled = off, toast.autovacuum_enabled = on, toast.autovacuum_vacuum_cost_delay = 100, toast.autovacuum_vacuum_cost_limit = 1, toast.autovacuum_vacuum_threshold = 0)" durability >/dev/null
query "SELECT deleted_count FROM delete_user_audit_events_compliant(w(70), w(2), 'GDPR', 'T-2')" durability >/dev/null
await durability "(SELECT count(*) > 0 FROM pg_locks JOIN pg_stat_activity USING (pid) JOIN pg_class ON reltoastrelid = relation WHERE backend_type = 'autovacuum worker' AND relname = 'audit_events_2017_01' AND mode = 'ShareUpdateExclusiveLock' AND granted)"
check_equal 'a scrub goes past autovacuum of long values before it locks anything' 'done' \
    "$(query "SET lock_timeout = '3s'; SELECT 'done' || audit_scrub(id) FROM audit_deletion_log WHERE approval_ticket_id = 'T-2'" durability 2>&1)"

# Twelve months.
query "INSERT INTO audit_retention_policies (workspace_id, hot_retention_days, warm_archive_days) VALUES (w(1), 5000, 36500);
    INSERT INTO audit_events (created_at, action_type, resource_type, workspace_id, created_by_user_id, new_values)
      SELECT make_timestamptz(2016, 1 + n / 500, 2, 0, 0, n % 500 / 10.0, 'UTC'), 'ACT', 'thing', w(1), w(n % 2 + 70), jsonb_build_object('text', repeat(md5(n::text), 40)) FROM generate_series(0, 5999) AS n;
    SELECT create_past_audit_partitions(make_date(2016, 1, 1), make_date(2016, 12, 1))" durability >/dev/null
for number in {01..12}; do
    query "ALTER TABLE audit_events_2016_$number SET (autovacuum_vacuum_cost_delay = 100, autovacuum_vacuum_cost_limit = 1, autovacuum_vacuum_threshold = 0, autovacuum_vacuum_insert_threshold = 0)" durability
done
query "SELECT deleted_count FROM delete_user_audit_events_compliant(w(70), w(1), 'GDPR', 'T-1')" durability >/dev/null
await durability "(SELECT count(DISTINCT pid) >= 2 FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE backend_type = 'autovacuum worker' AND relation::regclass::text ~ '^audit_events_2016' AND mode = 'ShareUpdateExclusiveLock' AND granted)"
sent_out=$(grep -c 'canceling autovacuum task' "$dir/log" || true)
check_equal 'a scrub of twelve months goes past the workers in them' 'done' "$(query "SELECT 'done' || audit_scrub(id) FROM audit_deletion_log WHERE approval_ticket_id = 'T-1'" durability 2>&1)"
check_between '... each of which was sent out at most once' 1 4 $(($(grep -c 'canceling autovacuum task' "$dir/log") - sent_out))
