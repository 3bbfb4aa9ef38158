#!/usr/bin/env bash
# Proves that memory stays flat however many rows one statement changes: the private memory of the backend at its highest, over a
# statement of many rows, against one of a tenth. AUDIT_EXT_LONG=1 takes 5,000,000 rows.
set -euo pipefail
. "$(dirname "$0")/../lib/report.sh"

rows=200000
[ -z "${AUDIT_EXT_LONG:-}" ] || rows=5000000
# 23 bytes a row would show, of 5,000,000 rows one byte.
allowance=4096

# peak SQL: the highest RssAnon, in kB, of a backend that runs it.
peak() {
    local backend highest=0 now
    in_background memory memory "SELECT pg_backend_pid() \\g $SCRATCH/pid
        $1"
    for _ in {1..100}; do [ -s "$SCRATCH/pid" ] && break; sleep 0.05; done
    backend=$(tr -dc '0-9' <"$SCRATCH/pid")
    rm -f "$SCRATCH/pid"
    while now=$(sed -n 's/^RssAnon:[^0-9]*\([0-9]*\).*/\1/p' "/proc/$backend/status" 2>/dev/null) && [ -n "$now" ]; do
        [ "$now" -le "$highest" ] || highest=$now
        sleep 0.02
    done
    wait $!
    echo "$highest"
}

database_with_trail memory
query "CREATE TABLE wide (id int PRIMARY KEY, workspace_id uuid, name text, note text, data jsonb)" memory
query "SELECT audit_track_table('wide')" memory >/dev/null

# check_flat DESCRIPTION SQL: in the SQL, :rows stands for the number of rows.
check_flat() {
    local few many
    few=$(peak "${2//:rows/$((rows / 10))}")
    many=$(peak "${2//:rows/$rows}")
    check_between "$1: growth in kB from $((rows / 10)) rows ($few kB) to $rows" -1000000 "$allowance" $((many - few))
}

fill="TRUNCATE wide; INSERT INTO wide SELECT n, w(1), 'name ' || n, repeat('note ', 10), '{\"k\": [1, 2]}' FROM generate_series(1, :rows) AS n;"
check_flat INSERT "$fill"
check_flat UPDATE "UPDATE wide SET note = note || '.' WHERE id <= :rows;"
check_flat DELETE "DELETE FROM wide WHERE id <= :rows;"
check_equal 'every row was an event' "$((rows / 10 * 3 + rows * 3 - rows / 10))" \
    "$(query "SELECT count(*) FROM audit_events WHERE resource_type = 'wide' AND action_type <> 'TRUNCATE'" memory)"
query 'DROP DATABASE memory'
