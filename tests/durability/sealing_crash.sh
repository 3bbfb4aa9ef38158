#!/usr/bin/env bash
# Proves that a seal is all or nothing: every process of a cluster with fsync on is killed while it is sealed and recorded; after recovery each event that
# is there is sealed once, by the seals that were committed or by the next one.
set -euo pipefail
. "$(dirname "$0")/../lib/cluster.sh"
. "$(dirname "$0")/../lib/report.sh"

cluster=$(cluster_dir) rounds=4
[ -z "${AUDIT_EXT_LONG:-}" ] || rounds=50
cluster_start "$PGVERSION" "$cluster" 'fsync = on' 'synchronous_commit = off' 'full_page_writes = on' 'max_wal_size = 64MB'
database_with_trail durability
query 'CREATE SCHEMA test' durability
"$PGBIN/psql" -X -q -d durability -f "$(dirname "$0")/../golden/seal.sql"
cat >"$SCRATCH/record.sql" <<'SQL'
\set a random(1, 300)
SELECT count(insert_audit_event('A', 'thing', NULL, w(1 + (:a + n) % 300), w(1))) FROM generate_series(1, 20) AS n;
SQL
killed=0
for ((round = 1; round <= rounds; round++)); do
    "$PGBIN/pgbench" -n -c 2 -T 60 -f "$SCRATCH/record.sql" durability >"$SCRATCH/record.$round" 2>&1 &
    writers=$!
    in_background sealing durability "CALL audit_keep_sealing('0')"
    sealer=$!
    await durability 'EXISTS (SELECT FROM audit_log_seals)'
    sleep "1.$((RANDOM % 9))"
    # Published once its transaction has ended; synchronous_commit = off does not hold for a seal.
    published=$(query 'SELECT max(seal) FROM audit_log_seals' durability)
    cluster_kill "$cluster"
    wait "$writers" "$sealer" || true
    rm -f "$cluster/data/postmaster.pid"
    cluster_start "$PGVERSION" "$cluster"
    check_between "round $round: seals that could be seen are there" "$published" 100000000 "$(query 'SELECT max(seal) FROM audit_log_seals' durability)"
    check_equal "round $round: nothing is sealed that is not there, nothing twice" '0|0' "$(query 'SELECT extra, twice FROM test.sealed' durability)"
    check_equal "round $round: trees, heads and roots are right" '0|0|0|0' "$(query 'TABLE test.tree' durability)"
    killed=$((killed + $(query 'SELECT missing FROM test.sealed' durability)))
    query 'SELECT sealed_count FROM audit_seal()' durability >/dev/null
    check_equal "round $round: the next seal takes all that is left" '0|0|0' "$(query 'TABLE test.sealed' durability)"
done
check_between 'events were not sealed yet when the server was killed' 1 100000000 "$killed"
