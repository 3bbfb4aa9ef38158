#!/usr/bin/env bash
# What concerns all nodes is done on all of them or on none: with a node that raises, one that is stopped, and one that is killed at any moment.
. "$(dirname "$0")/../lib/citus.sh"
. "$(dirname "$0")/../lib/report.sh"

rounds=6
[ -z "${AUDIT_EXT_LONG:-}" ] || rounds=50
citus_start
citus_trail
on "$COORDINATOR" 'CREATE ROLE alice LOGIN; CREATE ROLE bob LOGIN; GRANT postgres TO alice, bob; SELECT audit_cluster_enable()' >/dev/null
on "$COORDINATOR" "SELECT audit_grant('alice', 'compliance'), audit_grant('bob', 'compliance')" >/dev/null
on "$COORDINATOR" "INSERT INTO audit_retention_policies (workspace_id, requires_approval) VALUES (w(1), true); INSERT INTO audit_retention_policies (workspace_id, hot_retention_days, warm_archive_days) VALUES (w(2), 1, 1)"
for node in "${NODES[@]}"; do
    on "$node" "INSERT INTO audit_events (action_type, resource_type, workspace_id, created_by_user_id, created_at) SELECT 'OLD', 'thing', w(2), w(7), now() - n * interval '10 days' FROM generate_series(12, 1, -1) AS n;
        SELECT insert_audit_event('NEW', 'thing', NULL, w(1), w(7)), insert_audit_event('NEW', 'thing', NULL, w(3), w(7)) \g /dev/null
        SELECT create_past_audit_partitions(make_date(1970, 1, 1), current_date), archive_old_audit_events() \g /dev/null"
done
request=$(as alice "$WORKER1" "SELECT request_audit_deletion(w(7), w(1), 'GDPR')")

# All that the operations below would change.
state() {
    on "$1" "SELECT md5(concat((SELECT string_agg(p::text, ',' ORDER BY workspace_id) FROM audit_retention_policies AS p WHERE workspace_id IN (w(1), w(2), w(5))), (SELECT string_agg(h::text, ',' ORDER BY id) FROM audit_legal_holds AS h),
        (SELECT string_agg(a::text, ',' ORDER BY id) FROM audit_access AS a), (SELECT string_agg(r.id::text || r.state, ',' ORDER BY id) FROM audit_deletion_requests AS r), (SELECT count(*) FROM audit_deletion_log WHERE deletion_authority <> 'RETENTION_POLICY'),
        (SELECT count(*) FROM audit_events WHERE deleted_at IS NOT NULL), (SELECT count(*) FROM audit_events_archive), (SELECT count(*) FROM audit_cluster_applied)))"
}
operations() {
    cat <<SQL
hold|alice|SELECT place_audit_hold(w(4), 'case')
policy|alice|INSERT INTO audit_retention_policies (workspace_id, hot_retention_days) VALUES (w(5), 5)
change of a policy|alice|UPDATE audit_retention_policies SET hot_retention_days = 9, warm_archive_days = 9 WHERE workspace_id = w(2)
erasure|bob|SELECT delete_user_audit_events_compliant(w(7), w(3), 'GDPR', 'T-1')
purge|bob|SELECT purge_expired_audit_events(w(2), 'GDPR', 'T-1')
approval|bob|SELECT approve_audit_deletion('$request', 'T-1')
request|bob|SELECT request_audit_purge(w(2), 'GDPR')
grant|postgres|SELECT audit_grant('bob', 'reader')
floor|postgres|INSERT INTO audit_event_sequence (workspace_id, last_event_id, last_created_at) VALUES (w(6), w(6), now())
SQL
}
# nothing_done WHY: each operation fails, from both other nodes, and leaves no trace on them.
nothing_done() {
    local before after what role sql node
    while IFS='|' read -r what role sql; do
        for node in "$COORDINATOR" "$WORKER1"; do
            before=$(state "$COORDINATOR")$(state "$WORKER1")
            if [ "$(code_as "$role" "$node" "$sql")" = none ]; then not_ok "$1: $what fails"; else ok "$1: $what fails"; fi
            after=$(state "$COORDINATOR")$(state "$WORKER1")
            check_equal "$1: $what, and nothing changed" "$before" "$after"
        done
    done < <(operations)
}

untouched=$(state "$WORKER2")
on "$WORKER2" "SET citus.enable_ddl_propagation = off; ALTER DATABASE $CITUS_DATABASE SET default_transaction_read_only = on"
nothing_done 'a node raises'
check_equal 'the SQLSTATE is that of the node' 25006 "$(code_as alice "$WORKER1" "SELECT place_audit_hold(w(4), 'case')")"
on "$WORKER2" "SET default_transaction_read_only = off; SET citus.enable_ddl_propagation = off; ALTER DATABASE $CITUS_DATABASE RESET default_transaction_read_only"
check_equal 'on the node that raised nothing changed' "$untouched" "$(state "$WORKER2")"
cluster_stop "$WORKER2"
nothing_done 'a node is stopped'
check_equal 'recording goes on without it' none "$(code_on "$WORKER1" "SELECT insert_audit_event('NEW', 'thing', NULL, w(8), w(8))")"
check_equal '... and archiving' none "$(code_on "$WORKER1" "SELECT archive_old_audit_events()")"
cluster_start "$PGVERSION" "$WORKER2" 2>/dev/null
check_equal 'on the node that was stopped nothing changed' "$untouched" "$(state "$WORKER2")"
while IFS='|' read -r what role sql; do
    check_equal "all nodes are there: $what" none "$(code_as "$role" "$WORKER1" "$sql")"
done < <(operations)
check_equal 'all are done on all nodes' '3 2 3 2 3 2' "$(each "SELECT count(*) || ' ' || count(*) FILTER (WHERE event_count > 0) FROM audit_deletion_log WHERE approval_ticket_id = 'T-1'")"

# Killed at any moment, while two sessions place holds and erase.
failures=0
for round in $(seq "$rounds"); do
    touch "$SCRATCH/placed.$round" "$SCRATCH/erased.$round"
    victim=$([ $((round % 2)) = 0 ] && echo "$WORKER2" || echo "$WORKER1")
    (
        n=0 end=$((SECONDS + 4))
        while [ "$SECONDS" -lt "$end" ]; do
            n=$((n + 1))
            "$PGBIN/psql" -qX -h "$COORDINATOR" -U alice -d "$CITUS_DATABASE" -c "SELECT place_audit_hold(w(100 + $round), 'round $round, $n')" >/dev/null 2>&1 && echo "$n" >>"$SCRATCH/placed.$round"
            "$PGBIN/psql" -qX -h "$COORDINATOR" -U bob -d "$CITUS_DATABASE" -c "SELECT delete_user_audit_events_compliant(w(7), w(200), 'GDPR', 'round $round, $n')" >/dev/null 2>&1 && echo "$n" >>"$SCRATCH/erased.$round"
        done
    ) &
    writer=$!
    sleep "$((RANDOM % 2)).$((RANDOM % 9 + 1))"
    cluster_kill "$victim"
    sleep 0.3
    cluster_start "$PGVERSION" "$victim" 2>/dev/null
    wait "$writer" || true
done
# Citus ends what was prepared, from the node that had begun it.
applied() { for node in "${NODES[@]}"; do on "$node" "SELECT md5(string_agg(ordinal || log_id::text, ',' ORDER BY ordinal)) FROM audit_cluster_applied"; done | sort -u | wc -l; }
for _ in $(seq 40); do
    [ "$(each 'SELECT count(*) FROM pg_prepared_xacts')" != '0 0 0' ] || [ "$(applied)" != 1 ] || break
    on "$COORDINATOR" 'SELECT recover_prepared_transactions()' >/dev/null
    sleep 0.5
done
for round in $(seq "$rounds"); do
    acknowledged=$(wc -l <"$SCRATCH/placed.$round")
    counts=$(each "SELECT count(*) FROM audit_legal_holds WHERE workspace_id = w(100 + $round)")
    [ "$(tr ' ' '\n' <<<"$counts" | sort -u | wc -l)" = 1 ] && [ "${counts%% *}" -ge "$acknowledged" ] || { failures=$((failures + 1)); echo "    round $round: $acknowledged acknowledged, $counts"; }
    acknowledged=$(wc -l <"$SCRATCH/erased.$round")
    counts=$(each "SELECT count(*) FROM audit_deletion_log WHERE approval_ticket_id LIKE 'round $round, %'")
    [ "$(tr ' ' '\n' <<<"$counts" | sort -u | wc -l)" = 1 ] && [ "${counts%% *}" -ge "$acknowledged" ] || { failures=$((failures + 1)); echo "    round $round: $acknowledged erasures acknowledged, $counts"; }
done
check_equal "in $rounds rounds with a node killed, each hold and each erasure is on all nodes or on none, and there if it was acknowledged" 0 "$failures"
check_between 'holds and erasures that were acknowledged' 20 100000 "$(cat "$SCRATCH"/placed.* "$SCRATCH"/erased.* | wc -l)"
check_equal 'each node has carried out the same rows' 1 "$(applied)"
citus_sound
