#!/usr/bin/env bash
# Tracked tables that Citus distributes: a change is one event, on the node where the row is; triggers are the same whenever a table was distributed, and stay through all that
# Citus does to tables and nodes.
. "$(dirname "$0")/../lib/citus.sh"
. "$(dirname "$0")/../lib/report.sh"

citus_start
citus_trail

# events TABLE [NODE…]: what is told of a table, all nodes together.
events() {
    local node
    for node in "${NODES[@]}"; do
        on "$node" "SELECT action_type, count(*) FROM audit_events WHERE resource_type = '$1' GROUP BY 1"
    done | awk -F '|' '{ told[$1] += $2 } END { for (action in told) print action "=" told[action] }' | sort | tr '\n' ' '
}

# triggers TABLE: those in force on it, and how many shards on all nodes have theirs.
triggers() {
    local all="t.tgname ~ '^audit_capture' AND t.tgenabled = 'A'"
    on "$COORDINATOR" "SELECT string_agg(tgname, ' ' ORDER BY tgname) FROM pg_trigger AS t WHERE tgrelid = '$1'::regclass AND $all"
    sum "SELECT count(*) FROM pg_trigger AS t WHERE $all AND tgtype & 32 = 0 AND relation_is_a_known_shard(tgrelid) AND tgrelid::regclass::text ~ '^$1_[0-9]+\$'"
}

captured() { each "SELECT count(*) FROM audit_health() WHERE check_name = 'tracked_tables' AND status <> 'ok'"; }

on "$COORDINATOR" "CREATE TABLE orders (workspace_id uuid, id bigint, n int DEFAULT 0, PRIMARY KEY (workspace_id, id)); CREATE TABLE colors (id int PRIMARY KEY, name text);
    CREATE TABLE early (workspace_id uuid, id bigint, n int DEFAULT 0, PRIMARY KEY (workspace_id, id)); SELECT create_distributed_table('orders', 'workspace_id'), create_reference_table('colors')" >/dev/null
check_equal 'a worker does not track a distributed table' 0A000 "$(code_on "$WORKER1" "SELECT audit_track_table('orders', 'workspace_id')")"
check_equal '... nor a reference table' 0A000 "$(code_on "$WORKER1" "SELECT audit_track_table('colors', NULL)")"
check_equal '... nor does anybody a shard' 0A000 "$(code_on "$WORKER1" "SELECT audit_track_table(format('orders_%s', min(shardid))::regclass, 'workspace_id') FROM pg_dist_shard JOIN pg_dist_placement USING (shardid) WHERE logicalrelid = 'orders'::regclass AND groupid = (SELECT groupid FROM pg_dist_local_group)")"
on "$COORDINATOR" "SELECT audit_track_table('orders', 'workspace_id'), audit_track_table('colors', NULL), audit_track_table('early', 'workspace_id')" >/dev/null
on "$COORDINATOR" "SELECT create_distributed_table('early', 'workspace_id')" >/dev/null
expected='audit_capture_delete audit_capture_insert audit_capture_truncate audit_capture_update'$'\n'24
check_equal 'tracked after it was distributed: triggers on the table and on 8 shards' "$expected" "$(triggers orders)"
check_equal 'tracked before: the same' "$expected" "$(triggers early)"
check_equal 'a reference table: on each copy' "${expected/24/9}" "$(triggers colors)"
check_equal 'each node finds the triggers it ought to have' '0 0 0' "$(captured)"
on "$COORDINATOR" "SELECT audit_untrack_table('early')" >/dev/null
check_equal 'untracked: none is left' $'\n0' "$(triggers early)"

on "$COORDINATOR" "INSERT INTO orders SELECT w(n % 20), n FROM generate_series(1, 100) AS n; INSERT INTO colors VALUES (1, 'red'), (2, 'blue')"
on "$WORKER1" "INSERT INTO orders SELECT w(n % 20), n FROM generate_series(101, 110) AS n; UPDATE colors SET name = 'green' WHERE id = 2; UPDATE orders SET n = n + 1 WHERE workspace_id = w(3)"
check_equal 'rows of shards, told once' 'INSERT=110 UPDATE=6 ' "$(events orders)"
check_equal 'rows of a reference table, told once' 'INSERT=2 UPDATE=1 ' "$(events colors)"
check_equal '... by the coordinator, which has the least group' '3 0 0' "$(each "SELECT count(*) FROM audit_events WHERE resource_type = 'colors'")"
on "$COORDINATOR" "BEGIN; UPDATE orders SET n = n + 1; DELETE FROM colors; ROLLBACK"
on "$WORKER2" "BEGIN; DELETE FROM orders; ROLLBACK"
check_equal 'what is rolled back is told nowhere' 'INSERT=110 UPDATE=6 INSERT=2 UPDATE=1 ' "$(events orders)$(events colors)"
"$PGBIN/psql" -qX -h "$WORKER2" -U postgres -d "$CITUS_DATABASE" -c 'COPY orders (workspace_id, id) FROM STDIN' < <(for n in {200..249}; do printf '00000000-0000-4000-8000-%012d\t%d\n' "$n" "$n"; done)
check_equal 'COPY through a worker' 'INSERT=160 UPDATE=6 ' "$(events orders)"
on "$COORDINATOR" "DELETE FROM orders WHERE id > 200"
on "$COORDINATOR" 'TRUNCATE orders'
on "$WORKER1" 'TRUNCATE orders; TRUNCATE colors'
check_equal 'a TRUNCATE is one event, from the coordinator and from a worker' 'DELETE=49 INSERT=160 TRUNCATE=2 UPDATE=6 INSERT=2 TRUNCATE=1 UPDATE=1 ' "$(events orders)$(events colors)"
check_equal 'the workspace is that of the row' t "$(sum "SELECT count(*) FROM audit_events WHERE resource_type = 'orders' AND action_type = 'INSERT' AND workspace_id::text <> new_values ->> 'workspace_id'" | sed 's/^0$/t/')"
check_equal 'a user of the request reaches other nodes' "$(for n in 1 2 3; do echo w; done | wc -l)" "$(on "$COORDINATOR" "BEGIN; SET LOCAL citus.propagate_set_commands = 'local'; SET LOCAL \"request.jwt.claims\" = '{\"sub\": \"00000000-0000-4000-8000-000000000077\"}'; INSERT INTO orders VALUES (w(1), 901), (w(2), 902), (w(3), 903); COMMIT"
    sum "SELECT count(*) FROM audit_events WHERE resource_type = 'orders' AND created_by_user_id = w(77)")"

# What Citus does to tables: it loses no trigger, and neither loses nor invents events.
told="$(events orders)$(events colors)"
on "$COORDINATOR" "SELECT citus_move_shard_placement(shardid, nodename, nodeport, '$WORKER2', 5432, 'block_writes') FROM citus_shards WHERE table_name = 'orders'::regclass AND nodename = '$WORKER1' ORDER BY shardid LIMIT 1" >/dev/null
on "$COORDINATOR" "SELECT citus_move_shard_placement(shardid, nodename, nodeport, '$WORKER1', 5432, 'force_logical') FROM citus_shards WHERE table_name = 'orders'::regclass AND nodename = '$WORKER2' ORDER BY shardid LIMIT 1" >/dev/null
cleaned() { on "$COORDINATOR" 'CALL citus_cleanup_orphaned_resources()'; }
cleaned
check_equal 'moves of shards, both modes: the triggers' "$expected" "$(triggers orders)"
citus_join "$SPARE"
NODES+=("$SPARE")
on "$COORDINATOR" 'SELECT rebalance_table_shards()' >/dev/null 2>&1
cleaned
check_equal 'a node that joins, and a rebalance: the triggers' "$expected" "$(triggers orders)"
check_equal '... and those of the reference table, on one more' "${expected/24/12}" "$(triggers colors)"
check_equal 'the joined node has shards' t "$(on "$COORDINATOR" "SELECT count(*) > 0 FROM citus_shards WHERE nodename = '$SPARE'")"
on "$COORDINATOR" "SELECT alter_distributed_table('orders', shard_count := 4, cascade_to_colocated := false)" >/dev/null
check_equal 'alter_distributed_table: the triggers, on 4 shards' "${expected/24/12}" "$(triggers orders)"
on "$COORDINATOR" 'ALTER TABLE orders ADD COLUMN note text'
on "$COORDINATOR" 'ALTER TABLE orders RENAME TO orders_2'
on "$COORDINATOR" 'ALTER TABLE orders_2 RENAME TO orders'
check_equal 'ALTER TABLE: the triggers' "${expected/24/12}" "$(triggers orders)"
on "$COORDINATOR" "SELECT undistribute_table('orders')" >/dev/null
check_equal 'undistribute_table: the triggers' "${expected/24/0}" "$(triggers orders)"
check_equal 'none of it lost or invented an event' "$told" "$(events orders)$(events colors)"
check_equal 'all is captured, on each node' '0 0 0 0' "$(captured)"
check_equal 'the tracking is the same' 1 "$(on "$COORDINATOR" "SELECT count(*) FROM audit_tracking WHERE table_name = 'orders'")"
on "$COORDINATOR" "SELECT create_distributed_table('orders', 'workspace_id')" >/dev/null

# Another trigger of the application changes how a table has to be captured.
on "$COORDINATOR" "CREATE FUNCTION noop() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'"
on "$COORDINATOR" 'CREATE TRIGGER app AFTER INSERT ON orders FOR EACH ROW EXECUTE FUNCTION noop()'
check_equal 'its shape is followed on all shards' 'audit_capture_early_delete audit_capture_early_insert audit_capture_early_update audit_capture_truncate'$'\n'24 "$(triggers orders)"
check_equal 'all is captured, on each node, still' '0 0 0 0' "$(captured)"

# A trigger that somebody takes from a shard.
on "$WORKER1" "SET citus.enable_manual_changes_to_shards = on; SELECT format('ALTER TABLE %s DISABLE TRIGGER %I', tgrelid::regclass, tgname) FROM pg_trigger WHERE tgname ~ '^audit_capture_early_update_[0-9]' LIMIT 1 \gexec"
check_equal 'the node that lacks a trigger says so' '0 1 0 0' "$(captured)"
on "$COORDINATOR" 'SELECT audit_setup()' >/dev/null
check_equal 'audit_setup() on the coordinator puts it back' '0 0 0 0' "$(captured)"

# Partitioned tables.
on "$COORDINATOR" "CREATE TABLE parted (id int, at date, workspace_id uuid) PARTITION BY RANGE (at); CREATE TABLE parted_1 PARTITION OF parted FOR VALUES FROM ('2026-01-01') TO ('2026-02-01')"
on "$COORDINATOR" "SELECT create_distributed_table('parted', 'id'); SELECT audit_track_table('parted', 'workspace_id')" >/dev/null
on "$COORDINATOR" "CREATE TABLE parted_2 PARTITION OF parted FOR VALUES FROM ('2026-02-01') TO ('2026-03-01')"
on "$WORKER1" "INSERT INTO parted SELECT n, '2026-01-20'::date + n, w(1) FROM generate_series(1, 30) AS n; UPDATE parted SET at = at - 10 WHERE at BETWEEN '2026-02-01' AND '2026-02-05'; TRUNCATE parted_1"
check_equal 'partitions, one made later, and a row that moves from one to another' 'DELETE=5 INSERT=35 TRUNCATE=1 ' "$(events parted)"
check_equal 'all partitions are captured' '0 0 0 0' "$(captured)"
for node in "${NODES[@]}"; do
    check_equal 'the trail of a node is sound' 0 "$(on "$node" 'SELECT FROM audit_seal() \g /dev/null
SELECT count(*) FROM audit_verify() WHERE severity = '"'critical'")"
done
