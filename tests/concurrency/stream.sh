#!/usr/bin/env bash
# Proves that a stream delivers each committed event, in the order of the seals, and doubles only what was not acknowledged: sixteen writers with rollbacks, savepoints, long
# and prepared transactions, history and bulk, beside two sealers, archive, restore, erasure and purge, while the reader is killed again and again, and the server once.
set -euo pipefail
. "$(dirname "$0")/../lib/cluster.sh"
. "$(dirname "$0")/../lib/report.sh"
. "$(dirname "$0")/../lib/writers.sh"

seconds=8
[ -z "${AUDIT_EXT_LONG:-}" ] || seconds=150
server=$(cluster_dir) folder=$(dirname "$0")
cluster_start "$PGVERSION" "$server" 'max_prepared_transactions = 40'
database_with_trail streamed
query "CREATE SCHEMA test" streamed
"$PGBIN/psql" -X -q -d streamed -f "$folder/../golden/seal.sql"
query "INSERT INTO audit_retention_policies (workspace_id, hot_retention_days, warm_archive_days) SELECT w(n), 60, 365 FROM generate_series(101, 116) AS n;
    -- The events of a seal are those that each of its heads added, by workspace; of all seals, by their heads in the root log.
    CREATE VIEW sealed AS SELECT row_number() OVER (ORDER BY incarnation, head, leaf.place) AS no, leaf.event FROM (
        SELECT incarnation, first + n AS head, encode(substr(refs, 32 * n + 1, 16), 'hex')::uuid AS log_id, ('x' || encode(substr(refs, 32 * n + 17, 8), 'hex'))::bit(64)::bigint AS size,
          ('x' || encode(substr(refs, 32 * n + 25, 8), 'hex'))::bit(64)::bigint AS former
        FROM audit_log_tiles, generate_series(0, octet_length(refs) / 32 - 1) AS n WHERE level = 0 AND log_id IN (SELECT root_log_id FROM audit_log_incarnations)) AS head
      JOIN test.leaf ON leaf.log_id = head.log_id AND leaf.place >= former AND leaf.place < size;
    CREATE ROLE siem LOGIN; SELECT audit_grant('siem', 'streamer')" streamed >/dev/null
writers_prepare streamed
query "SELECT create_past_audit_partitions(current_date - 700, current_date)" streamed >/dev/null 2>&1
query 'SELECT sealed_count FROM audit_seal()' streamed >/dev/null
query "SELECT create_audit_stream('siem', 'siem', p_from => '-infinity')" streamed

maintain() {
    local turn
    for ((turn = 0; ; turn++)); do
        [ -e "$SCRATCH/working" ] || return 0
        case $((turn % 5)) in
        0 | 3) query 'SELECT archive_old_audit_events()' streamed ;;
        1) query "SELECT restore_audit_events(ARRAY(SELECT id FROM audit_events_archive ORDER BY random() LIMIT 20), '1 second')" streamed ;;
        2) query "SELECT delete_user_audit_events_compliant(w(1 + $turn % 3), w(1 + $turn % 20), 'GDPR', 'T-1')" streamed ;;
        4) query "SELECT purge_expired_audit_events(w(101 + $turn % 16), 'TEST', 'T-2')" streamed ;;
        esac >>"$SCRATCH/maintained" 2>&1 || true
        sleep 0.1
    done
}

# The reader, killed again and again.
read_on() {
    local reader
    while [ -e "$SCRATCH/reading" ]; do
        PGDATABASE=streamed PGUSER=siem python3 "$folder/stream_reader.py" siem "$((RANDOM % 300 + 1))" "$SCRATCH/journal" &
        reader=$!
        sleep "$((RANDOM % 2)).$((RANDOM % 8 + 2))"
        kill -9 "$reader" 2>/dev/null || true
        wait "$reader" 2>/dev/null || true
        # Half a line ends here.
        [ -z "$(tail -c 1 "$SCRATCH/journal")" ] || echo ' killed' >>"$SCRATCH/journal"
    done
}

# work ROUND: some seconds of load; the server may be killed meanwhile.
work() {
    script prepared "BEGIN; SELECT record(:a); PREPARE TRANSACTION 'p$1:client_id'; SELECT pg_sleep(0.02 * :b); COMMIT PREPARED 'p$1:client_id';"
    for sealer in 1 2; do in_background "sealing_$sealer" streamed "CALL audit_keep_sealing('50 ms')" || true; sealers[sealer]=$!; done
    "$PGBIN/pgbench" -n -c 16 -T "$seconds" -f "$SCRATCH/one.sql@12" -f "$SCRATCH/bulk.sql@4" -f "$SCRATCH/pause.sql@6" -f "$SCRATCH/long.sql@1" -f "$SCRATCH/undone.sql@4" \
        -f "$SCRATCH/savepoint.sql@4" -f "$SCRATCH/prepared.sql@3" -f "$SCRATCH/history.sql@6" streamed >"$SCRATCH/round_$1.pgbench" 2>&1 || true
}
touch "$SCRATCH/working" "$SCRATCH/reading" "$SCRATCH/journal"
read_on 2>/dev/null &
reading=$!
maintain &
maintaining=$!
work 1 &
working=$!
sleep "$((seconds / 2))"
cluster_kill "$server"
wait "$working" || true
cluster_start "$PGVERSION" "$server" 'max_prepared_transactions = 40'
work 2
check_equal 'no writer of the second round failed' '' "$(grep -E 'ERROR|aborted' "$SCRATCH/round_2.pgbench" | head -n 3 || true)"
rm "$SCRATCH/working"
wait "$maintaining"
kill -9 "${sealers[@]}" 2>/dev/null || true
wait "${sealers[@]}" 2>/dev/null || true
for name in $(query 'SELECT gid FROM pg_prepared_xacts' streamed); do query "COMMIT PREPARED '$name'" streamed; done
query 'SELECT sealed_count FROM audit_seal()' streamed >/dev/null
query 'SELECT sealed_count FROM audit_seal()' streamed >/dev/null
rm "$SCRATCH/reading"
wait "$reading" || true

# Readers that are killed with a batch that waits, whatever the load left.
for _ in 1 2 3; do
    PGDATABASE=streamed PGUSER=siem python3 "$folder/stream_reader.py" siem 7 "$SCRATCH/journal" &
    reader=$! lines=$(wc -l <"$SCRATCH/journal")
    for _ in {1..500}; do
        if tail -n "+$((lines + 1))" "$SCRATCH/journal" | grep '^D' >/dev/null; then break; fi
        sleep 0.01
    done
    kill -9 "$reader"
    wait "$reader" 2>/dev/null || true
done

# What is left.
PGDATABASE=streamed PGUSER=siem python3 "$folder/stream_reader.py" siem 1000 "$SCRATCH/journal" &
reader=$!
await streamed "(SELECT state = 'current' FROM audit_streams)"
sleep 0.5
kill -9 "$reader"
wait "$reader" 2>/dev/null || true
sed -i '/ killed$/d' "$SCRATCH/journal"
query 'SELECT event FROM sealed ORDER BY no' streamed >"$SCRATCH/sealed"
python3 "$folder/stream_judge.py" "$SCRATCH/journal" "$SCRATCH/sealed" >"$SCRATCH/verdict"
check_equal 'what was sealed was delivered, in one order, and acknowledged events came once' '' "$(grep -v '^#' "$SCRATCH/verdict" | head -n 5 || true)"
read -r _ events batches repeated < <(grep '^#' "$SCRATCH/verdict")
check_between 'events were delivered' 1000 100000000 "$events"
check_between '... in batches' 6 100000000 "$batches"
check_between '... some of which came again, to a reader that was killed' 1 100000000 "$repeated"
check_equal 'each committed event was sealed, and so delivered' '0|0' "$(query 'SELECT missing, twice FROM test.sealed' streamed)"
check_between '... some purged since' 1 100000000 "$(query 'SELECT extra FROM test.sealed' streamed)"
# Whoever reads all of it afterwards, in other batches, has the same order.
query "SELECT create_audit_stream('again', 'siem', p_from => '-infinity')" streamed
acknowledged=0
: >"$SCRATCH/again"
while PGUSER=siem query "SELECT event_id FROM fetch_audit_stream('again', 10000, $acknowledged) WITH ORDINALITY AS f (batch_id, event_id, payload, no) ORDER BY no" streamed >"$SCRATCH/page" && [ -s "$SCRATCH/page" ]; do
    cat "$SCRATCH/page" >>"$SCRATCH/again"
    acknowledged=$((acknowledged + 1))
done
check_same_file 'a later reader gets the same events in the same order' "$SCRATCH/sealed" "$SCRATCH/again"
database_drop streamed
