#!/usr/bin/env bash
# PostgreSQL's own regression tests in a database with the extension: nothing that is not the extension's behaves otherwise for it. Then the tables that
# they leave, which have columns of every type and all that can be on a table, are tracked and changed: an eighth of them, all with AUDIT_EXT_LONG=1.
set -euo pipefail
. "$(dirname "$0")/../lib/regress.sh"

if ! regress_prepare; then
    not_ok 'there are tests of PostgreSQL' 'no source of it can be fetched'
    exit
fi
regress_suite regress parallel_schedule

# try_tables SLICE: in a copy of the database, for the tables that are tracked stay so.
try_tables() {
    local log=$SCRATCH/tracked.$1.log
    query 'CREATE DATABASE tracked TEMPLATE regression'
    "$PGBIN/psql" -X -q -v ON_ERROR_STOP=1 -v slice="$1" -d tracked -f "$(dirname "$0")/tracked.sql" >"$log" 2>&1 ||
        not_ok "slice $1: tables are tracked and changed" "$(tail -n 20 "$log")"
    check_none "slice $1: a table is refused only when it is tracked with another" \
        "SELECT * FROM trial.refused WHERE sqlstate <> '22023' OR message !~ 'tracked already, as part of|is tracked by itself'"
    check_none "slice $1: statements end as they do for a table that is not tracked" 'TABLE trial.difference'
    check_none "slice $1: each changed row is an event, and no other is" \
        "SELECT * FROM trial.outcome WHERE is_tracked AND step IN ('same', 'delete', 'insert', 'change') AND rows <> events"
    check_none "slice $1: TRUNCATE, ALTER and DROP are events" \
        "SELECT * FROM trial.outcome WHERE is_tracked AND step IN ('truncate', 'add column', 'drop column', 'drop') AND sqlstate = '00000' AND events = 0
            AND t NOT IN (SELECT t FROM trial.refused)"
    check_none "slice $1: deleted rows read back from their events" "SELECT * FROM trial.outcome WHERE step = 'read back' AND (events <> 0 OR sqlstate <> '00000')"
    check_between "slice $1: rows changed in tracked tables" 1000 10000000 "$(query 'SELECT sum(rows) FROM trial.outcome WHERE is_tracked' tracked)"
    query 'DROP DATABASE tracked'
}

check_none() { check_equal "$1" '' "$(query "SELECT found FROM ($2) AS found LIMIT 20" tracked)"; }

slices=(0)
[ -z "${AUDIT_EXT_LONG:-}" ] || slices=(0 1 2 3 4 5 6 7)
for slice in "${slices[@]}"; do try_tables "$slice"; done
regress_survived "$REGRESS/server"
