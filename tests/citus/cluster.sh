#!/usr/bin/env bash
# Nodes that act as one: what concerns all of them is done on every node, from whichever it is asked, with the same ids, times and persons; what a node missed it does first.
. "$(dirname "$0")/../lib/citus.sh"
. "$(dirname "$0")/../lib/report.sh"

citus_start
check_equal 'a database without Citus' 0A000 "$("$PGBIN/createdb" -h "$SPARE" plain && PGHOST=$SPARE query 'CREATE EXTENSION audit_ext' plain && PGHOST=$SPARE error_of plain 'SELECT audit_cluster_enable()')"
"$PGBIN/dropdb" -h "$SPARE" plain
citus_trail

# Enabling.
check_equal 'a worker does not enable' 0A000 "$(code_on "$WORKER1" 'SELECT audit_cluster_enable()')"
for function in 'audit_cluster_health()' 'audit_cluster_catch_up()' "audit_cluster_retire(1, 'kept elsewhere')"; do
    check_equal "nothing to ask before: $function" 0A000 "$(code_on "$COORDINATOR" "SELECT $function")"
done
while IFS='|' read -r what make undo; do
    on "$WORKER1" "$make" >/dev/null
    check_equal "other $what are refused" "node $(basename "$WORKER1") has other $what" \
        "$(on "$COORDINATOR" 'SELECT audit_cluster_enable()' 2>&1 | sed -n "s#.*node .*/\(c\.[^:]*\):.* has other \(.*\) than.*#node \1 has other \2#p")"
    on "$WORKER1" "$undo" >/dev/null
done <<SQL
retention policies|INSERT INTO audit_retention_policies (workspace_id, hot_retention_days) VALUES (w(9), 10)|UPDATE audit_retention_policies SET hot_retention_days = 90 WHERE workspace_id = w(9)
legal holds|SELECT place_audit_hold(w(9), 'old')|SELECT release_audit_hold(id, 'over') FROM audit_legal_holds WHERE released_at IS NULL
access levels|SELECT audit_grant('postgres', 'reader')|SELECT audit_revoke('postgres', 'reader')
SQL
on "$COORDINATOR" "CREATE ROLE alice LOGIN; CREATE ROLE bob LOGIN; CREATE ROLE auditor LOGIN; CREATE ROLE gate LOGIN; CREATE ROLE officer LOGIN; GRANT postgres TO alice, bob"
check_equal 'audit_cluster_enable()' none "$(code_on "$COORDINATOR" 'SELECT audit_cluster_enable()')"
check_equal '... again does nothing' none "$(code_on "$COORDINATOR" 'SELECT audit_cluster_enable()')"
check_equal 'it is one row of the log on each node' '1 1 1' "$(each 'SELECT count(*) FROM audit_cluster_log')"
check_equal '... and one event' 1 "$(sum "SELECT count(*) FROM audit_events WHERE action_type = 'AUDIT_CLUSTER_ENABLED'")"
check_equal 'the nodes are registered' '3 3 3' "$(each 'SELECT count(DISTINCT system_identifier) FROM audit_cluster_nodes')"
while IFS='|' read -r code sql; do check_equal "$sql" "$code" "$(code_on "$COORDINATOR" "$sql")"; done <<SQL
23001|UPDATE audit_cluster_log SET verb = 'x'
23001|DELETE FROM audit_cluster_log
23001|TRUNCATE audit_cluster_log
23001|DELETE FROM audit_cluster_nodes
23001|INSERT INTO audit_cluster_applied (ordinal, log_id) VALUES (77, w(1))
23001|DROP TABLE audit_cluster_log
23001|DROP TABLE audit_cluster_nodes
23001|ALTER TABLE audit_cluster_log DISABLE TRIGGER ALL
P0001|INSERT INTO audit_cluster_log SELECT w(1), 99, 'nonsense', '{}', NULL, NULL, 'a', 'b', 0, now()
SQL

# Configuration, from each node.
same() { [ "$(tr ' ' '\n' <<<"$2" | sort -u | wc -l)" = 1 ] && ok "$1" || not_ok "$1" "$2"; }
on "$WORKER1" "SELECT audit_grant('alice', 'compliance'), audit_grant('bob', 'compliance'), audit_grant('auditor', 'reader')" >/dev/null
check_equal 'levels given on a worker are in force on all' 'ttt ttt ttt' "$(each "SELECT string_agg(has_function_privilege(r, f::regproc, 'EXECUTE')::text::char(1), '') FROM (VALUES ('alice', 'place_audit_hold'), ('bob', 'place_audit_hold'), ('auditor', 'get_audit_trail')) AS t (r, f)")"
on "$WORKER2" "INSERT INTO audit_retention_policies (workspace_id, hot_retention_days, warm_archive_days) VALUES (w(1), 30, 60)"
on "$COORDINATOR" "UPDATE audit_retention_policies SET requires_approval = true, warm_archive_days = 50 WHERE workspace_id = w(1)"
same 'a policy is the same row on all nodes, what it protects still too' "$(each "SELECT md5(p::text) FROM audit_retention_policies AS p WHERE workspace_id = w(1) AND protected_until IS NOT NULL")"
on "$WORKER1" "INSERT INTO audit_events (action_type, resource_type, workspace_id, created_by_user_id) VALUES ('A', 'b', w(50), w(50))"
check_equal 'the policy of a first event stays where it was recorded' '0 1 0' "$(each "SELECT count(*) FROM audit_retention_policies WHERE workspace_id = w(50)")"
hold=$(as alice "$WORKER2" "SELECT place_audit_hold('00000000-0000-4000-8000-000000000002', 'case 1')")
on "$COORDINATOR" "SELECT audit_grant('officer', 'compliance')" >/dev/null
for sql in "SELECT place_audit_hold('00000000-0000-4000-8000-000000000002', 'case')" "SELECT delete_user_audit_events_compliant('00000000-0000-4000-8000-000000000007', '00000000-0000-4000-8000-000000000050', 'GDPR', 'T-1')" \
    "INSERT INTO audit_retention_policies (workspace_id, hot_retention_days) VALUES ('00000000-0000-4000-8000-000000000051', 3)"; do
    check_equal 'an officer whom the owner does not trust with other nodes is refused' 42501 "$(code_as officer "$WORKER2" "$sql")"
done
same 'a hold' "$(each "SELECT md5(h::text) FROM audit_legal_holds AS h WHERE id = '$hold'")"
check_equal '... is told by one event' 1 "$(sum "SELECT count(*) FROM audit_events WHERE action_type = 'AUDIT_HOLD_PLACED' AND workspace_id = w(2)")"
check_equal '... and refuses on every node, with its own SQLSTATE' '23001 23001 23001' "$(for node in "${NODES[@]}"; do code_as bob "$node" "SELECT delete_user_audit_events_compliant('00000000-0000-4000-8000-000000000007', '00000000-0000-4000-8000-000000000002', 'GDPR', 'T-1')"; done | tr '\n' ' ' | sed 's/ $//')"
as bob "$COORDINATOR" "SELECT release_audit_hold('$hold', 'over')" >/dev/null
same 'its release' "$(each "SELECT md5(h::text) FROM audit_legal_holds AS h WHERE id = '$hold' AND released_at IS NOT NULL")"
on "$WORKER1" "INSERT INTO audit_event_sequence (workspace_id, last_event_id, last_created_at) VALUES (w(3), w(3), '2026-01-01Z')"
check_equal 'a floor refuses earlier times on all nodes' '23514 23514 23514' "$(for node in "${NODES[@]}"; do code_on "$node" "INSERT INTO audit_events (action_type, resource_type, workspace_id, created_by_user_id, created_at) VALUES ('A', 'b', w(3), w(3), '2025-12-31Z')"; done | tr '\n' ' ' | sed 's/ $//')"
on "$COORDINATOR" 'CREATE TABLE members (workspace_id uuid, user_id uuid, PRIMARY KEY (workspace_id, user_id)); INSERT INTO members VALUES (w(1), w(1)), (w(2), w(7)), (w(7), w(7))'
check_equal 'a membership source that is on one node alone' 42P01 "$(code_on "$COORDINATOR" "SELECT audit_set_membership_source('members', 'workspace_id', 'user_id')")"
check_equal '... is named on none' '0 0 0' "$(each 'SELECT count(table_name) FROM audit_membership_source')"
on "$COORDINATOR" "SELECT create_reference_table('members')" >/dev/null 2>&1
on "$WORKER1" "SELECT audit_set_membership_source('members', 'workspace_id', 'user_id')" >/dev/null
check_equal 'a source is asked on all nodes' '23514 23514 23514' "$(for node in "${NODES[@]}"; do code_on "$node" "SELECT insert_audit_event('A', 'b', NULL, w(1), w(8))"; done | tr '\n' ' ' | sed 's/ $//')"

# Erasure. The person has events on all nodes, hot and archived.
for node in "${NODES[@]}"; do
    on "$node" "INSERT INTO audit_events (action_type, resource_type, workspace_id, created_by_user_id, new_values, created_at) SELECT 'OLD', 'thing', w(7), w(7), '{\"name\": \"Grace\"}', now() - n * interval '9 days' FROM generate_series(20, 1, -1) AS n;
        SELECT insert_audit_event('NEW', 'thing', NULL, w(7), w(7), p_new_values => '{\"name\": \"Grace\"}') \g /dev/null
        SELECT create_past_audit_partitions(make_date(1970, 1, 1), current_date), archive_old_audit_events() \g /dev/null"
done
check_equal 'events in both tables of all nodes' 'tt tt tt' "$(each "SELECT (SELECT count(*) > 5 FROM audit_events WHERE workspace_id = w(7) AND action_type = 'OLD')::text::char || (SELECT count(*) > 5 FROM audit_events_archive WHERE workspace_id = w(7))::text::char")"
erased=$(as bob "$WORKER2" "SELECT deleted_count, deletion_log_id FROM delete_user_audit_events_compliant('00000000-0000-4000-8000-000000000007', '00000000-0000-4000-8000-000000000007', 'GDPR', 'T-7')")
check_equal 'the count is the sum' 63 "${erased%|*}"
check_equal 'nothing of the person is left on any node' 0 "$(sum "SELECT (SELECT count(*) FROM audit_events WHERE workspace_id = w(7) AND new_values::text ~ 'Grace') + (SELECT count(*) FROM audit_events_archive WHERE new_values::text ~ 'Grace')")"
check_equal 'each node has an entry of its own, in the same name' 'bob 21 bob 21 bob 21' "$(each "SELECT deleted_by_role || ' ' || event_count FROM audit_deletion_log WHERE approval_ticket_id = 'T-7'")"
check_equal '... with its event' '1 1 1' "$(each "SELECT count(*) FROM audit_events WHERE action_type = 'AUDIT_EVENTS_ERASED' AND workspace_id = w(7)")"
check_equal 'the certificate of the node that was asked names all' '3 63' "$(as bob "$WORKER2" "SELECT jsonb_array_length(c -> 'nodes') || ' ' || (SELECT sum((n ->> 'event_count')::int) FROM jsonb_array_elements(c -> 'nodes') AS n) FROM audit_deletion_certificate('${erased#*|}') AS c")"

# A role that is gone, and was given a level: each node finds that out for itself, and nothing stands still.
on "$COORDINATOR" "CREATE ROLE passing LOGIN; SELECT audit_grant('passing', 'monitor')" >/dev/null
on "$COORDINATOR" 'DROP OWNED BY passing; DROP ROLE passing'
check_equal 'after a role with a level was dropped' none "$(code_on "$WORKER1" "SELECT audit_grant('auditor', 'monitor')")"
check_equal 'a read in a transaction that did something on all nodes' 1 "$(on "$WORKER1" "BEGIN; SELECT place_audit_hold(w(61), 'x') \g /dev/null
SELECT count(*) FROM get_audit_trail(w(61)); ROLLBACK")"

# Four eyes, over nodes.
for node in "${NODES[@]}"; do on "$node" "SELECT insert_audit_event('NEW', 'thing', NULL, w(1), w(1)) \g /dev/null"; done
check_equal 'without a request it is refused' 23001 "$(code_as bob "$WORKER1" "SELECT delete_user_audit_events_compliant('00000000-0000-4000-8000-000000000001', '00000000-0000-4000-8000-000000000001', 'GDPR', 'T-1')")"
request=$(as alice "$WORKER1" "SELECT request_audit_deletion('00000000-0000-4000-8000-000000000001', '00000000-0000-4000-8000-000000000001', 'GDPR')")
check_equal 'whoever asked on one node does not approve on another' '42501 42501 42501' "$(for node in "${NODES[@]}"; do code_as alice "$node" "SELECT approve_audit_deletion('$request', 'T-1')"; done | tr '\n' ' ' | sed 's/ $//')"
check_equal 'somebody else does, on another node' 3 "$(as bob "$WORKER2" "SELECT deleted_count FROM approve_audit_deletion('$request', 'T-1')")"
check_equal 'the request is executed on all' 'executed executed executed' "$(each "SELECT state FROM audit_deletion_requests WHERE id = '$request'")"
request=$(as alice "$WORKER1" "SELECT request_audit_deletion('00000000-0000-4000-8000-000000000001', '00000000-0000-4000-8000-000000000001', 'GDPR')")
as bob "$COORDINATOR" "SELECT reject_audit_deletion('$request', 'no')" >/dev/null
check_equal 'a rejected one is rejected on all' 'rejected rejected rejected' "$(each "SELECT state FROM audit_deletion_requests WHERE id = '$request'")"

# Purge.
for node in "${NODES[@]}"; do
    on "$node" "INSERT INTO audit_events (action_type, resource_type, workspace_id, created_by_user_id, created_at) SELECT 'OLD', 'thing', w(2), w(7), now() - n * interval '100 days' FROM generate_series(8, 1, -1) AS n;
        SELECT create_past_audit_partitions(make_date(1970, 1, 1), current_date), archive_old_audit_events() \g /dev/null"
done
check_equal 'a purge is of all nodes' 15 "$(as bob "$COORDINATOR" "SELECT deleted_count FROM purge_expired_audit_events('00000000-0000-4000-8000-000000000002', 'GDPR', 'T-2')")"
check_equal '... and each keeps what is not past its period' '3 3 3' "$(each "SELECT count(*) FROM audit_events_archive WHERE workspace_id = w(2)")"

# A node that joins, and one that was restored from before an erasure.
hold=$(as alice "$COORDINATOR" "SELECT place_audit_hold('00000000-0000-4000-8000-000000000002', 'case 2')")
citus_join "$SPARE"
NODES+=("$SPARE")
check_equal 'health fails while a node that joined has not caught up' t "$(on "$COORDINATOR" "SELECT count(*) > 0 FROM audit_cluster_health() WHERE check_name = 'cluster_log' AND status = 'fail'")"
check_equal 'nothing is done on all nodes while one is not told' P0001 "$(code_on "$COORDINATOR" "SELECT place_audit_hold(w(60), 'case 3')")"
check_equal 'a node that joined refuses what is held' 23001 "$(code_on "$SPARE" "SELECT delete_user_audit_events_compliant('00000000-0000-4000-8000-000000000007', '00000000-0000-4000-8000-000000000002', 'GDPR', 'T-3')")"
check_equal 'it has caught up, and is registered' '4 0' "$(on "$SPARE" "SELECT count(DISTINCT system_identifier) FROM audit_cluster_nodes") $(on "$SPARE" "SELECT count(*) FROM audit_cluster_health() WHERE check_name ~ '^cluster' AND status = 'fail'")"
same 'it has the policies, holds and levels of all' "$(each "SELECT md5((SELECT string_agg(p::text, ',' ORDER BY workspace_id) FROM audit_retention_policies AS p WHERE workspace_id = w(1)) || (SELECT string_agg(h::text, ',' ORDER BY id) FROM audit_legal_holds AS h WHERE released_at IS NULL) || (SELECT string_agg(role_name || access, ',' ORDER BY role_name, access) FROM audit_access WHERE revoked_at IS NULL))")"
for node in "${NODES[@]}"; do on "$node" "SELECT insert_audit_event('SECRET', 'thing', NULL, w(7), w(7), p_new_values => '{\"name\": \"Ada\"}') \g /dev/null"; done
cluster_stop "$SPARE"
cp -a "$SPARE/data" "$SPARE/kept"
cluster_start "$PGVERSION" "$SPARE"
check_equal 'an erasure of four nodes' 4 "$(as bob "$COORDINATOR" "SELECT deleted_count FROM delete_user_audit_events_compliant('00000000-0000-4000-8000-000000000007', '00000000-0000-4000-8000-000000000007', 'GDPR', 'T-8')")"
on "$COORDINATOR" "INSERT INTO audit_retention_policies (workspace_id, hot_retention_days) VALUES (w(4), 17)"
cluster_stop "$SPARE"
rm -rf "$SPARE/data"
mv "$SPARE/kept" "$SPARE/data"
cluster_start "$PGVERSION" "$SPARE"
check_equal 'the restored node has the secret again' 1 "$(on "$SPARE" "SELECT count(*) FROM audit_events WHERE new_values::text ~ 'Ada'")"
check_equal 'health says that it is behind' t "$(on "$COORDINATOR" "SELECT count(*) > 0 FROM audit_cluster_health() WHERE check_name = 'cluster_log' AND status = 'fail'")"
check_equal 'nothing is done on all nodes before it has caught up' P0001 "$(code_on "$COORDINATOR" "SELECT place_audit_hold(w(62), 'x')")"
check_equal 'a read of another node gets nothing of it' '0' "$(on "$COORDINATOR" "SELECT count(*) FROM get_audit_trail(w(7)) WHERE new_values::text ~ 'Ada'")"
check_equal '... because it has erased again' '0 1 17' "$(on "$SPARE" "SELECT count(*) FROM audit_events WHERE new_values::text ~ 'Ada'") $(on "$SPARE" "SELECT count(*) FROM audit_deletion_log WHERE approval_ticket_id = 'T-8'") $(on "$SPARE" 'SELECT hot_retention_days FROM audit_retention_policies WHERE workspace_id = w(4)')"
check_equal 'no node is behind' '0' "$(on "$SPARE" "SELECT count(*) FROM audit_cluster_health() WHERE check_name ~ '^cluster' AND status = 'fail'")"

# A node that goes.
check_equal 'a node in use is not retired' P0001 "$(code_as bob "$COORDINATOR" "SELECT audit_cluster_retire(1, 'kept')")"
group=$(on "$SPARE" 'SELECT groupid FROM pg_dist_local_group')
on "$COORDINATOR" "SELECT citus_drain_node('$SPARE', 5432), citus_remove_node('$SPARE', 5432)" >/dev/null 2>&1
unset 'NODES[3]'
check_equal 'a system that answers is not retired, whatever its group' 22023 "$(on "$COORDINATOR" "SELECT citus_add_node('$SPARE', 5432)" >/dev/null; on "$SPARE" 'SELECT audit_cluster_catch_up()' >/dev/null; code_as bob "$COORDINATOR" "SELECT audit_cluster_retire($group, 'kept on tape')")"
check_equal 'a node that came back under another group is the same node' none "$(code_on "$COORDINATOR" 'SELECT get_audit_trail(w(7))')"
group=$(on "$SPARE" 'SELECT groupid FROM pg_dist_local_group')
on "$COORDINATOR" "SELECT citus_remove_node('$SPARE', 5432)" >/dev/null 2>&1
check_equal 'a node that is gone makes reads raise' P0001 "$(code_on "$COORDINATOR" 'SELECT get_audit_trail(w(7))')"
check_equal '... and health fail' t "$(on "$COORDINATOR" "SELECT count(*) > 0 FROM audit_cluster_health() WHERE check_name = 'cluster_node' AND status = 'fail' AND node_group = $group")"
check_equal 'an auditor does not retire it' 42501 "$(code_as auditor "$COORDINATOR" "SELECT audit_cluster_retire($group, 'kept on tape')")"
# Each node has jobs of its own.
if citus_has_cron; then
    on "$COORDINATOR" 'CREATE EXTENSION pg_cron'
    jobless() { "$PGBIN/psql" -qAtX -h "$COORDINATOR" -U postgres -d "$CITUS_DATABASE" -c 'SELECT FROM audit_schedule_jobs()' 2>&1 | sed -n 's/^NOTICE:  node .* \((group [0-9]*)\) has \([0-9]\) of the 4 jobs: .*/\1 \2/p' | paste -sd ' '; }
    check_equal 'nodes without jobs are named' '(group 1) 0 (group 2) 0' "$(jobless)"
    on "$WORKER1" 'SELECT FROM audit_schedule_jobs()' >/dev/null
    on "$WORKER2" "SELECT cron.schedule('audit_seal', '* * * * *', 'SELECT audit_seal()')" >/dev/null
    check_equal '... and those with some of them' '(group 2) 1' "$(jobless)"
else
    echo '# NOT TESTED: nodes without jobs (the server has no pg_cron)'
fi

# Where a policy demands it, two officers say so.
on "$WORKER1" "INSERT INTO audit_retention_policies (workspace_id, requires_approval) VALUES (w(90), true)" >/dev/null
check_equal 'one officer only asks for it' none "$(code_as bob "$COORDINATOR" "SELECT audit_cluster_retire($group, 'kept on tape')")"
check_equal '... and once' 42501 "$(code_as bob "$COORDINATOR" "SELECT audit_cluster_retire($group, 'kept on tape')")"
check_equal '... which changes nothing for readers' P0001 "$(code_on "$COORDINATOR" 'SELECT get_audit_trail(w(7))')"
check_equal '... and is told' 1 "$(on "$COORDINATOR" "SELECT count(*) FROM audit_events WHERE action_type = 'AUDIT_CLUSTER_RETIREMENT_REQUESTED'")"
check_equal 'another officer retires it' none "$(code_as alice "$COORDINATOR" "SELECT audit_cluster_retire($group, 'kept on tape')")"
check_equal 'once retired, reads go on' none "$(code_on "$WORKER1" 'SELECT get_audit_trail(w(7))')"
check_equal 'a search says that it is of one node' 1 "$("$PGBIN/psql" -qAtX -h "$WORKER1" -U postgres -d "$CITUS_DATABASE" -c "SELECT FROM search_audit_events('00000000-0000-4000-8000-000000000007')" 2>&1 | grep -c 'these are the events of this node alone')"
check_equal 'it is retired once' 22023 "$(code_as bob "$COORDINATOR" "SELECT audit_cluster_retire($group, 'kept on tape')")"
citus_sound

# DROP EXTENSION is the way back; what was logged stays, and counts again once nodes act as one again.
logged=$(on "$COORDINATOR" 'SELECT count(*) FROM audit_cluster_log')
on "$COORDINATOR" 'DROP EXTENSION audit_ext CASCADE'
on "$COORDINATOR" 'CREATE EXTENSION audit_ext'
check_equal 'after DROP EXTENSION each node is for itself' 0A000 "$(code_on "$COORDINATOR" 'SELECT audit_cluster_catch_up()')"
on "$WORKER1" "SELECT place_audit_hold(w(70), 'alone')" >/dev/null
check_equal '... and a hold is on one' '0 1 0' "$(each 'SELECT count(*) FROM audit_legal_holds WHERE workspace_id = w(70)')"
on "$WORKER1" "SELECT release_audit_hold(id, 'over') FROM audit_legal_holds WHERE workspace_id = w(70)" >/dev/null
check_equal 'they act as one again' none "$(code_on "$COORDINATOR" 'SELECT audit_cluster_enable()')"
on "$WORKER2" "SELECT place_audit_hold(w(70), 'together')" >/dev/null
check_equal '... with a hold on all, and the log as it was' "1 1 1 $((logged + 2))" "$(each "SELECT count(*) FROM audit_legal_holds WHERE workspace_id = w(70) AND reason = 'together'") $(on "$WORKER1" 'SELECT count(*) FROM audit_cluster_log')"
# Without its trigger the log would be told and nothing done.
on "$COORDINATOR" "ALTER EVENT TRIGGER audit_ddl_command_start DISABLE; ALTER EVENT TRIGGER audit_ddl_command_end DISABLE; ALTER EVENT TRIGGER audit_sql_drop DISABLE"
on "$COORDINATOR" "SET citus.enable_manual_changes_to_shards = on; SELECT format('ALTER TABLE %s DISABLE TRIGGER %I', tgrelid::regclass, tgname) FROM pg_trigger WHERE tgname ~ '^audit_cluster_carry_out_' \\gexec"
check_equal 'a node whose trigger is off refuses' P0001 "$(code_on "$COORDINATOR" "SELECT place_audit_hold(w(71), 'no')")"
check_equal '... and nothing was done' '0 0 0' "$(each 'SELECT count(*) FROM audit_legal_holds WHERE workspace_id = w(71)')"
