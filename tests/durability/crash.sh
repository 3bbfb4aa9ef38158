#!/usr/bin/env bash
# Proves that an acknowledged event survives a crash, just once: every process of a cluster with fsync on is killed under eight writers
# while months are made; after recovery each client's events are there without a gap, and the trail works.
set -euo pipefail
. "$(dirname "$0")/../lib/cluster.sh"
. "$(dirname "$0")/../lib/report.sh"

version=$PGVERSION cluster=$(cluster_dir) rounds=2
[ -z "${AUDIT_EXT_LONG:-}" ] || rounds=20

# Each client numbers its events; pgbench logs a transaction when its COMMIT was answered.
cat >"$SCRATCH/now.sql" <<'SQL'
\set n :n + 1
SELECT insert_audit_event('NOW', 'thing', NULL, w(:round * 100 + :client_id), w(:n), NULL, jsonb_build_object('n', :n));
SQL
cat >"$SCRATCH/past.sql" <<'SQL'
\set n :n + 1
BEGIN;
INSERT INTO audit_events (created_at, action_type, resource_type, workspace_id, created_by_user_id, new_values)
VALUES (make_timestamptz(1973 + 2 * :round, 1, 1, 0, 0, 0) + :n * interval '8 hours', 'PAST', 'thing', w(:round * 100 + 50 + :client_id), w(:n), jsonb_build_object('n', :n));
END;
SQL
maintain() {
    while query 'SELECT create_monthly_audit_partition()' durability; do sleep 0.05; done
}

cluster_start "$version" "$cluster" 'fsync = on' 'synchronous_commit = on' 'full_page_writes = on' 'checkpoint_timeout = 30s' 'max_wal_size = 64MB'
database_with_trail durability
for ((round = 1; round <= rounds; round++)); do
    : >"$SCRATCH/expected"
    writers=()
    for kind in now past; do
        "$PGBIN/pgbench" -n -c 4 -T 60 -D n=0 -D round="$round" -f "$SCRATCH/$kind.sql" -l --log-prefix="$SCRATCH/$kind.$round" durability >"$SCRATCH/$kind.$round.pgbench" 2>&1 &
        writers+=($!)
    done
    maintain >"$SCRATCH/maintenance.$round" 2>&1 &
    maintenance=$!
    sleep "$((2 + RANDOM % 2)).$((RANDOM % 10))"
    cluster_kill "$cluster"
    for pid in "${writers[@]}" "$maintenance"; do wait "$pid" || true; done
    rm -f "$cluster/data/postmaster.pid"
    cluster_start "$version" "$cluster"

    for kind in now past; do
        cat "$SCRATCH/$kind.$round".[0-9]* | awk -v round="$round" -v first=$([ $kind = now ] && echo 0 || echo 50) \
            '{n[$1]++} END {for (client in n) print round * 100 + first + client "," n[client]}' >>"$SCRATCH/expected"
    done
    query 'DROP TABLE IF EXISTS acknowledged; CREATE TABLE acknowledged (client bigint PRIMARY KEY, n bigint)' durability
    "$PGBIN/psql" -XqAt -v ON_ERROR_STOP=1 -d durability -c '\copy acknowledged FROM STDIN (FORMAT csv)' <"$SCRATCH/expected"
    check_between "round $round: events were acknowledged" 100 10000000 "$(query 'SELECT sum(n) FROM acknowledged' durability)"
    # At most one more per client: committed, and the server killed before it could say so.
    check_equal "round $round: eight clients, each event just once, none missing" '8|t|t|t' "$(query "SELECT count(*), bool_and(stored BETWEEN n AND n + 1),
        bool_and(stored = ids AND stored = numbers), bool_and(newest = stored) FROM acknowledged, LATERAL (
          SELECT count(*) AS stored, count(DISTINCT id) AS ids, count(DISTINCT new_values) AS numbers, max((new_values->>'n')::int) AS newest
          FROM audit_events WHERE workspace_id = w(client)) AS found" durability)"
    check_between "round $round: months were being made" 2 10000 "$(grep -c '^audit_events' "$SCRATCH/maintenance.$round")"
    check_equal "round $round: indexes agree with the tables" 0 "$(query "SET enable_seqscan = off; SELECT count(*) FROM acknowledged, LATERAL (
        SELECT count(*) AS n FROM audit_events WHERE workspace_id = w(client)) AS by_index, LATERAL (
        SELECT count(*) AS n FROM audit_events WHERE workspace_id::text = w(client)::text) AS by_table WHERE by_index.n <> by_table.n" durability)"
    check_equal "round $round: no table is left that is no partition" 0 "$(query "SELECT count(*) FROM pg_class
        WHERE relkind = 'r' AND NOT relispartition AND relname ~ '^audit_events' AND relname !~ '^audit_events(_archive)?\$'" durability)"
    query 'SELECT create_monthly_audit_partition()' durability >/dev/null
    check_equal "round $round: the system works" '0|t' "$(query "SELECT (SELECT count(*) FROM audit_events_default),
        insert_audit_event('AFTER', 'thing', NULL, w(1), w(1)) IS NOT NULL" durability)"
    check_equal "round $round: guards hold" 23001 "$(error_of durability 'DELETE FROM audit_events')"
done
