#!/usr/bin/env bash
# Proves that nothing which outlives a call lies on the stack: while a backend moves many events of one workspace, it is sent signals without end, and each
# handler runs over whatever the stack held below. Archive, restore and the plain statement move every event as if nothing were.
set -euo pipefail
. "$(dirname "$0")/../lib/archive.sh"

events=40000

# under_fire DATABASE SQL: what it prints in one session that gets SIGUSR1, Postgres' own signal for "look around", as fast as they come.
under_fire() {
    local backend
    rm -f "$SCRATCH/pid"
    in_background fired "$1" "SELECT pg_backend_pid() \\g $SCRATCH/pid
        $2"
    for _ in {1..100}; do [ -s "$SCRATCH/pid" ] && break; sleep 0.05; done
    backend=$(tr -dc '0-9' <"$SCRATCH/pid")
    while kill -USR1 "$backend" 2>/dev/null; do :; done
    wait $! || true
    grep -E '^ERROR|^DETAIL' "$SCRATCH/fired.log" || cat "$SCRATCH/fired.log"
}

counts() { query "SELECT (SELECT count(*) FROM audit_events WHERE action_type = 'PAST'), (SELECT count(*) FROM audit_events_archive WHERE action_type = 'PAST')" durability; }

database_with_book durability
query "SELECT past(1, '2022-01-02Z', '1 minute', $events)" durability >/dev/null
for round in 1 2 3; do
    # What a plain statement brings back stays hot for a while.
    query "CALL keep_none_hot()" durability
    check_equal "round $round: archive, row by row" "$events 0|$events" "$(under_fire durability 'SELECT archived_count FROM archive_old_audit_events();') $(counts)"
    check_equal '... restore' "$events $events|0" "$(under_fire durability 'SELECT restore_all();') $(counts)"
    query "CALL archive_audit_events()" durability
    check_equal '... the plain statement' "$events|0" "$(under_fire durability 'WITH restored AS (DELETE FROM audit_events_archive RETURNING *) INSERT INTO audit_events SELECT * FROM restored;')$(counts)"
done
check_conserved 'signals' durability
database_drop durability
