#!/usr/bin/env bash
# Proves that several runs of the program at once do no harm: they export, erase, clean and check the same store, and each event is where it has to be. What one of them begins
# the others leave alone.
set -euo pipefail
. "$(dirname "$0")/../lib/report.sh"
. "$(dirname "$0")/../lib/cold.sh"

missing=$(cold_toolchain)
[ -z "$missing" ] || { not_ok 'readers are there' "$missing"; exit; }
store_start directory
cold_trail cold 2 300

# together VERB ARGUMENT…: three of them. 1 is no failure: something stood in the way, which was the others.
together() {
    local number runs=() statuses=''
    for number in 1 2 3; do
        "$PGBIN/audit-cold" "$@" --database "host=$PGHOST port=$PGPORT user=$PGUSER dbname=cold" --store "$STORE" >"$SCRATCH/$1$number" 2>&1 &
        runs+=($!)
    done
    for number in "${runs[@]}"; do
        local status=0
        wait "$number" || status=$?
        [ "$status" -le 1 ] || statuses+="$status "
    done
    check_equal "$1 by three at once: none of them fails" '' "$statuses"
    [ -z "$statuses" ] || sed 's/^/    /' "$SCRATCH/$1"[123]
    check_equal "$1 by three at once: each event is there once" '' "$(cold_differences cold)"
}
together run --min-events 10
check_cold 'another run finds nothing to do' 0 run --min-events 10
check_equal 'each month has one file' 'stored 6 6' \
    "$(query "SELECT string_agg(DISTINCT state || ' ' || n, ' ') FROM (SELECT state, count(*) AS n FROM audit_cold_objects WHERE state NOT IN ('condemned', 'gone') GROUP BY 1) AS s" cold) $(find "$STORE_FOLDER" -type f | wc -l)"
cold_release cold
for person in 101 105 110; do query "SELECT forget(w($person), w(2))" cold >/dev/null; done
together run --min-events 10
check_cold 'another run finds nothing to do' 0 run --min-events 10
check_equal 'all erasures are done, and each month has one file' '0 6 6' \
    "$(query "SELECT (SELECT count(*) FROM audit_cold_erasures WHERE NOT is_done) || ' ' || count(*) FROM audit_cold_objects WHERE state = 'released'" cold) $(find "$STORE_FOLDER" -type f | wc -l)"
together restore --workspace 00000000-0000-4000-8000-000000000001 --month 2020-01
check_equal 'each event is lent once' 300 "$(query 'SELECT count(*) FROM audit_cold_loans' cold)"
check_equal 'the evidence accounts for all of it' '' "$(database_verify cold)"
