#!/usr/bin/env bash
# Proves that the captured events are the whole truth: random tables (keyed or not, partitioned, with children, with triggers) go through
# random statements with savepoints and rollbacks, and the events alone make the same table again, byte by byte.
set -euo pipefail
. "$(dirname "$0")/../lib/report.sh"

rounds=10
[ -z "${AUDIT_EXT_LONG:-}" ] || rounds=100
database_with_trail replay
"$PGBIN/psql" -X -q -v ON_ERROR_STOP=1 -d replay -f "$(dirname "$0")/capture_replay.sql"

# One table in one session: statements in several transactions, then the replay. The seed makes a failure repeatable.
round() {
    local shape=$1 seed=$2
    "$PGBIN/psql" -X -q -A -t -v ON_ERROR_STOP=1 -v shape="$shape" -v seed="$seed" -d replay 2>&1 <<'SQL'
SET client_min_messages = warning;
SELECT setseed(:seed / 1000.0), set_config('replay.round', :'shape' || ' ' || :'seed', false) \g /dev/null
SELECT make_table(:'shape') AS types \gset
SELECT run_statements(:'shape', :'types', 10, 0) \g /dev/null
BEGIN; SELECT run_statements(:'shape', :'types', 10, 0) \g /dev/null
ROLLBACK;
BEGIN; SELECT run_statements(:'shape', :'types', 20, 0) \g /dev/null
COMMIT;
SELECT count(*) AS events FROM audit_events WHERE resource_type = :'shape' || ' ' || :'seed' \gset
SELECT replay() AS replayed \gset
SELECT coalesce(difference(), 'same');
SELECT :events;
SQL
}

for shape in key 'no key' partitions child triggers; do
    events=0 failures=''
    for ((seed = 1; seed <= rounds; seed++)); do
        said=$(round "$shape" "$seed") || true
        if [ "$(head -n 1 <<<"$said")" = same ]; then
            events=$((events + $(tail -n 1 <<<"$said")))
        else
            failures+="seed $seed: $said"$'\n'
        fi
    done
    if [ -z "$failures" ]; then
        ok "$shape: $rounds tables are made again from $events events"
    else
        not_ok "$shape: tables are made again from their events" "$(head -c 3000 <<<"$failures")"
    fi
done
query 'DROP DATABASE replay'
