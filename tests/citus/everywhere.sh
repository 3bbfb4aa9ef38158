#!/usr/bin/env bash
# Nodes that act as one: a person is erased in all workspaces of all nodes, or in none; what is held by an event of one node is left out on all; a workspace is off-boarded on
# all nodes, each of which was exported. Two nodes that do such things at once wait for each other in a row.
. "$(dirname "$0")/../lib/citus.sh"
. "$(dirname "$0")/../lib/report.sh"

citus_start
citus_trail
on "$COORDINATOR" 'CREATE ROLE alice LOGIN; CREATE ROLE bob LOGIN; CREATE ROLE operator LOGIN; GRANT postgres TO alice, bob; SELECT audit_cluster_enable()' >/dev/null
on "$COORDINATOR" "SELECT audit_grant('alice', 'compliance'), audit_grant('bob', 'compliance'), audit_grant('bob', 'operator'), audit_grant('operator', 'operator')" >/dev/null
u() { echo "00000000-0000-4000-8000-$(printf '%012d' "$1")"; }
# codes ROLE SQL: its SQLSTATE on each node.
codes() { for node in "${NODES[@]}"; do code_as "$1" "$node" "$2"; done | tr '\n' ' ' | sed 's/ $//'; }

# The person 30: in workspace 31 on all nodes, in 32 on one, in 33 on all. There user 34 is held, with whom the person shares one event, on one node.
for node in "${NODES[@]}"; do on "$node" "SELECT insert_audit_event('ACT', 'thing', NULL, w(workspace), w(30), p_new_values => '{\"name\": \"Grace\"}') FROM unnest(ARRAY[31, 33]) AS workspace \g /dev/null"; done
on "$WORKER1" "SELECT insert_audit_event('ACT', 'thing', NULL, w(32), w(30), p_new_values => '{\"name\": \"Grace\"}') \g /dev/null"
on "$WORKER2" "SELECT insert_audit_event('ACT', 'user', w(34), w(33), w(30), p_new_values => '{\"name\": \"Grace\"}') \g /dev/null"
graces() { each "SELECT count(*) FROM audit_events WHERE new_values::text ~ 'Grace'"; }
check_equal 'what there is of the person' '2 3 3' "$(graces)"
on "$COORDINATOR" "SELECT place_audit_hold(w(33), 'case 1', w(34))" >/dev/null
check_equal 'a hold on one node stands in the way on all' '23001 23001 23001' "$(codes bob "SELECT delete_person_audit_events('$(u 30)', 'GDPR', 'T-1')")"
check_equal '... and nothing was erased' '2 3 3' "$(graces)"
check_equal 'left out on request' "4 2 {$(u 33)}" "$(as bob "$COORDINATOR" "SELECT deleted_count || ' ' || workspace_count || ' ' || held_workspaces::text FROM delete_person_audit_events('$(u 30)', 'GDPR', 'T-2', p_skip_held => true)")"
check_equal '... whole, also on nodes where nothing is shared' '1 1 2' "$(graces)"
check_equal 'each node has an entry of the whole, and of each workspace that it erased in' '1+1 1+2 1+1' "$(each "SELECT count(*) FILTER (WHERE parent_id IS NULL) || '+' || count(*) FILTER (WHERE parent_id IS NOT NULL) FROM audit_deletion_log WHERE approval_ticket_id = 'T-2'")"
check_equal 'the certificate has all nodes' 3 "$(as bob "$COORDINATOR" "SELECT jsonb_array_length(audit_deletion_certificate(id) -> 'nodes') FROM audit_deletion_log WHERE approval_ticket_id = 'T-2' AND parent_id IS NULL")"

# By a request, from another node; a policy anywhere that demands one is enough.
on "$WORKER1" "INSERT INTO audit_retention_policies (workspace_id, requires_approval) VALUES (w(33), true) ON CONFLICT (workspace_id) DO UPDATE SET requires_approval = true"
on "$WORKER1" "SELECT release_audit_hold(id, 'over') FROM audit_legal_holds WHERE released_at IS NULL" >/dev/null
check_equal 'four eyes are asked for' 23001 "$(code_as bob "$COORDINATOR" "SELECT delete_person_audit_events('$(u 30)', 'GDPR', 'T-3')")"
request=$(as alice "$WORKER1" "SELECT request_audit_person_deletion('$(u 30)', 'GDPR')")
check_equal 'not by the same person' 42501 "$(code_as alice "$WORKER2" "SELECT approve_audit_deletion('$request', 'T-3')")"
check_equal 'by another one, on another node' 4 "$(as bob "$WORKER2" "SELECT deleted_count FROM approve_audit_deletion('$request', 'T-3')")"
check_equal 'nothing of the person is left' '0 0 0' "$(graces)"
check_equal 'the request is executed on all nodes' 'executed executed executed' "$(each "SELECT state FROM audit_deletion_requests WHERE id = '$request'")"

# Off-boarding.
for node in "$COORDINATOR" "$WORKER2"; do on "$node" "SELECT insert_audit_event('ACT', 'thing', NULL, w(40), w(1)) FROM generate_series(1, 3) \g /dev/null"; done
on "$COORDINATOR" "SELECT count(*) FROM export_audit_events(w(40)) \g /dev/null"
request=$(as alice "$WORKER1" "SELECT request_audit_offboarding('$(u 40)', 'contract ended')")
check_equal 'a node that was not exported refuses' 23001 "$(code_as bob "$COORDINATOR" "SELECT approve_audit_deletion('$request', 'T-4')")"
check_equal '... for all' '3 0 3' "$(each "SELECT count(*) FROM audit_events WHERE workspace_id = w(40) AND action_type = 'ACT'")"
on "$WORKER2" "SELECT count(*) FROM export_audit_events(w(40)) \g /dev/null"
check_equal 'exported, all goes' t "$(as bob "$COORDINATOR" "SELECT deleted_count > 6 FROM approve_audit_deletion('$request', 'T-4')")"
check_equal '... on all nodes' '0 0 0' "$(each "SELECT count(*) FROM audit_events WHERE workspace_id = w(40) AND action_type = 'ACT'")"
check_equal 'the policy says so on all nodes' 't t t' "$(each 'SELECT offboarded_at IS NOT NULL FROM audit_retention_policies WHERE workspace_id = w(40)')"

# Events come back from the archive of whichever node has them.
for node in "${NODES[@]}"; do
    on "$node" "INSERT INTO audit_events (created_at, action_type, resource_type, workspace_id, created_by_user_id) SELECT now() - n * interval '200 days', 'OLD', 'thing', w(60), w(1) FROM generate_series(2, 1, -1) AS n;
        SELECT archive_old_audit_events() \g /dev/null"
done
ids=$(for node in "${NODES[@]}"; do on "$node" "SELECT id FROM audit_events_archive WHERE workspace_id = w(60)"; done | paste -sd,)
check_equal 'whoever is not trusted with other nodes restores those of one' 2 "$(as operator "$WORKER1" "SELECT restore_audit_events('{$ids}')")"
check_equal '... and is told so' 1 "$("$PGBIN/psql" -qAtX -h "$WORKER1" -U operator -d "$CITUS_DATABASE" -c "SELECT restore_audit_events('{$ids}')" 2>&1 | grep -c '4 of the ids are of no event of this node')"
check_equal 'whoever is restores all, and none twice' '4 0' "$(as bob "$WORKER1" "SELECT restore_audit_events('{$ids}')") $(as bob "$COORDINATOR" "SELECT restore_audit_events('{$ids}')")"
check_equal '... in the name of whoever asked' 'bob bob' "$(for node in "$COORDINATOR" "$WORKER2"; do on "$node" "SELECT new_values -> 'asked_for_by' ->> 'session_user' FROM audit_events WHERE action_type = 'AUDIT_EVENTS_RESTORED' AND workspace_id = w(60)"; done | tr '\n' ' ' | sed 's/ $//')"
check_equal '... where they lie' '2 2 2' "$(each "SELECT count(*) FROM audit_events WHERE workspace_id = w(60) AND action_type = 'OLD'")"
check_equal 'an id of nobody is no error' 0 "$(as bob "$WORKER1" "SELECT restore_audit_events(ARRAY['$(u 99)'::uuid])")"

# Nodes and sessions at once: holds, their release, policies, levels and erasures of one workspace.
cat >"$SCRATCH/deeds" <<SQL
SELECT release_audit_hold(place_audit_hold('$(u 50)', 'case'), 'over');
UPDATE audit_retention_policies SET hot_retention_days = hot_retention_days + 1 WHERE workspace_id = ('00000000-0000-4000-8000-000000000' || :node || :client_id)::uuid;
SELECT delete_user_audit_events_compliant('$(u 51)', '$(u 50)', 'GDPR', 'T-5');
SELECT audit_grant('operator', 'reader'), audit_revoke('operator', 'reader');
SQL
for node in 70 71 72; do on "$COORDINATOR" "INSERT INTO audit_retention_policies (workspace_id) VALUES (w(${node}0)), (w(${node}1))"; done
number=70
for node in "${NODES[@]}"; do
    "$PGBIN/pgbench" -n -c 2 -t 8 -D node=$number -f "$SCRATCH/deeds" -h "$node" -p 5432 -U postgres "$CITUS_DATABASE" >"$SCRATCH/deeds.$(basename "$node")" 2>&1 &
    number=$((number + 1))
done
wait
check_equal 'none is refused because of the other' 0 "$(cat "$SCRATCH"/deeds.c.* | grep -c ERROR || true)"
check_equal '... and each did all' 3 "$(cat "$SCRATCH"/deeds.c.* | grep -c 'actually processed: 16/16')"
check_equal 'nobody was killed by a deadlock' 0 "$(cat "${NODES[@]/%//log}" | grep -c '40P01\|deadlock detected\|distributed deadlock' || true)"
# What one transaction removed on other nodes is locked there until it ends.
check_equal 'a transaction removes once' 0A000 "$(code_as bob "$WORKER1" "BEGIN; SELECT delete_user_audit_events_compliant('$(u 51)', '$(u 50)', 'GDPR', 'T-6'); SELECT delete_person_audit_events('$(u 51)', 'GDPR', 'T-7'); COMMIT")"
citus_sound

# A node that joins does again what was done before, and to nothing that came since: the off-boarded workspace is in use again, and held.
on "$COORDINATOR" "SELECT insert_audit_event('ACT', 'thing', NULL, w(40), w(1)), place_audit_hold(w(40), 'case 2') \g /dev/null"
citus_join "$SPARE"
on "$SPARE" "SELECT insert_audit_event('ACT', 'thing', NULL, w(40), w(1)), insert_audit_event('ACT', 'thing', NULL, w(31), w(30), p_new_values => '{\"name\": \"Grace\"}') \g /dev/null"
check_equal 'it has caught up' t "$(on "$SPARE" 'SELECT audit_cluster_catch_up() > 0')"
check_equal '... and what came since is there' '1 1' "$(on "$SPARE" "SELECT count(*) FROM audit_events WHERE workspace_id = w(40) AND action_type = 'ACT'") $(on "$SPARE" "SELECT count(*) FROM audit_events WHERE new_values::text ~ 'Grace'")"
