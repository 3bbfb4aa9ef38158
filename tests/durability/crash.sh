#!/usr/bin/env bash
# Proves that what was acknowledged survives a crash, just once and as it was: every process of a cluster with fsync on is killed under 16
# writers while months are made, events archived and restored and persons erased; no operation is found half done, and the system works at once.
# Two of the writers change a tracked table: it and its events agree.
#
# Each client numbers its transactions, so that what an event must hold follows from its place; pgbench logs a transaction when its COMMIT
# was answered. The loops beside write down what they were answered.
set -euo pipefail
. "$(dirname "$0")/../lib/cluster.sh"
. "$(dirname "$0")/../lib/report.sh"

version=$PGVERSION cluster=$(cluster_dir) rounds=2
# With both versions: a hundred.
[ -z "${AUDIT_EXT_LONG:-}" ] || rounds=50
rounds=${CRASH_ROUNDS:-$rounds}

# Of ten users each; one event a transaction, three of them, and two of the past in different ways, which are archived as they come.
cat >"$SCRATCH/now.sql" <<'SQL'
\set n :n + 1
SELECT insert_audit_event('NOW', 'thing', w(:n), w(:round * 100 + :client_id), w(:n % 10), NULL, payload(:n));
SQL
cat >"$SCRATCH/bulk.sql" <<'SQL'
\set n :n + 1
SELECT count(*) FROM insert_audit_events((SELECT jsonb_agg(jsonb_build_object('action_type', 'BULK', 'resource_type', 'thing', 'resource_id', w(n),
  'workspace_id', w(:round * 100 + 30 + :client_id), 'created_by_user_id', w(n % 10), 'new_values', payload(n))) FROM generate_series(:n * 3 - 2, :n * 3) AS n));
SQL
cat >"$SCRATCH/past.sql" <<'SQL'
\set n :n + 1
BEGIN;
INSERT INTO audit_events (created_at, action_type, resource_type, resource_id, workspace_id, created_by_user_id, new_values)
VALUES (at(:round, :n * 2 - 1), 'PAST', 'thing', w(:n * 2 - 1), w(:round * 100 + 60 + :client_id), w((:n * 2 - 1) % 10), payload(:n * 2 - 1));
SELECT count(*) FROM insert_audit_events(jsonb_build_array(jsonb_build_object('created_at', at(:round, :n * 2), 'action_type', 'PAST', 'resource_type', 'thing',
  'resource_id', w(:n * 2), 'workspace_id', w(:round * 100 + 60 + :client_id), 'created_by_user_id', w((:n * 2) % 10), 'new_values', payload(:n * 2))));
END;
SQL
cat >"$SCRATCH/tracked.sql" <<'SQL'
\set n :n + 1
BEGIN;
INSERT INTO tracked VALUES (w(:round * 100 + 90 + :client_id), :n, 0);
UPDATE tracked SET changes = changes + 1 WHERE workspace_id = w(:round * 100 + 90 + :client_id) AND n = :n;
END;
SQL
kinds=(now bulk past tracked)
declare -A clients=([now]=5 [bulk]=4 [past]=5 [tracked]=2) first=([now]=0 [bulk]=30 [past]=60 [tracked]=90) events=([now]=1 [bulk]=3 [past]=2 [tracked]=2)

# again FILE SQL: over and over until the server is gone; the answers go to the file. Who finds a lock taken for long tries again.
again() {
    while query "$2" durability >>"$1" 2>"$1.errors" || grep -q 'gave up waiting for a lock' "$1.errors"; do sleep 0.02; done
    cat "$1.errors" >>"$SCRATCH/errors"
}

cluster_start "$version" "$cluster" 'fsync = on' 'synchronous_commit = on' 'full_page_writes = on' 'checkpoint_timeout = 30s' 'max_wal_size = 64MB'
database_with_trail durability
query "CREATE FUNCTION payload(bigint) RETURNS jsonb LANGUAGE sql IMMUTABLE RETURN jsonb_build_object('n', \$1, 'text', repeat(md5(\$1::text), (\$1 % 40)::int));
    CREATE FUNCTION at(bigint, bigint) RETURNS timestamptz LANGUAGE sql IMMUTABLE RETURN timestamptz '1970-01-01Z' + \$1 * interval '1 year' + \$2 * interval '4 hours';
    CREATE FUNCTION random_user() RETURNS uuid LANGUAGE sql RETURN w((random() * 9)::int);
    CREATE FUNCTION row_of(uuid, jsonb, int) RETURNS jsonb LANGUAGE sql IMMUTABLE RETURN jsonb_build_object('workspace_id', \$1, 'n', \$2->'n', 'changes', \$3);
    CREATE TABLE tracked (workspace_id uuid, n bigint, changes int, PRIMARY KEY (workspace_id, n));
    SELECT audit_track_table('tracked');
    CREATE TABLE acknowledged (workspace uuid PRIMARY KEY, kind text, n bigint, events int);
    CREATE VIEW stored AS SELECT *, true AS hot FROM audit_events UNION ALL SELECT *, false FROM audit_events_archive" durability >/dev/null
months=0 erased=0 archived=0 restored=0 entries=()
for ((round = 1; round <= rounds; round++)); do
    workers=()
    for kind in "${kinds[@]}"; do
        "$PGBIN/pgbench" -n -c "${clients[$kind]}" -T 60 -D n=0 -D round="$round" -f "$SCRATCH/$kind.sql" -l --log-prefix="$SCRATCH/$kind.$round" durability >"$SCRATCH/$kind.$round.pgbench" 2>&1 &
        workers+=($!)
    done
    again "$SCRATCH/months.$round" 'SELECT create_past_audit_partitions(make_date(1970, 1, 1), current_date)' &
    workers+=($!)
    again "$SCRATCH/archived.$round" "SELECT archived_count FROM archive_old_audit_events() WHERE archived_count > 0" &
    workers+=($!)
    again "$SCRATCH/erased.$round" "SELECT deletion_log_id FROM delete_user_audit_events_compliant(random_user(),
        w($round * 100 + (ARRAY[0, 30, 60])[1 + (random() * 2)::int] + (random() * 3)::int), 'GDPR', 'T-1')" &
    workers+=($!)
    again "$SCRATCH/restored.$round" "SELECT restore_audit_events(ARRAY(SELECT id FROM audit_events_archive WHERE workspace_id = ANY (ARRAY(SELECT w($round * 100 + 60 + client) FROM generate_series(0, 4) AS client)) ORDER BY id DESC LIMIT 20))" &
    workers+=($!)
    sleep "$((2 + RANDOM % 2)).$((RANDOM % 10))"
    cluster_kill "$cluster"
    for pid in "${workers[@]}"; do wait "$pid" || true; done
    rm -f "$cluster/data/postmaster.pid"
    cluster_start "$version" "$cluster"

    query 'TRUNCATE acknowledged' durability
    for kind in "${kinds[@]}"; do
        cat "$SCRATCH/$kind.$round".[0-9]* | awk -v events="${events[$kind]}" '{n[$1]++} END {for (client in n) print client "\t" n[client] "\t" events}' |
            while IFS=$'\t' read -r client n each; do echo "SELECT w($((round * 100 + first[$kind] + client))), '$kind', $n, $each"; done
        rm "$SCRATCH/$kind.$round".[0-9]*
    done | sed '2,$s/^/UNION ALL /' >"$SCRATCH/acknowledged"
    query "INSERT INTO acknowledged $(cat "$SCRATCH/acknowledged")" durability
    check_between "round $round: transactions of recording were acknowledged" 100 10000000 "$(query 'SELECT sum(n) FROM acknowledged' durability)"
    # At most one transaction more per client: committed, and the server killed before it could say so.
    check_equal "round $round: 14 clients, each event just once, none missing, no transaction in part" '14|t|t' "$(query "SELECT count(*),
        bool_and(stored IN (n * events, (n + 1) * events)), bool_and(stored = ids AND stored = numbers AND stored = newest) FROM acknowledged, LATERAL (
          SELECT count(*) AS stored, count(DISTINCT id) AS ids, count(DISTINCT resource_id) AS numbers, max(right(resource_id::text, 12)::bigint) AS newest
          FROM stored WHERE workspace_id = workspace AND action_type IN ('NOW', 'BULK', 'PAST')) AS found WHERE kind <> 'tracked'" durability)"
    check_equal "round $round: the tracked table and its events agree" '2|t|t' "$(query "SELECT count(*), bool_and(changed IN (n, n + 1)), bool_and(changed = inserted AND changed = updated)
        FROM acknowledged, LATERAL (SELECT count(*) AS changed FROM tracked WHERE workspace_id = workspace) AS of_table, LATERAL (
          SELECT count(DISTINCT new_values->'n') FILTER (WHERE action_type = 'INSERT' AND new_values = row_of(workspace, new_values, 0)) AS inserted,
            count(DISTINCT new_values->'n') FILTER (WHERE action_type = 'UPDATE' AND old_values = row_of(workspace, new_values, 0) AND new_values = row_of(workspace, new_values, 1)) AS updated
          FROM stored WHERE workspace_id = workspace AND resource_type = 'tracked') AS of_trail WHERE kind = 'tracked'" durability)"
    check_equal "round $round: each with its content, or erased altogether" 0 "$(query "SELECT count(*) FROM acknowledged JOIN stored ON workspace_id = workspace,
          LATERAL (SELECT right(resource_id::text, 12)::bigint) AS number (n)
        WHERE action_type IN ('NOW', 'BULK', 'PAST') AND (created_by_user_id <> w(number.n % 10)
          OR action_type = 'PAST' AND created_at <> at($round, number.n)
          OR CASE WHEN deleted_at IS NULL THEN new_values IS DISTINCT FROM payload(number.n) ELSE new_values IS NOT NULL END)" durability)"
    check_equal "round $round: erasures, archive and log agree: nothing is half done" '16|0' "$(query "SELECT count(*), count(*) FILTER (WHERE logged <> counted)
        FROM acknowledged, LATERAL (
          SELECT ARRAY[coalesce(sum(event_count) FILTER (WHERE is_irrevocable), 0), coalesce(sum(event_count) FILTER (WHERE NOT is_irrevocable), 0)]
          FROM audit_deletion_log WHERE workspace_id = workspace) AS log (logged), LATERAL (
          SELECT ARRAY[count(deleted_at)::numeric, count(*) FILTER (WHERE NOT hot OR id IN (SELECT event_id FROM audit_restored_events))] FROM stored WHERE workspace_id = workspace) AS trail (counted)" durability)"
    mapfile -t entries < <(grep . "$SCRATCH/erased.$round" || true)
    erased=$((erased + ${#entries[@]}))
    check_equal "round $round: every erasure that was acknowledged is in the log, for good" 0 "$(query "SELECT count(*)
        FROM unnest('{$(IFS=,; echo "${entries[*]}")}'::uuid[]) AS entry WHERE NOT EXISTS (SELECT FROM audit_deletion_log WHERE id = entry)" durability)"
    archived=$((archived + $(awk '{n += $1} END {print n + 0}' "$SCRATCH/archived.$round")))
    check_between "round $round: what was said to be archived is; so far" "$archived" 1000000000 "$(query "SELECT sum(archived_count) FROM audit_archive_runs" durability)"
    restored=$((restored + $(awk '{n += $1} END {print n + 0}' "$SCRATCH/restored.$round")))
    check_between "round $round: what was said to be restored is; so far" "$restored" 1000000000 "$(query 'SELECT count(*) FROM audit_restored_events' durability)"
    months=$((months + $(grep -c '^audit_events' "$SCRATCH/months.$round" || true)))
    check_equal "round $round: indexes agree with the tables" 0 "$(query "SET enable_seqscan = off; SELECT count(*) FROM acknowledged, LATERAL (
        SELECT count(*) AS n FROM stored WHERE workspace_id = workspace) AS by_index, LATERAL (
        SELECT count(*) AS n FROM stored WHERE workspace_id::text = workspace::text) AS by_table WHERE by_index.n <> by_table.n" durability)"
    check_equal "round $round: no table is left that is no partition" 0 "$(query "SELECT count(*) FROM pg_class
        WHERE relkind = 'r' AND NOT relispartition AND relname ~ '^audit_(events|month)' AND relname !~ '^audit_events(_archive)?\$'" durability)"
    query 'SELECT create_past_audit_partitions(make_date(1970, 1, 1), current_date); SELECT archive_old_audit_events()' durability >/dev/null
    check_equal "round $round: the system works" '0|t|0' "$(query "SELECT (SELECT count(*) FROM audit_events_default),
        insert_audit_event('AFTER', 'thing', NULL, w(1), w(1)) IS NOT NULL, (SELECT count(*) FROM audit_health() WHERE status = 'fail')" durability)"
    check_equal "round $round: guards hold" 23001 "$(error_of durability 'DELETE FROM audit_events')"
done
# How often they got their turn depends on the machine.
least=$((rounds / 4))
check_between 'months were made' "$least" 100000000 "$months"
check_between 'erasures were acknowledged' "$least" 100000000 "$erased"
check_between 'events were said to be archived' "$least" 100000000 "$archived"
check_between 'events were said to be restored' "$least" 100000000 "$restored"
check_equal 'nothing failed but by the crash' '' "$(grep ERROR "$SCRATCH/errors" | head -n 3 || true)"
echo "# $rounds rounds, $(query "SELECT count(*) FROM stored" durability) events stored at their end"
