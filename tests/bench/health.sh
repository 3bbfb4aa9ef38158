#!/usr/bin/env bash
# What it costs to watch a trail: tests/bench/health.sh [VERSION [MONTHS [CALLS]]]
#
# audit_health() and audit_metrics() in a trail with so many months of partitions (240), their events in the archive, and 200,000 new ones. In one session, and
# in a session for each call, as an exporter without a pool asks.
set -euo pipefail
. "$(dirname "$0")/../lib/cluster.sh"
. "$(dirname "$0")/../lib/database.sh"
version=${1:-18} months=${2:-240} calls=${3:-40}
FUNCTIONS=(audit_health audit_metrics)
SCRATCH=$(mktemp -d)
trap 'rm -rf "$SCRATCH"' EXIT

cluster_start "$version" "$(cluster_dir)"
database_fresh bench
query 'CREATE EXTENSION audit_ext' bench
query "INSERT INTO audit_events (created_at, action_type, resource_type, workspace_id, created_by_user_id)
    SELECT now() - n * interval '1 month', 'OLD', 'r', md5('old ' || n)::uuid, gen_random_uuid() FROM generate_series(1, $months - 4) AS n" bench
query "SELECT count(*) FROM create_past_audit_partitions(make_date(1970, 1, 1), current_date)" bench >/dev/null
query "SELECT count(insert_audit_event('A', 'r', NULL, md5('tenant ' || n % 1000)::uuid, gen_random_uuid())) FROM generate_series(1, 200000) AS n" bench >/dev/null
query 'CALL archive_audit_events()' bench >/dev/null
query 'VACUUM ANALYZE' bench

# watched FUNCTION: milliseconds of a processor that a call takes, in a session that stays and in a session of its own: other work on the machine does not count.
watched() {
    local function=$1 ticks call
    ticks() { echo "\\! cut -d' ' -f14-15 /proc/\$(cat $SCRATCH/backend)/stat >>$SCRATCH/ticks"; }
    printf '%-14s' "$function"
    for own in '' own; do
        : >"$SCRATCH/ticks"
        {
            echo "\\o $SCRATCH/backend"; echo 'SELECT pg_backend_pid();'; echo '\o'
            [ -n "$own" ] || echo "SELECT count(*) FROM $function();"
            ticks
            for ((call = 0; call < calls; call++)); do
                # A session of its own remembers nothing: neither plans nor the catalog.
                [ -z "$own" ] || { echo '\connect -'; echo "\\o $SCRATCH/backend"; echo 'SELECT pg_backend_pid();'; echo '\o'; ticks; }
                echo "SELECT count(*) FROM $function();"
                ticks
            done
        } | "$PGBIN/psql" -qXAt bench >"$SCRATCH/answers"
        if [ -z "$own" ]; then
            awk -v calls="$calls" 'NR == 1 { first = $1 + $2 } { last = $1 + $2 } END { printf "  one session %6.1f", (last - first) * 10 / calls }' "$SCRATCH/ticks"
        else
            awk -v calls="$calls" 'NR > 1 && NR % 2 == 0 { before = $1 + $2 } NR > 1 && NR % 2 { sum += $1 + $2 - before } END { printf "  its own %6.1f\n", sum * 10 / calls }' "$SCRATCH/ticks"
        fi
    done
}

echo "PostgreSQL $version, $(query "SELECT count(*) FROM pg_inherits WHERE inhparent IN ('audit_events'::regclass, 'audit_events_archive'::regclass)" bench) partitions, milliseconds of a processor per call"
for function in "${FUNCTIONS[@]}"; do watched "$function"; done
