#!/usr/bin/env bash
# Proves that a trail can be replicated logically (inserts) to a subscriber that has the extension: events arrive once and unchanged, whatever
# the order of their commits and wherever their months are; partitions and archive are each side's own; the guards hold while it is applied.
set -euo pipefail
. "$(dirname "$0")/../lib/cluster.sh"
. "$(dirname "$0")/../lib/report.sh"

version=$PGVERSION cluster=$(cluster_dir)
record() { query "SELECT insert_audit_event('$1', 'thing', NULL, w($2), w(1), NULL, '{\"n\": 1}', '10.0.0.1', 'agent', ARRAY['t'], '{\"m\": 2}', 'r')" publisher >/dev/null; }
past="INSERT INTO audit_events (created_at, action_type, resource_type, workspace_id, created_by_user_id)"
content="SELECT count(*), md5(string_agg(event::text, E'\n' ORDER BY id)) FROM (TABLE audit_events UNION ALL TABLE audit_events_archive) AS event WHERE action_type !~ '^AUDIT_'"
# All that was written so far has been applied; or an error stands in the way.
await_apply() {
    local lsn attempt
    lsn=$(query 'SELECT pg_current_wal_lsn()')
    for attempt in {1..300}; do
        [ "$(query "SELECT confirmed_flush_lsn >= '$lsn' FROM pg_replication_slots WHERE slot_name = 'trail'")" = t ] && return
        sleep 0.1
    done
    not_ok "$1: changes are applied, $attempt attempts" "$(grep -A 3 'ERROR' "$cluster/log" | tail -n 8)"
}
check_arrived() {
    await_apply "$1"
    check_equal "$1: both sides have the same events" "$(query "$content" publisher)" "$(query "$content" subscriber)"
}

cluster_start "$version" "$cluster" 'wal_level = logical' 'max_logical_replication_workers = 4' 'wal_retrieve_retry_interval = 200ms'
for database in publisher subscriber; do database_with_trail $database; done
# What was there before the subscription is copied: months in partitions, months in the default partition.
query "$past SELECT '2020-01-01Z'::timestamptz + n * interval '3 days', 'COPIED', 'thing', w(1), w(1) FROM generate_series(1, 100) AS n;
    SELECT create_past_audit_partitions(make_date(1970, 1, 1), make_date(2025, 1, 1)); $past SELECT '2022-01-01Z'::timestamptz + n * interval '3 days', 'COPIED', 'thing', w(1), w(1) FROM generate_series(1, 20) AS n" publisher >/dev/null
query "CREATE PUBLICATION trail FOR TABLE audit_events WITH (publish = 'insert', publish_via_partition_root = true)" publisher
query "SELECT pg_create_logical_replication_slot('trail', 'pgoutput')" publisher >/dev/null
query "CREATE SUBSCRIPTION trail CONNECTION 'host=$cluster port=5432 user=postgres dbname=publisher' PUBLICATION trail WITH (create_slot = false, slot_name = 'trail')" subscriber
await subscriber "(SELECT bool_and(srsubstate = 'r') FROM pg_subscription_rel)"
record FIRST 1
check_arrived 'copied'

# Commits out of the order of their times: the later event is committed first, in one workspace.
in_background slow publisher "BEGIN; SELECT insert_audit_event('SLOW', 'thing', NULL, w(2), w(1)); SELECT pg_sleep(8); COMMIT"
slow=$!
await postgres "$(asleep slow)"
record QUICK 2
await_apply 'out of order'
check_equal 'out of order: the later event arrives first' QUICK "$(query "SELECT string_agg(action_type, ',' ORDER BY created_at) FROM audit_events WHERE workspace_id = w(2) AND action_type !~ '^AUDIT_'" subscriber)"
wait "$slow"
check_arrived 'out of order'
check_equal 'out of order: the trail reads the same' "$(query 'SELECT id, created_at, action_type FROM get_audit_trail(w(2))' publisher)" "$(query 'SELECT id, created_at, action_type FROM get_audit_trail(w(2))' subscriber)"

cat >"$SCRATCH/write.sql" <<'SQL'
\set a random(1, 5)
BEGIN;
SELECT insert_audit_event('LOAD', 'thing', w(:a), w(:a), w(:client_id), '{"a": 1}', '{"a": 2}');
SELECT pg_sleep(0.001 * :a * :client_id);
INSERT INTO audit_events (action_type, resource_type, workspace_id, created_by_user_id) VALUES ('LOAD', 'thing', w(1 + :a), w(1));
END;
SQL
bench 'writers with transactions of many lengths' publisher -c 8 -T 3 -f "$SCRATCH/write.sql"
check_arrived 'under load'

# Months: each side makes its own, and moves into them what had to wait; that is no news for the other.
query "$past SELECT '2018-01-01Z'::timestamptz + n * interval '3 days', 'PAST', 'thing', w(8), w(1) FROM generate_series(1, 60) AS n" publisher
query 'SELECT create_monthly_audit_partition(5)' publisher >/dev/null
check_arrived 'months made by the publisher'
check_between 'months made by the publisher: the subscriber keeps what it has no month for' 60 1000 "$(query 'SELECT count(*) FROM audit_events_default' subscriber)"
query 'SELECT create_past_audit_partitions(make_date(1970, 1, 1), make_date(2025, 1, 1))' subscriber >/dev/null
check_arrived 'months made by the subscriber'
check_equal 'months made by the subscriber: nothing waits' 0 "$(query 'SELECT count(*) FROM audit_events_default' subscriber)"

# Archive: each side runs its own; that is no news either.
for database in publisher subscriber; do
    query 'SELECT archived_count > 0 FROM archive_old_audit_events()' $database >/dev/null
    record "ARCHIVED_BY_$database" 3
    check_arrived "archived by the $database"
done
query "UPDATE audit_retention_policies SET archive_by = 'month'" publisher
query "$past SELECT '2019-01-01Z'::timestamptz + n * interval '3 days', 'PAST', 'thing', w(9), w(1) FROM generate_series(1, 60) AS n;
    INSERT INTO audit_retention_policies (workspace_id, archive_by) VALUES (w(9), 'month') ON CONFLICT (workspace_id) DO UPDATE SET archive_by = 'month'" publisher
query 'SELECT create_past_audit_partitions(make_date(1970, 1, 1), make_date(2025, 1, 1)); SELECT archive_old_audit_events()' publisher >/dev/null
check_arrived 'months that change sides'
query "SELECT delete_user_audit_events_compliant(w(1), w(9), 'GDPR', 'T-1')" publisher >/dev/null
record AFTER_ERASURE 9
await_apply 'erasure'
check_equal 'an erasure is the publisher'"'"'s alone, and stops nothing' '61 0' "$(query "SELECT count(*) FROM (TABLE audit_events UNION ALL TABLE audit_events_archive) AS event WHERE workspace_id = w(9) AND action_type !~ '^AUDIT_'" subscriber) $(
    query 'SELECT count(deleted_at) FROM audit_events' subscriber)"

check_equal 'the guards hold on the subscriber' '23001 23001 23001' "$(error_of subscriber 'DELETE FROM audit_events') $(error_of subscriber 'SET session_replication_role = replica; DELETE FROM audit_events') $(error_of subscriber 'TRUNCATE audit_events')"
# The events of both would be one log, and the subscriber cannot know which transactions of the publisher it has.
check_equal 'the publisher seals, and verifies; the subscriber is told not to seal' 't t 0A000' "$(query 'SELECT sealed_count > 0 FROM audit_seal(); SELECT count(*) = 0 FROM audit_verify() WHERE severity <> $$info$$' publisher | paste -sd ' ') $(
    error_of subscriber 'SELECT audit_seal()')"
check_equal '... its events have the keys and transactions of the publisher' 0 "$(query "SELECT count(*) FROM audit_events WHERE action_type = 'LOAD' AND (seal_key IS NULL OR seal_xid IS NULL)" subscriber)"
check_equal 'the subscriber records on its own' t "$(query "SELECT insert_audit_event('OWN', 'thing', NULL, w(50), w(1)) IS NOT NULL" subscriber)"

# A restore is an insert: published, it would meet its event on the other side. Out of the publication for one transaction, it is each side's own,
# while what others record meanwhile is published as ever.
in_background restore publisher "BEGIN; ALTER PUBLICATION trail DROP TABLE audit_events;
    SELECT restore_audit_events(ARRAY(SELECT id FROM audit_events_archive WHERE action_type IN ('PAST', 'COPIED') AND deleted_at IS NULL LIMIT 50));
    SELECT pg_sleep(1); ALTER PUBLICATION trail ADD TABLE audit_events; COMMIT"
restore=$!
await postgres "$(asleep restore)"
record MEANWHILE 3
wait "$restore"
check_equal 'restored on the publisher: its events are hot again' 50 "$(grep -x 50 "$SCRATCH/restore.log" || cat "$SCRATCH/restore.log")"
record AFTER_RESTORE 3
await_apply 'restored on the publisher'
check_equal 'restored on the publisher: events of the time are replicated' 'AFTER_RESTORE,MEANWHILE' "$(query "SELECT string_agg(action_type, ',' ORDER BY action_type) FROM audit_events WHERE action_type IN ('MEANWHILE', 'AFTER_RESTORE')" subscriber)"
check_equal 'restored on the publisher: no event is there twice' 0 "$(query "SELECT count(*) - count(DISTINCT id) FROM (SELECT id FROM audit_events UNION ALL SELECT id FROM audit_events_archive) AS event" subscriber)"
# Keys are replicated where somebody publishes them, and so is that they are forgotten: it stops no subscriber.
keys="SELECT count(*) FROM (TABLE audit_idempotency_keys_1 UNION ALL TABLE audit_idempotency_keys_2) AS k WHERE key_hash::text NOT LIKE '00000000-0000-0000-%'"
keyed() { query "SELECT insert_audit_event('KEYED', 'thing', NULL, w(60), w(1), p_idempotency_key => '$1')" publisher >/dev/null; }
query "$(cat "$(dirname "$0")/../lib/a_day_passes.sql")" publisher
query "ALTER PUBLICATION trail ADD TABLE audit_idempotency_keys_1, audit_idempotency_keys_2; ALTER PUBLICATION trail SET (publish = 'insert, truncate')" publisher
query 'ALTER SUBSCRIPTION trail REFRESH PUBLICATION' subscriber
await subscriber "(SELECT bool_and(srsubstate = 'r') FROM pg_subscription_rel)"
for day in 1 2 3; do
    keyed "$day"
    query 'SET allow_system_table_mods = on; CALL a_day_passes()' publisher
    query 'SELECT audit_seal()' publisher >/dev/null
done
await_apply 'keys'
check_equal 'keys: those of the publisher, without what it has forgotten' '1 1' "$(query "$keys" publisher) $(query "$keys" subscriber)"
record AFTER_KEYS 3
await_apply 'keys'
check_equal 'keys: events arrive as before' 1 "$(query "SELECT count(*) FROM audit_events WHERE action_type = 'AFTER_KEYS'" subscriber)"
check_equal 'the apply worker met no error' '' "$(grep -E 'ERROR|PANIC|panicked' "$cluster/log" | grep -vE 'Audit events are immutable|the publisher seals these events|canceling autovacuum task' || true)"
query 'DROP SUBSCRIPTION trail' subscriber >/dev/null
