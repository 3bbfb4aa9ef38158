#!/usr/bin/env bash
# Proves that no event is missed by a seal whatever the server's clock does between two seals: back by an hour, back again, far ahead and back; events with
# the server's time, history, and open transactions. The clock is moved with faketime.
set -euo pipefail
. "$(dirname "$0")/../lib/moved_clock.sh"
. "$(dirname "$0")/../lib/report.sh"

cluster=$(cluster_dir)
cluster_start_with_clock "$PGVERSION" "$cluster" || exit 0
database_with_trail clock
query 'CREATE SCHEMA test' clock
"$PGBIN/psql" -X -q -d clock -f "$(dirname "$0")/../golden/seal.sql"
record() { query "SELECT count(insert_audit_event('A', 'thing', NULL, w(n % 3), w(1))) FROM generate_series(1, 10) AS n;
    INSERT INTO audit_events (created_at, action_type, resource_type, workspace_id, created_by_user_id) VALUES (clock_timestamp() - interval '1 day', 'PAST', 'thing', w(1000 + $RANDOM), w(1))" clock >/dev/null; }
seal() { query 'SELECT sealed_count FROM audit_seal()' clock >/dev/null; }

record
seal
coproc OPEN { exec "$PGBIN/psql" -XqAt -d clock; }
open=$OPEN_PID open_in=${OPEN[1]}
printf '%s\n' "BEGIN; SELECT insert_audit_event('OPEN', 'thing', NULL, w(1), w(1));" >&"$open_in"
read -r _ <&"${OPEN[0]}"
query "CREATE ROLE siem_clock; SELECT audit_grant('siem_clock', 'streamer')" clock >/dev/null
# found_by_stream EVENT: how often a stream delivers it that begins at the event's time.
found_by_stream() {
    query "SELECT create_audit_stream('clock', 'siem_clock', p_from => (SELECT created_at FROM audit_events WHERE id = '$1'))" clock >/dev/null
    query "SET ROLE siem_clock; SELECT count(*) FROM fetch_audit_stream('clock', 10000) WHERE event_id = '$1'" clock
    query "SELECT drop_audit_stream('clock')" clock >/dev/null
}
for offset in -3600 -7200 -7000 +86400 -90000 +0; do
    record
    before=$(query "SELECT insert_audit_event('BEFORE', 'thing', NULL, w(1), w(1))" clock)
    turn "$offset"
    record
    seal
    check_equal "the clock at $offset seconds: a stream that begins with an event of before delivers it" 1 "$(found_by_stream "$before")"
    record
    seal
    check_equal "the clock at $offset seconds: what is not sealed is open" 0 "$(query "SELECT missing FROM test.sealed" clock)"
done
printf '%s\n' "SELECT insert_audit_event('OPEN', 'thing', NULL, w(1), w(1)); COMMIT;" '\q' >&"$open_in"
wait "$open"
record
seal
check_equal 'in the end each event is sealed once' '0|0|0' "$(query 'TABLE test.sealed' clock)"
check_equal '... in trees that are right' '0|0|0|0' "$(query 'TABLE test.tree' clock)"
# Without the second clock the window would begin behind the events.
check_between 'the steps were seen' 2 100 "$(query "SELECT count(*) FROM (SELECT (uptime_us - lag(uptime_us) OVER (ORDER BY seal)) - extract(epoch FROM seen_at - lag(seen_at) OVER (ORDER BY seal)) * 1000000 AS back FROM audit_log_seals) AS step WHERE back > 1000000000" clock)"
