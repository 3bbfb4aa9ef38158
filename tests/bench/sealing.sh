#!/usr/bin/env bash
# What sealing costs: tests/bench/sealing.sh [EVENTS], on the build installed last. Times are those of the backend on the processor, so another process
# beside it does not count; the build for production is faster than that of the tests.
set -euo pipefail
. "$(dirname "$0")/../lib/cluster.sh"
. "$(dirname "$0")/../lib/database.sh"

events=${1:-200000} cluster=$(cluster_dir)
cluster_start 18 "$cluster" 'shared_buffers = 512MB' 'max_wal_size = 8GB' 'work_mem = 64MB' 'autovacuum = off'
database_fresh bench
query 'CREATE EXTENSION audit_ext' bench
query "CREATE FUNCTION w(bigint) RETURNS uuid LANGUAGE sql IMMUTABLE RETURN ('00000000-0000-4000-8000-' || lpad(\$1::text, 12, '0'))::uuid;
    CREATE FUNCTION record(events bigint, workspaces bigint) RETURNS void LANGUAGE sql AS \$\$
      INSERT INTO audit_events (action_type, resource_type, resource_id, workspace_id, created_by_user_id, old_values, new_values, ip_address, user_agent, request_id, metadata)
      SELECT 'UPDATE', 'invoice', w(n), w(n % workspaces), w(7), jsonb_build_object('status', 'open', 'amount', n, 'note', repeat('x', 80)), jsonb_build_object('status', 'paid', 'amount', n, 'note', repeat('y', 80)),
        '10.1.2.3', 'Mozilla/5.0 (X11; Linux x86_64)', 'req-' || n, '{\"source\": \"api\"}' FROM generate_series(1, events) AS n \$\$" bench

# measure WHAT EVENTS WORKSPACES TIMES: records, then seals in a session that has sealed before.
measure() {
    local session
    session="SELECT pg_backend_pid() AS pid \\gset
\\setenv PID :pid
SELECT sealed_count FROM audit_seal();"
    for ((turn = 0; turn < $4; turn++)); do
        session+="
SELECT record($2, $3);
SELECT pg_sleep(0.01);
SELECT pg_current_wal_insert_lsn() AS lsn \\gset
\\! awk '{print \"cpu\", \$14 + \$15}' /proc/\$PID/stat
\\! date +'began %s%N'
SELECT 'sealed', sealed_count FROM audit_seal();
\\! date +'ended %s%N'
\\! awk '{print \"cpu\", \$14 + \$15}' /proc/\$PID/stat
\\! awk '/^RssAnon/ {print \"memory\", \$2}' /proc/\$PID/status
SELECT 'wal', pg_current_wal_insert_lsn() - :'lsn';"
    done
    "$PGBIN/psql" -XqAt -F ' ' -d bench <<<"$session" | awk -v what="$1" -v events="$2" '
        /^cpu/ {if (odd = !odd) cpu -= $2; else cpu += $2} /^began/ {began = $2} /^ended/ {time = ($2 - began) / 1e6; n++; if (n == 1 || time < least) least = time} /^wal/ {wal += $2} /^memory/ {memory = $2}
        END {ms = cpu * 10 / n; printf "%s: %.1f ms on the processor, %.1f ms by the clock (least), %d bytes of WAL, %d kB of memory", what, ms, least, wal / n, memory
            if (events) printf "; an event %.1f us, %d bytes, %d a second", ms * 1000 / events, wal / n / events, events * 1000 / (ms > 0 ? ms : 0.01)
            print ""}'
}
measure "$events events of $((events / 100)) workspaces" "$events" $((events / 100)) 1
measure "$events events of as many workspaces" "$events" "$events" 2
measure '1000 events of 100 workspaces' 1000 100 20
# Without a client between two seals, which would take longer than they do.
query 'CREATE TABLE took (ms float8); ANALYZE audit_events' bench
# A seal looks at what was recorded since five seconds before the last one.
query 'SELECT pg_sleep(6); SELECT record(1, 1); SELECT sealed_count FROM audit_seal()' bench >/dev/null
query "DO \$\$ DECLARE began timestamptz; BEGIN FOR i IN 1..300 LOOP began := clock_timestamp(); PERFORM audit_seal(); INSERT INTO took VALUES (extract(epoch FROM clock_timestamp() - began) * 1000); COMMIT; END LOOP; END \$\$" bench
query "SELECT format('idle: %s ms by the clock (median of 300)', round(percentile_cont(0.5) WITHIN GROUP (ORDER BY ms)::numeric, 2)) FROM took" bench
