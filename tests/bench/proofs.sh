#!/usr/bin/env bash
# What proofs cost: tests/bench/proofs.sh [EVENTS], on the build installed last: receipts from a log of EVENTS and from one of 100, by the clock of one client,
# and an export of the large one.
set -euo pipefail
. "$(dirname "$0")/../lib/cluster.sh"
. "$(dirname "$0")/../lib/database.sh"

events=${1:-1000000} cluster=$(cluster_dir) seals=20
cluster_start 18 "$cluster" 'shared_buffers = 512MB' 'max_wal_size = 8GB' 'autovacuum = off'
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
database_fresh bench
query 'CREATE EXTENSION audit_ext' bench
query "CREATE FUNCTION w(bigint) RETURNS uuid LANGUAGE sql IMMUTABLE RETURN ('00000000-0000-4000-8000-' || lpad(\$1::text, 12, '0'))::uuid;
    CREATE FUNCTION record(events bigint, workspace bigint) RETURNS void LANGUAGE sql AS \$\$
      INSERT INTO audit_events (action_type, resource_type, resource_id, workspace_id, created_by_user_id, old_values, new_values, ip_address, user_agent, request_id, metadata)
      SELECT 'UPDATE', 'invoice', w(n), w(workspace), w(7), jsonb_build_object('status', 'open', 'amount', n, 'note', repeat('x', 80)), jsonb_build_object('status', 'paid', 'amount', n, 'note', repeat('y', 80)),
        '10.1.2.3', 'Mozilla/5.0 (X11; Linux x86_64)', 'req-' || n, '{\"source\": \"api\"}' FROM generate_series(1, events) AS n \$\$" bench
for ((turn = 0; turn < seals; turn++)); do
    query "SELECT record($events / $seals, 1), record(100 / $seals, 2)" bench >/dev/null
    query 'SELECT audit_seal()' bench >/dev/null
done
query 'VACUUM ANALYZE' bench
for workspace in 1 2; do
    query "CREATE TABLE some_$workspace AS SELECT row_number() OVER () AS n, id FROM (SELECT id FROM audit_events WHERE workspace_id = w($workspace) ORDER BY random() LIMIT 1000) AS picked; CREATE INDEX ON some_$workspace (n)" bench
    printf '\\set n random(1, %s)\nSELECT audit_event_proof((SELECT id FROM some_%s WHERE n = :n));\n' "$(query "SELECT count(*) FROM some_$workspace" bench)" "$workspace" >"$scratch/receipt"
    (cd "$scratch" && "$PGBIN/pgbench" -n -M prepared -t 2000 -l --log-prefix="of_$workspace" -f receipt bench >/dev/null)
    awk '{print $3}' "$scratch/of_$workspace".* | sort -n | awk -v size="$(query "SELECT count(*) FROM audit_events WHERE workspace_id = w($workspace)" bench)" '
        {time[NR] = $1} END {printf "a receipt from a log of %d: half within %.2f ms, 95 %% within %.2f ms\n", size, time[int(NR / 2)] / 1000, time[int(NR * 0.95)] / 1000}'
done
"$PGBIN/psql" -XqAt -d bench <<SQL | awk '/^cpu/ {if (odd = !odd) cpu -= $2; else cpu += $2} /^memory/ {memory = $2} /^size/ {size = $2} END {printf "an export of %d events: %.1f s on the processor, %.1f us an event, %d kB of memory\n", events, cpu / 100, cpu * 1e4 / events, memory}' events="$events"
SELECT pg_backend_pid() AS pid \gset
\setenv PID :pid
SELECT count(*) FROM (SELECT audit_export_log(w(2)) OFFSET 0) AS warm;
\! awk '{print "cpu", \$14 + \$15}' /proc/\$PID/stat
SELECT 'size', sum(length(line)) FROM (SELECT audit_export_log(w(1)) AS line OFFSET 0) AS lines;
\! awk '{print "cpu", \$14 + \$15}' /proc/\$PID/stat
\! awk '/^RssAnon/ {print "memory", \$2}' /proc/\$PID/status
SQL
cluster_stop "$cluster"
