#!/usr/bin/env bash
# get_audit_trail() of nodes that act as one: complete, without doubles, in order, under load; with the rights and filters of each node; never a part. What each function makes of
# odd arguments on such a cluster.
. "$(dirname "$0")/../lib/citus.sh"
. "$(dirname "$0")/../lib/report.sh"

citus_start
citus_trail
on "$COORDINATOR" 'CREATE ROLE auditor LOGIN; CREATE ROLE stranger LOGIN; CREATE ROLE gate LOGIN; SELECT audit_cluster_enable()' >/dev/null
on "$COORDINATOR" "SELECT audit_grant('auditor', 'reader'), audit_grant('gate', 'reader'), audit_grant('gate', 'gateway')" >/dev/null

# Odd values, which come through another node as they are.
for node in "${NODES[@]}"; do
    on "$node" "INSERT INTO audit_events (created_at, action_type, resource_type, resource_id, workspace_id, created_by_user_id, old_values, new_values, ip_address, user_agent, request_id, tags, metadata)
        SELECT now() - n * interval '7 hours', 'ACT', E'thing \"\\\\\\t' || n % 3, CASE n % 2 WHEN 0 THEN w(n % 5) END, w(1), w(n % 4), '{\"a\": 1.50, \"b\": [null, \"x\"]}', '{\"a\": 12345678901234567890.123456789, \"ü\": \"\\\\u0001\"}', '2001:db8::/48', 'agent', 'request ' || n, ARRAY['a', 'b,c'], '{}'
        FROM generate_series(300, 1, -1) AS n"
    on "$node" "SELECT create_past_audit_partitions(make_date(1970, 1, 1), current_date), archive_old_audit_events() \g /dev/null"
done
all="SELECT md5(string_agg(t::text, E'\n' ORDER BY created_at DESC, id DESC)) FROM"
for node in "${NODES[@]}"; do on "$node" "COPY (SELECT * FROM get_audit_trail_here(w(1), p_days_back => 3650, p_limit => 10000)) TO STDOUT"; done >"$SCRATCH/all"
on "$COORDINATOR" "CREATE TABLE whole AS SELECT * FROM get_audit_trail_here(w(1)) WHERE false"
"$PGBIN/psql" -qX -h "$COORDINATOR" -U postgres -d "$CITUS_DATABASE" -c 'COPY whole FROM STDIN' <"$SCRATCH/all"
check_equal 'events of all nodes' 900 "$(on "$COORDINATOR" 'SELECT count(*) FROM whole')"
whole=$(on "$COORDINATOR" "$all whole AS t")
for node in "${NODES[@]}"; do check_equal 'each node gives the whole trail, byte for byte' "$whole" "$(on "$node" "$all get_audit_trail(w(1), p_days_back => 3650, p_limit => 10000) AS t")"; done
check_equal 'in the order of the trail' t "$(on "$WORKER1" "SELECT bool_and(id = lag OR lag IS NULL OR (created_at, id) < (at, lag)) FROM (SELECT created_at, id, lag(id) OVER () AS lag, lag(created_at) OVER () AS at FROM get_audit_trail(w(1), p_days_back => 3650, p_limit => 10000)) AS t")"
check_equal 'one node is read by another function' 300 "$(on "$WORKER1" 'SELECT count(*) FROM get_audit_trail_here(w(1), p_days_back => 3650, p_limit => 10000)')"
for filter in "p_resource_type => E'thing \"\\\\\\t1'" 'p_resource_id => w(2)' "p_resource_type => E'thing \"\\\\\\t0', p_resource_id => w(4)" 'p_days_back => 20'; do
    check_equal "filtered: $filter" "$(for node in "${NODES[@]}"; do on "$node" "SELECT id FROM get_audit_trail_here(w(1), $filter, p_limit => 10000)"; done | sort | cksum)" "$(on "$WORKER2" "SELECT id FROM get_audit_trail(w(1), $filter, p_limit => 10000)" | sort | cksum)"
done

# pages NODE WORKSPACE: all ids, page by page of 37.
on "$COORDINATOR" "CREATE FUNCTION pages(p_workspace uuid) RETURNS SETOF uuid LANGUAGE plpgsql AS \$\$ DECLARE last uuid; next uuid[]; BEGIN LOOP
    next := ARRAY(SELECT id FROM get_audit_trail(p_workspace, p_days_back => 3650, p_limit => 37, p_before_event_id => last));
    EXIT WHEN cardinality(next) = 0;
    RETURN QUERY SELECT unnest(next);
    last := next[cardinality(next)];
  END LOOP; END \$\$"
pages() { on "$1" "SELECT pages('$2')"; }
first=$(on "$COORDINATOR" 'SELECT w(1)')
check_equal 'page by page, over events of other nodes' "$(on "$COORDINATOR" 'SELECT id FROM whole ORDER BY created_at DESC, id DESC' | cksum)" "$(pages "$WORKER2" "$first" | cksum)"

# Under load: what was there before is read once, whatever comes in between.
for node in "${NODES[@]}"; do
    echo "SELECT insert_audit_event('LOAD', 'thing', NULL, w(1), w(1));" >"$SCRATCH/load"
    PGHOST=$node "$PGBIN/pgbench" -n -c 2 -T 8 -R 60 -f "$SCRATCH/load" -U postgres "$CITUS_DATABASE" >"$SCRATCH/load.$(basename "$node")" 2>&1 &
done
for node in "${NODES[@]}"; do
    pages "$node" "$first" >"$SCRATCH/pages"
    check_equal 'a reader page by page beside writers gives each once' 0 "$(sort "$SCRATCH/pages" | uniq -d | wc -l)"
    on "$COORDINATOR" 'SELECT id FROM whole' | sort >"$SCRATCH/before"
    check_equal '... and all that was there' 0 "$(sort "$SCRATCH/pages" | comm -13 - "$SCRATCH/before" | wc -l)"
done
wait
check_equal 'writers were refused nothing' 0 "$(grep -c ERROR "$SCRATCH"/load.c.* | awk -F: '{ sum += $2 } END { print sum }')"
recorded=$(sed -n 's/^number of transactions actually processed: \([0-9]*\).*/\1/p' "$SCRATCH"/load.c.* | awk '{ sum += $1 } END { print sum }')
check_equal 'all that they recorded is in the trail' "$recorded" "$(pages "$WORKER1" "$first" | wc -l | awk '{ print $1 - 900 }')"

# A transaction's own events are seen, those of others when they are committed.
check_equal 'own events' 1 "$(on "$WORKER1" "BEGIN; SELECT insert_audit_event('OWN', 'own', NULL, w(2), w(2)) \g /dev/null
SELECT count(*) FROM get_audit_trail(w(2)); ROLLBACK")"
check_equal 'in a transaction that reads only, as a gateway has' 1 "$(on "$WORKER1" "SELECT insert_audit_event('OWN', 'own', NULL, w(2), w(2)) \g /dev/null
BEGIN READ ONLY; SELECT count(*) FROM get_audit_trail(w(2)); COMMIT")"

# Rights and filters.
check_equal 'an auditor reads all nodes' 1 "$(as auditor "$COORDINATOR" 'SELECT count(*) FROM get_audit_trail(w(2))')"
check_equal 'a stranger reads none' 42501 "$(code_as stranger "$COORDINATOR" 'SELECT get_audit_trail(w(2))')"
for function in "audit_cluster_page('{}')" "audit_cluster_position(w(1), w(1))" 'audit_cluster_newest()' "audit_cluster_count('{}')" 'audit_cluster_enable()'; do
    check_equal "nobody but the owner calls $function" 42501 "$(code_as auditor "$COORDINATOR" "SELECT $function")"
done
on "$COORDINATOR" 'CREATE TABLE members (workspace_id uuid, user_id uuid, PRIMARY KEY (workspace_id, user_id)); INSERT INTO members VALUES (w(2), w(2))'
on "$COORDINATOR" "SELECT create_reference_table('members')" >/dev/null 2>&1
on "$COORDINATOR" "SELECT audit_set_membership_source('members', 'workspace_id', 'user_id')" >/dev/null
claims() { echo "SET request.jwt.claims = '{\"sub\": \"$(on "$COORDINATOR" "SELECT w($1)")\"}'; SELECT count(*) FROM get_audit_trail('$(on "$COORDINATOR" "SELECT w($2)")')"; }
check_equal 'a gateway reads the workspaces of its user, on all nodes' 1 "$(as gate "$COORDINATOR" "$(claims 2 2)")"
check_equal '... and no other' 0 "$(as gate "$COORDINATOR" "$(claims 2 1)")"
check_equal '... and nothing for nobody' 42501 "$(code_as gate "$COORDINATOR" "SELECT get_audit_trail(w(2))")"

# What Citus sends to other nodes first is whatever the session has set: it must not run there as the owner.
on "$COORDINATOR" "CREATE TABLE loot (who text); SELECT create_reference_table('loot') \g /dev/null
CREATE SCHEMA evil AUTHORIZATION auditor; GRANT INSERT ON loot TO auditor"
for signature in 'assign_distributed_transaction_id(integer, integer, text)' 'lock_shard_resources(integer, bigint[])'; do
    arguments=$([ "${signature%%(*}" = lock_shard_resources ] && echo '$1, $2' || echo '$1, $2, $3::timestamptz')
    for node in "${NODES[@]}"; do
        CITUS_OPTIONS='-c citus.enable_ddl_propagation=off' on "$node" "CREATE TABLE IF NOT EXISTS evil.loot (who text); CREATE FUNCTION evil.$signature RETURNS void LANGUAGE plpgsql AS \$f\$ BEGIN INSERT INTO evil.loot VALUES (current_user); PERFORM pg_catalog.${signature%%(*}($arguments); END \$f\$" 2>/dev/null
    done
done
for options in 'SET LOCAL citus.enable_local_execution = on' 'SET LOCAL citus.enable_local_execution = off' 'SET LOCAL citus.enable_local_execution = off; SELECT count(*) FROM members'; do
    for node in "${NODES[@]}"; do
        as auditor "$node" "BEGIN; SET LOCAL citus.propagate_set_commands = 'local'; SET LOCAL search_path = evil, pg_catalog; $options; SELECT count(*) FROM public.get_audit_trail('$first'); COMMIT" >/dev/null 2>&1 || true
        as auditor "$node" "BEGIN; SET LOCAL citus.propagate_set_commands = 'local'; SET LOCAL search_path = evil, pg_catalog; $options; SELECT public.place_audit_hold('$first', 'x'); COMMIT" >/dev/null 2>&1 || true
    done
done
check_equal 'nothing that a reader set ran as the owner on another node' '0 0 0' "$(each "SELECT count(*) FROM evil.loot WHERE who <> 'auditor'")"

# Odd arguments.
while IFS='|' read -r code sql; do check_equal "$sql" "$code" "$(code_on "$WORKER1" "SELECT $sql")"; done <<SQL
22023|get_audit_trail(NULL)
22023|get_audit_trail(w(1), p_limit => 0)
22023|get_audit_trail(w(1), p_limit => NULL)
22023|get_audit_trail(w(1), p_days_back => 36501)
22023|get_audit_trail(w(1), p_before_event_id => w(77))
22023|get_audit_trail(w(1), p_before_event_id => '01900000-0000-7000-8000-000000000000')
22023|audit_cluster_retire(NULL, 'x')
22023|audit_cluster_retire(0, NULL)
22023|audit_cluster_retire(0, ' ')
P0001|audit_cluster_retire(0, 'x')
22023|audit_cluster_retire(-7, 'x')
P0001|audit_cluster_page(NULL)
P0001|audit_cluster_page('')
P0001|audit_cluster_page('[]')
P0001|audit_cluster_count(NULL)
P0001|audit_cluster_count('{"workspace_id": 7}')
none|audit_cluster_position(NULL, NULL)
none|audit_cluster_position(w(1), w(1))
none|audit_cluster_newest()
none|audit_cluster_catch_up()
22023|place_audit_hold(NULL, 'x')
22023|release_audit_hold(NULL, 'x')
22023|delete_user_audit_events_compliant(NULL, NULL, NULL, NULL)
22023|purge_expired_audit_events(NULL, 'GDPR', 'T')
22023|approve_audit_deletion(NULL, NULL)
22023|execute_audit_deletion(NULL)
22023|reject_audit_deletion(NULL, NULL)
SQL
check_equal 'no process died' '0 0 0' "$(for node in "${NODES[@]}"; do grep -c 'terminated by signal' "$node/log" || true; done | tr '\n' ' ' | sed 's/ $//')"

# Where a shard lies changes nothing; a node that is stopped makes it raise.
before=$(on "$COORDINATOR" "$all get_audit_trail(w(1), p_days_back => 3650, p_limit => 10000) AS t")
on "$COORDINATOR" "CREATE TABLE orders (workspace_id uuid PRIMARY KEY); SELECT create_distributed_table('orders', 'workspace_id') \g /dev/null
SELECT citus_move_shard_placement(shardid, nodename, nodeport, '$WORKER2', 5432, 'block_writes') FROM citus_shards WHERE table_name = 'orders'::regclass AND nodename = '$WORKER1' LIMIT 1" >/dev/null
check_equal 'a moved shard changes nothing' "$before" "$(on "$COORDINATOR" "$all get_audit_trail(w(1), p_days_back => 3650, p_limit => 10000) AS t")"
citus_sound
cluster_stop "$WORKER2"
check_equal 'a stopped node makes it raise' P0001 "$(code_on "$COORDINATOR" 'SELECT get_audit_trail(w(1))')"
check_equal '... naming the node' 1 "$(on "$COORDINATOR" 'SELECT get_audit_trail(w(1))' 2>&1 | grep -c "node .*$(basename "$WORKER2").* did not answer")"
check_equal '... one node can be read' none "$(code_on "$COORDINATOR" 'SELECT get_audit_trail_here(w(1))')"
check_equal '... health names it' 1 "$(on "$COORDINATOR" "SELECT count(*) FROM audit_cluster_health() WHERE check_name = 'cluster_node' AND status = 'fail'")"
