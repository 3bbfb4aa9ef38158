#!/usr/bin/env bash
# Writers through the coordinator and the workers, with rollbacks and statements over all shards, while shards are moved and rebalanced: the events of all nodes together are
# what the rows say.
. "$(dirname "$0")/../lib/citus.sh"
. "$(dirname "$0")/../lib/report.sh"

seconds=12
[ -z "${AUDIT_EXT_LONG:-}" ] || seconds=120
citus_start
citus_trail
on "$COORDINATOR" "CREATE TABLE orders (workspace_id uuid, id uuid DEFAULT gen_random_uuid(), n int DEFAULT 0, note text, PRIMARY KEY (workspace_id, id));
    SELECT create_distributed_table('orders', 'workspace_id'), audit_track_table('orders', 'workspace_id')" >/dev/null

cat >"$SCRATCH/insert" <<'SQL'
\set w random(1, 40)
INSERT INTO orders (workspace_id) SELECT w(:w) FROM generate_series(1, 3);
SQL
cat >"$SCRATCH/update" <<'SQL'
\set w random(1, 40)
\set note random(1, 1000000)
UPDATE orders SET n = n + 1, note = ':note' WHERE workspace_id = w(:w) AND id IN (SELECT id FROM orders WHERE workspace_id = w(:w) ORDER BY n, id LIMIT 5);
SQL
cat >"$SCRATCH/delete" <<'SQL'
\set w random(1, 40)
DELETE FROM orders WHERE workspace_id = w(:w) AND id IN (SELECT id FROM orders WHERE workspace_id = w(:w) ORDER BY id LIMIT 1);
SQL
cat >"$SCRATCH/rollback" <<'SQL'
\set w random(1, 40)
BEGIN;
INSERT INTO orders (workspace_id) VALUES (w(:w)), (w(:w + 1));
UPDATE orders SET n = n + 100 WHERE workspace_id = w(:w);
ROLLBACK;
SQL
cat >"$SCRATCH/two" <<'SQL'
\set w random(1, 40)
BEGIN;
INSERT INTO orders (workspace_id) VALUES (w(:w)), (w(41 - :w));
SAVEPOINT s;
DELETE FROM orders WHERE workspace_id = w(:w);
ROLLBACK TO s;
COMMIT;
SQL
scripts=()
for script in insert@6 update@6 delete@2 rollback@2 two@2; do scripts+=(-f "$SCRATCH/$script"); done
writers=()
for node in "${NODES[@]}"; do
    PGHOST=$node "$PGBIN/pgbench" -n -c 2 -T "$seconds" --max-tries=20 "${scripts[@]}" -U postgres "$CITUS_DATABASE" >"$SCRATCH/$(basename "$node").log" 2>&1 &
    writers+=($!)
done
moves=0
citus_join "$SPARE"
NODES+=("$SPARE")
while kill -0 "${writers[0]}" 2>/dev/null; do
    on "$COORDINATOR" "SELECT citus_move_shard_placement(shardid, nodename, nodeport, (SELECT nodename FROM pg_dist_node WHERE shouldhaveshards AND nodename <> shard.nodename ORDER BY random() LIMIT 1), 5432, '$([ $((moves % 2)) = 0 ] && echo force_logical || echo block_writes)')
        FROM citus_shards AS shard WHERE table_name = 'orders'::regclass ORDER BY random() LIMIT 1" >/dev/null 2>>"$SCRATCH/moves" && moves=$((moves + 1))
done
on "$COORDINATOR" 'SELECT rebalance_table_shards()' >/dev/null 2>&1
for writer in "${writers[@]}"; do wait "$writer" || true; done
check_between 'shards were moved meanwhile' 2 100000 "$moves"

# All events, brought together.
on "$COORDINATOR" 'CREATE TABLE told (at timestamptz, id uuid, action text, workspace uuid, old jsonb, new jsonb)'
for node in "${NODES[@]}"; do
    on "$node" "COPY (SELECT created_at, id, action_type, workspace_id, old_values, new_values FROM audit_events WHERE resource_type = 'orders') TO STDOUT" >"$SCRATCH/$(basename "$node").events"
    "$PGBIN/psql" -qX -h "$COORDINATOR" -U postgres -d "$CITUS_DATABASE" -c 'COPY told FROM STDIN' <"$SCRATCH/$(basename "$node").events"
    check_between "events of $(basename "$node")" 0 10000000 "$(wc -l <"$SCRATCH/$(basename "$node").events")"
done
on "$COORDINATOR" "CREATE TABLE here AS SELECT * FROM orders; CREATE TABLE replayed AS
    SELECT coalesce(new, old) ->> 'id' AS id, count(*) FILTER (WHERE action = 'INSERT') AS inserted, count(*) FILTER (WHERE action = 'UPDATE') AS updated,
           count(*) FILTER (WHERE action = 'DELETE') AS deleted, (array_agg(new ->> 'note' ORDER BY (new ->> 'n')::int DESC NULLS LAST) FILTER (WHERE action = 'UPDATE'))[1] AS note
    FROM told GROUP BY 1"
check_between 'rows at the end' 50 10000000 "$(on "$COORDINATOR" 'SELECT count(*) FROM here')"
check_equal 'each row was told once as inserted' 0 "$(on "$COORDINATOR" 'SELECT count(*) FROM replayed WHERE inserted <> 1 OR deleted > 1')"
check_equal 'the rows are those inserted and not deleted' 0 "$(on "$COORDINATOR" 'SELECT count(*) FROM here FULL JOIN (SELECT * FROM replayed WHERE deleted = 0) AS replayed ON replayed.id = here.id::text WHERE here.id IS NULL OR replayed.id IS NULL')"
check_equal 'each was told as updated as often as it was' 0 "$(on "$COORDINATOR" 'SELECT count(*) FROM here JOIN replayed ON replayed.id = here.id::text WHERE replayed.updated <> here.n')"
check_equal 'the last one tells what it has' 0 "$(on "$COORDINATOR" 'SELECT count(*) FROM here JOIN replayed ON replayed.id = here.id::text WHERE replayed.note IS DISTINCT FROM here.note')"
check_equal 'events have ids of their own' 0 "$(on "$COORDINATOR" 'SELECT count(*) - count(DISTINCT id) FROM told')"
check_equal 'each node has the triggers it ought to have' '0 0 0 0' "$(each "SELECT count(*) FROM audit_health() WHERE check_name = 'tracked_tables' AND status <> 'ok'")"
check_equal 'no transaction is left prepared' '0 0 0 0' "$(each 'SELECT count(*) FROM pg_prepared_xacts')"
