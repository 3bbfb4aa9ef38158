#!/usr/bin/env bash
# A Citus cluster without more: CREATE EXTENSION reaches every node, one that joins too, and each node has a trail of its own, whose guide works on a worker.
. "$(dirname "$0")/../lib/citus.sh"
. "$(dirname "$0")/../lib/report.sh"

citus_start
citus_trail
event="insert_audit_event('LOGIN', 'session', NULL, w(1), w(1))"
check_equal 'CREATE EXTENSION makes a trail on every node' 't t t' "$(each "SELECT to_regclass('audit_events') IS NOT NULL")"
citus_join "$SPARE"
NODES+=("$SPARE")
check_equal '... and on one that joins' 't t t t' "$(each "SELECT to_regclass('audit_events') IS NOT NULL")"
check_equal 'every node records, and has what it recorded' '1 1 1 1' "$(each "SELECT $event IS NOT NULL \\g /dev/null
SELECT count(*) FROM audit_events WHERE action_type = 'LOGIN'")"
check_equal 'health fails on none' '0 0 0 0' "$(each "SELECT count(*) FROM audit_health() WHERE status = 'fail'")"

on "$COORDINATOR" 'CREATE ROLE auditor; CREATE ROLE officer'
while IFS='|' read -r what sql; do
    for node in "$COORDINATOR" "$WORKER1"; do check_equal "$what" none "$(code_on "$node" "$sql")"; done
done <<SQL
audit_grant|SELECT audit_grant('auditor', 'reader'), audit_grant('officer', 'compliance')
audit_revoke|SELECT audit_revoke('officer', 'compliance')
audit_setup|SELECT audit_setup()
create_monthly_audit_partition|SELECT create_monthly_audit_partition(6)
INSERT|INSERT INTO audit_events (action_type, resource_type, workspace_id, created_by_user_id, created_at) SELECT 'OLD_ONE', 'thing', w(2), w(2), now() - n * interval '40 days' FROM generate_series(20, 1, -1) AS n
create_past_audit_partitions|SELECT create_past_audit_partitions(make_date(1970, 1, 1), current_date)
archive_old_audit_events|SELECT archive_old_audit_events()
get_audit_trail|SELECT get_audit_trail(w(1))
place_audit_hold|SELECT place_audit_hold(w(3), 'a case')
delete_user_audit_events_compliant|SELECT delete_user_audit_events_compliant(w(2), w(2), 'GDPR', 'T-1')
audit_index|SELECT audit_index('actor')
audit_seal|SELECT audit_seal()
SQL
check_equal 'grants are the node'\''s own' 't t f f' "$(each "SELECT has_function_privilege('auditor', 'get_audit_trail'::regproc, 'EXECUTE')")"
for node in "${NODES[@]}"; do
    check_equal 'the trail of each node is sound' 0 "$(on "$node" "SELECT FROM audit_seal() \\g /dev/null
SELECT count(*) FROM audit_verify() WHERE severity = 'critical'")"
done
