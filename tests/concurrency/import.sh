#!/usr/bin/env bash
# Proves that an import disturbs nobody: writers of the same workspaces record beside it and none is refused, two runs of one import give each row once, and the
# order of live events is kept as before.
set -euo pipefail
. "$(dirname "$0")/../lib/cluster.sh"
. "$(dirname "$0")/../lib/report.sh"

events=30000 seconds=4
[ -z "${AUDIT_EXT_LONG:-}" ] || events=1000000 seconds=60
database_with_trail concurrency
query "CREATE TABLE source AS SELECT n::text AS source_id, timestamptz '2023-01-01Z' + interval '10 minutes' * n AS created_at, 'EDIT' AS action_type, 'ticket' AS resource_type,
    audit_resource_id('w', (n % 5)::text) AS workspace_id, audit_resource_id('u', (n % 7)::text) AS created_by_user_id, jsonb_build_object('n', n) AS new_values
    FROM generate_series(1, $events) AS n" concurrency
# Live events of the workspaces that receive their past.
cat >"$SCRATCH/record.sql" <<'SQL'
\set w random(0, 4)
SELECT insert_audit_event('LIVE', 'thing', NULL, audit_resource_id('w', :w::text), audit_resource_id('u', '1'));
SQL
"$PGBIN/pgbench" -n -c 3 -T "$seconds" -f "$SCRATCH/record.sql" concurrency >"$SCRATCH/live" 2>&1 &
writers=$!
runs=()
for run in 1 2; do
    in_background "import$run" concurrency "CALL import_audit_events('source', 'history', p_batch => 1000)"
    runs+=($!)
done
for run in "${runs[@]}"; do
    wait "$run" && ok 'a run ends' || not_ok 'a run ends'
done
wait "$writers" && ok 'writers end' || not_ok 'writers end'
check_equal 'no writer failed' '0' "$(sed -n 's/number of failed transactions: \([0-9]*\) .*/\1/p' "$SCRATCH/live")"
check_equal 'live events are there' "$(sed -n 's/number of transactions actually processed: //p' "$SCRATCH/live")" "$(query "SELECT count(*) FROM audit_events WHERE action_type = 'LIVE'" concurrency)"
check_equal 'each row is there once' "$events|$events|$events" "$(query "SELECT count(*), count(DISTINCT id), count(DISTINCT new_values) FROM audit_events WHERE action_type = 'EDIT'" concurrency)"
check_equal 'two runs imported what one would' "finished|$events" "$(query 'SELECT state, imported_count FROM audit_imports' concurrency)"
check_equal 'the newest event of each workspace is a live one' '5' "$(query "SELECT count(*) FROM audit_event_sequence JOIN audit_events ON id = last_event_id WHERE action_type = 'LIVE'" concurrency)"
query 'SELECT sealed_count FROM audit_seal()' concurrency >/dev/null
check_equal 'the trail is sound' '' "$(query "SELECT code, detail FROM audit_verify() WHERE severity <> 'info'" concurrency)"
database_drop concurrency
