#!/usr/bin/env bash
# What the shell tests share: a folder and a database of their own, pgbench, sessions in the background, and their lines.
#
# Sourced by tests/concurrency/*.sh and tests/durability/*.sh; what a test wrote stays in $SCRATCH for whoever investigates.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/database.sh"

TEST=$(basename "$(cd "$(dirname "$0")" && pwd)")/$(basename "$0" .sh)
SCRATCH=$OUT/$TEST
rm -rf "$SCRATCH"
mkdir -p "$SCRATCH"

ok() { printf 'ok %s: %s\n' "$TEST" "$1"; }

# not_ok DESCRIPTION [EXPLANATION]
not_ok() {
    printf 'not ok %s: %s\n' "$TEST" "$1"
    [ -z "${2:-}" ] || sed 's/^/    /' <<<"$2"
}

# check_equal DESCRIPTION EXPECTED ACTUAL
check_equal() {
    if [ "$2" = "$3" ]; then ok "$1"; else not_ok "$1" "expected: $2"$'\n'"found:    $3"; fi
}

# check_between DESCRIPTION LOW HIGH NUMBER: whole numbers; the figure is printed either way.
check_between() {
    if [ "$4" -ge "$2" ] && [ "$4" -le "$3" ]; then ok "$1 ($4)"; else not_ok "$1" "expected: $2 to $3"$'\n'"found:    $4"; fi
}

# check_same_file DESCRIPTION FILE FILE
check_same_file() {
    local difference
    if difference=$(diff -u "$2" "$3"); then ok "$1"; else not_ok "$1" "$(head -n 40 <<<"$difference")"; fi
}

# A database with the extension, and a function that gives workspaces (and users) by number.
database_with_trail() {
    database_fresh "$1"
    query 'CREATE EXTENSION audit_ext' "$1"
    query "CREATE FUNCTION w(bigint) RETURNS uuid LANGUAGE sql IMMUTABLE
        RETURN ('00000000-0000-4000-8000-' || lpad(\$1::text, 12, '0'))::uuid" "$1"
}

# error_of DATABASE SQL: the SQLSTATE of the first error, or "none".
error_of() {
    local sqlstate
    sqlstate=$("$PGBIN/psql" -X -q -A -t -v VERBOSITY=sqlstate -v ON_ERROR_STOP=1 -d "$1" -c "$2" 2>&1 >/dev/null |
        sed -n 's/.*ERROR:  *\([0-9A-Z]\{5\}\).*/\1/p' | head -n 1)
    echo "${sqlstate:-none}"
}

# bench NAME DATABASE OPTIONS…: runs pgbench; its output and errors are in $SCRATCH/NAME.pgbench, and it must not fail once.
bench() {
    local name=$1 database=$2 status=0
    shift 2
    "$PGBIN/pgbench" -n "$@" "$database" >"$SCRATCH/$name.pgbench" 2>&1 || status=$?
    if [ "$status" -eq 0 ] && ! grep -Eq 'ERROR|aborted|number of failed transactions: [1-9]' "$SCRATCH/$name.pgbench"; then
        ok "$name: $(bench_transactions "$name") transactions, none failed"
    else
        not_ok "$name: no transaction fails" "$(grep -E 'ERROR|DETAIL|aborted|fatal|failed' "$SCRATCH/$name.pgbench" | head -n 8)"
    fi
}

bench_transactions() { sed -n 's/^number of transactions actually processed: \([0-9]*\).*/\1/p' "$SCRATCH/$1.pgbench"; }

# bench_count NAME SCRIPT: how often that script was run. Only with one thread (no -j): pgbench counts these without a lock.
bench_count() { sed -n "/^SQL script [0-9]*: .*\/$2\$/,/transactions (/s/^ - \([0-9]*\) transactions (.*/\1/p" "$SCRATCH/$1.pgbench"; }

# await DATABASE CONDITION: until it holds, ten seconds at most.
await() {
    local attempt
    for attempt in {1..200}; do
        [ "$(query "SELECT $2" "$1")" = t ] && return
        sleep 0.05
    done
    not_ok "it never came true after $attempt attempts: $2"
    return 1
}

asleep() { echo "EXISTS (SELECT FROM pg_stat_activity WHERE application_name = '$1' AND wait_event = 'PgSleep')"; }

# in_background NAME DATABASE SQL: a session of that application_name; its output goes to $SCRATCH/NAME.log; its pid is $!.
in_background() {
    PGAPPNAME=$1 "$PGBIN/psql" -X -q -A -t -v ON_ERROR_STOP=1 -d "$2" >"$SCRATCH/$1.log" 2>&1 <<<"$3" &
}

# private_memory PID: kB that a process has for itself, without the shared buffers it touches; nothing when it is gone.
private_memory() { awk '/^RssAnon/ {print $2}' "/proc/$1/status" 2>/dev/null || true; }

milliseconds() { date +%s%3N; }
