#!/usr/bin/env bash
# Proves that each committed event is sealed once and nothing else is: two sealers beside twelve writers with rollbacks, savepoints, long and prepared
# transactions, history, bulk, late rows, and seals of their own, while events are archived, restored, erased and purged and months change sides. Also
# that sealing ends with its client, and catches up with more than a million transactions in steps.
set -euo pipefail
. "$(dirname "$0")/../lib/report.sh"
. "$(dirname "$0")/../lib/writers.sh"

seconds=12
[ -z "${AUDIT_EXT_LONG:-}" ] || seconds=300
database_with_trail sealing
query 'CREATE SCHEMA test' sealing
"$PGBIN/psql" -X -q -d sealing -f "$(dirname "$0")/../golden/seal.sql"
# Workspaces 1 to 20 record what happens now; 101 to 112 have a client each that records history, to be archived, half of them by whole months, and purged.
query "INSERT INTO audit_retention_policies (workspace_id, hot_retention_days, warm_archive_days, archive_by)
      SELECT w(n), 60, 365, CASE WHEN n > 106 THEN 'month' ELSE 'event' END FROM generate_series(101, 112) AS n" sealing
writers_prepare sealing
query "SELECT create_past_audit_partitions(current_date - 700, current_date)" sealing >/dev/null 2>&1

script prepared "BEGIN; SELECT record(:a); PREPARE TRANSACTION 'p:client_id'; SELECT pg_sleep(0.02 * :b); COMMIT PREPARED 'p:client_id';"
script sealer 'BEGIN; SELECT record(:a); SELECT audit_seal(); SELECT record(:b); END;'
script late "INSERT INTO audit_events (id, created_at, action_type, resource_type, workspace_id, created_by_user_id) SELECT audit_event_id(), audit_event_time(), 'LATE', 'thing', w(:a), (SELECT w(2) FROM pg_sleep(1.1));"

maintain() {
    local turn
    for ((turn = 0; ; turn++)); do
        [ -e "$SCRATCH/working" ] || return 0
        case $((turn % 6)) in
        0 | 3) query 'SELECT archive_old_audit_events()' sealing ;;
        1) query "SELECT restore_audit_events(ARRAY(SELECT id FROM audit_events_archive ORDER BY random() LIMIT 20), '1 second')" sealing ;;
        2) query "SELECT delete_user_audit_events_compliant(w(1 + $turn % 3), w(1 + $turn % 20), 'GDPR', 'T-1')" sealing ;;
        4) query "SELECT purge_expired_audit_events(w(101 + $turn % 12), 'TEST', 'T-2')" sealing ;;
        5) query 'SELECT create_monthly_audit_partition(6)' sealing ;;
        esac >>"$SCRATCH/maintained" 2>&1 || true
        echo "turn $turn" >>"$SCRATCH/maintained"
        sleep 0.1
    done
}

touch "$SCRATCH/working"
for sealer in 1 2; do in_background "sealing_$sealer" sealing "CALL audit_keep_sealing('50 ms')"; sealers[sealer]=$!; done
maintain &
maintaining=$!
bench 'writers beside sealers' sealing -c 12 -T "$seconds" -f "$SCRATCH/one.sql@12" -f "$SCRATCH/bulk.sql@4" -f "$SCRATCH/pause.sql@6" -f "$SCRATCH/long.sql@1" -f "$SCRATCH/undone.sql@4" \
    -f "$SCRATCH/savepoint.sql@4" -f "$SCRATCH/prepared.sql@3" -f "$SCRATCH/sealer.sql@1" -f "$SCRATCH/late.sql@1" -f "$SCRATCH/history.sql@6"
rm "$SCRATCH/working"
wait "$maintaining"
# The client goes; its session ends by itself.
kill -9 "${sealers[@]}"
wait "${sealers[@]}" 2>/dev/null || true
await sealing "NOT EXISTS (SELECT FROM pg_stat_activity WHERE application_name ~ '^sealing_')" && ok 'sealing ends with its client'
in_background waiting sealing "CALL audit_keep_sealing('1 minute')"
sealer=$!
await sealing "EXISTS (SELECT FROM pg_stat_activity WHERE application_name = 'waiting' AND wait_event_type = 'Extension')"
check_equal 'while it waits it keeps nobody'"'"'s VACUUM from its work' t "$(query "SELECT backend_xmin IS NULL AND backend_xid IS NULL FROM pg_stat_activity WHERE application_name = 'waiting'" sealing)"
kill -9 "$sealer"
wait "$sealer" 2>/dev/null || true
await sealing "NOT EXISTS (SELECT FROM pg_stat_activity WHERE application_name = 'waiting')"
check_equal 'no sealer met an error' '' "$(cat "$SCRATCH"/sealing_*.log)"
check_between 'maintenance took its turns' 6 100000 "$(grep -c '^turn' "$SCRATCH/maintained")"
check_equal '... and met no error but a hurried one' '' "$(grep '^ERROR' "$SCRATCH/maintained" | grep -v 'gave up waiting\|waited too long' | head -n 3 || true)"

# Whatever is left. The sealer that records is one of the writers, so the last seal is not.
query 'SELECT sealed_count FROM audit_seal(); SELECT sealed_count FROM audit_seal()' sealing >/dev/null
listed="SELECT encode(substr(entries, 48 * n + 1, 16), 'hex')::uuid FROM audit_deletion_events, generate_series(0, octet_length(entries) / 48 - 1) AS n"
check_between 'events were sealed' 1000 100000000 "$(query 'SELECT count(*) FROM test.leaf' sealing)"
check_between '... by seals' 20 100000000 "$(query 'SELECT count(*) FROM audit_log_seals' sealing)"
check_between '... some of them late' 1 100000000 "$(query "SELECT count(*) FROM audit_log_seals WHERE waiting <> '{}'" sealing)"
check_between '... some purged since' 1 100000000 "$(query 'SELECT extra FROM test.sealed' sealing)"
check_equal 'no event is missing, none is there twice' '0|0' "$(query 'SELECT missing, twice FROM test.sealed' sealing)"
check_equal 'a leaf without an event is one that was purged' 0 "$(query "SELECT count(*) FROM test.leaf WHERE event NOT IN (SELECT id FROM test.event) AND event NOT IN ($listed)" sealing)"
check_equal 'trees, heads and roots are right' '0|0|0|0' "$(query 'TABLE test.tree' sealing)"
check_equal 'counts add up' t "$(query "SELECT sum(event_count) = (SELECT count(*) FROM test.leaf) AND sum(head_count) = max(root_size) FROM audit_log_seals" sealing)"
check_equal 'a transaction is sealed whole' 0 "$(query "SELECT count(*) FROM (
    SELECT abs(seal_xid) FROM test.leaf JOIN (SELECT id, seal_xid FROM audit_events UNION ALL SELECT id, seal_xid FROM audit_events_archive) AS e ON e.id = event
      JOIN audit_log_tiles AS t ON t.log_id = leaf.log_id AND t.level = 0 AND leaf.place >= t.first AND leaf.place < t.first + octet_length(t.hashes) / 32 AND octet_length(t.hashes) = 32
      JOIN audit_log_seals AS s ON t.head_index >= s.root_size - s.head_count AND t.head_index < s.root_size
    GROUP BY 1 HAVING count(DISTINCT s.seal) > 1) AS split" sealing)"
check_equal 'audit_verify() finds nothing critical' '' "$(query "SELECT severity, code, count(*) FROM audit_verify() WHERE severity = 'critical' GROUP BY 1, 2" sealing)"

# More transactions than one seal takes, here as savepoints; the event before them, those among them, and the one behind.
query "CREATE TABLE number (n int); SELECT record(11)" sealing >/dev/null
query "DO \$\$ BEGIN FOR i IN 1..1200000 LOOP BEGIN INSERT INTO number VALUES (i); EXCEPTION WHEN OTHERS THEN RAISE; END;
    IF i % 400000 = 0 THEN PERFORM record(12); TRUNCATE number; COMMIT; END IF; END LOOP; END \$\$" sealing
query "SELECT record(13)" sealing >/dev/null
check_equal 'a seal takes a million transactions and says that there is more' 't' "$(query 'SELECT is_behind FROM audit_seal()' sealing)"
check_equal '... the next one takes the rest' 'f' "$(query 'SELECT is_behind FROM audit_seal()' sealing)"
check_equal '... and all is sealed' '0|0' "$(query 'SELECT missing, twice FROM test.sealed' sealing)"
query "DO \$\$ BEGIN FOR i IN 1..1200000 LOOP BEGIN INSERT INTO number VALUES (i); EXCEPTION WHEN OTHERS THEN RAISE; END;
    IF i % 400000 = 0 THEN TRUNCATE number; COMMIT; END IF; END LOOP; END \$\$" sealing
check_equal 'where nothing was recorded it steps over them at once' 'f|0' "$(query 'SELECT is_behind, sealed_count FROM audit_seal()' sealing)"
database_drop sealing
