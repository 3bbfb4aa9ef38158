#!/usr/bin/env bash
# Proves that an import that is killed goes on: every process of a cluster with fsync on is killed while history is imported, again and again; the run that is let be
# imports the rest, and each row of the source is there once.
set -euo pipefail
. "$(dirname "$0")/../lib/cluster.sh"
. "$(dirname "$0")/../lib/report.sh"

cluster=$(cluster_dir) rounds=4 events=60000
[ -z "${AUDIT_EXT_LONG:-}" ] || rounds=40 events=600000
cluster_start "$PGVERSION" "$cluster" 'fsync = on' 'full_page_writes = on' 'max_wal_size = 64MB'
database_with_trail durability
query "CREATE TABLE source AS SELECT n::text AS source_id, timestamptz '2023-01-01Z' + interval '10 minutes' * n AS created_at, 'EDIT' AS action_type, 'ticket' AS resource_type,
    audit_resource_id('w', (n % 50)::text) AS workspace_id, audit_resource_id('u', (n % 7)::text) AS created_by_user_id, jsonb_build_object('n', n) AS new_values
    FROM generate_series(1, $events) AS n" durability
imports="CALL import_audit_events('source', 'history', p_batch => 500)"
interrupted=0 counted=0
for ((round = 1; round <= rounds; round++)); do
    in_background import durability "$imports"
    import=$!
    # Some batches of this round are committed when the server is killed.
    for _ in $(seq 200); do
        committed=$(query "SELECT coalesce(sum(imported_count), 0) FROM audit_imports" durability)
        [ "$committed" -gt "$counted" ] && break
        sleep 0.02
    done
    check_between "round $round: batches were committed in it" $((counted + 1)) "$events" "$committed"
    cluster_kill "$cluster"
    ! wait "$import" || interrupted=-100
    rm -f "$cluster/data/postmaster.pid"
    cluster_start "$PGVERSION" "$cluster"
    counted=$(query "SELECT coalesce(sum(imported_count), 0) FROM audit_imports" durability)
    check_between "round $round: batches that could be seen are there" "$committed" "$events" "$counted"
    check_equal "round $round: what is counted is there, once" "$counted|$counted" "$(query "SELECT count(*), count(DISTINCT new_values) FROM audit_events WHERE substr(id::text, 15, 1) = '8'" durability)"
    [ "$counted" = "$events" ] || interrupted=$((interrupted + 1))
done
check_between 'the server was killed while rows were left' 1 "$rounds" "$interrupted"
check_equal 'what was killed is running, of a session that has gone' 'running|0' "$(query "SELECT state, (SELECT count(*) FROM pg_stat_activity WHERE pid = run_by_pid AND backend_start = run_by_backend_start) FROM audit_imports" durability)"
query "$imports" durability
check_equal 'each run but the first says that the one before was interrupted' "|$(printf 'interrupted|%.0s' $(seq "$rounds"))" "$(query "SELECT string_agg(coalesce(new_values ->> 'after', ''), '|' ORDER BY created_at, id) || '|' FROM audit_events WHERE action_type = 'AUDIT_IMPORT_STARTED'" durability)"
check_equal 'the run that was let be finished' "finished|$events" "$(query 'SELECT state, imported_count FROM audit_imports' durability)"
check_equal 'each row of the source is there once, as it was' "$events|$events|$events" "$(query "SELECT count(*), count(DISTINCT id), count(source)
    FROM audit_events AS e LEFT JOIN source ON source.new_values = e.new_values AND source.created_at = e.created_at AND source.workspace_id = e.workspace_id
    WHERE substr(id::text, 15, 1) = '8'" durability)"
query 'SELECT sealed_count FROM audit_seal()' durability >/dev/null
check_equal 'the trail is sound' '' "$(query "SELECT code, detail FROM audit_verify() WHERE severity <> 'info'" durability)"
