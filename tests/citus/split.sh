#!/usr/bin/env bash
# A trail is never split. What has rows cannot be distributed; once Citus distributes an empty table, everything that records, reads or operates is refused with 0A000,
# health says fail and nothing is stored; all is well again after undistribute_table(). Health says, too, when a function of ours was made a distributed one.
. "$(dirname "$0")/../lib/citus.sh"
. "$(dirname "$0")/../lib/report.sh"

citus_start
event="insert_audit_event('LOGIN', 'session', NULL, w(1), w(1))"
w="CREATE FUNCTION w(bigint) RETURNS uuid LANGUAGE sql IMMUTABLE AS \$\$ SELECT ('00000000-0000-4000-8000-' || lpad(\$1::text, 12, '0'))::uuid \$\$"

# refused WHERE
refused() {
    local what sql
    while IFS='|' read -r what sql; do check_equal "$1: $what" 0A000 "$(code_on "$SPARE" "$sql")"; done <<SQL
insert_audit_event|SELECT $event
insert_audit_events|SELECT insert_audit_events('[{"action_type": "A", "resource_type": "b", "workspace_id": "00000000-0000-4000-8000-000000000001", "created_by_user_id": "00000000-0000-4000-8000-000000000001"}]')
get_audit_trail|SELECT get_audit_trail(w(1))
search_audit_events|SELECT search_audit_events(w(1))
export_audit_events|SELECT export_audit_events(w(1))
archive_old_audit_events|SELECT archive_old_audit_events()
create_monthly_audit_partition|SELECT create_monthly_audit_partition(9)
delete_user_audit_events_compliant|SELECT delete_user_audit_events_compliant(w(1), w(1), 'GDPR', 'T-1')
place_audit_hold|SELECT place_audit_hold(w(1), 'a case')
audit_grant|SELECT audit_grant('postgres', 'reader')
audit_seal|SELECT audit_seal()
audit_setup|SELECT audit_setup()
SQL
    check_equal "$1: health says so" fail "$(on "$SPARE" "SELECT DISTINCT status FROM audit_health()")"
}

# The spare is a cluster of one node.
on "$SPARE" "SELECT citus_set_coordinator_host('$SPARE', 5432); SELECT citus_set_node_property('$SPARE', 5432, 'shouldhaveshards', true)" >/dev/null
on "$SPARE" "CREATE EXTENSION audit_ext; $w"
on "$SPARE" "SELECT $event" >/dev/null
check_equal 'a session that has recorded' none "$(code_on "$SPARE" "SELECT $event")"

# back TABLE: as docs/citus.md says; the setting event_triggers is younger than some servers.
back() {
    local trigger commands=''
    for trigger in audit_ddl_command_start audit_ddl_command_end audit_sql_drop; do commands+="ALTER EVENT TRIGGER $trigger DISABLE;"; done
    on "$SPARE" "$commands SELECT undistribute_table('$1') \g /dev/null"
    on "$SPARE" "${commands//DISABLE/ENABLE ALWAYS} SELECT audit_setup() \g /dev/null"
}

# Citus makes the guards of a table on its shards, where they refuse to work: what has rows cannot be distributed as it is.
while IFS='|' read -r table sql; do
    on "$SPARE" "$sql \g /dev/null"
    rows=$(on "$SPARE" "SELECT count(*) FROM $table")
    on "$SPARE" "SELECT create_reference_table('$table')" >/dev/null 2>&1 && not_ok "$table with rows cannot be distributed" || ok "$table with rows cannot be distributed"
    check_equal "... and its rows are there" "$rows" "$(on "$SPARE" "SELECT count(*) FROM $table")"
done <<SQL
audit_events|SELECT $event
audit_deletion_requests|SELECT request_audit_deletion(w(1), w(1), 'GDPR')
SQL

events=$(on "$SPARE" 'SELECT count(*) FROM audit_events')
for table in audit_legal_holds audit_deletion_log; do
    on "$SPARE" "SELECT create_reference_table('$table')" >/dev/null
    refused "$table is a reference table"
    check_equal "$table as a reference table: nothing was stored" "$events" "$(on "$SPARE" 'SELECT count(*) FROM audit_events')"
    back "$table"
    check_equal "$table is back: recording" none "$(code_on "$SPARE" "SELECT $event")"
    check_equal "$table is back: health does not fail" 0 "$(on "$SPARE" "SELECT count(*) FROM audit_health() WHERE status = 'fail'")"
    events=$(on "$SPARE" 'SELECT count(*) FROM audit_events')
done

# A function of ours that Citus would call on another node.
on "$COORDINATOR" "CREATE EXTENSION audit_ext; CREATE TABLE app (workspace_id uuid PRIMARY KEY)"
on "$COORDINATOR" "SELECT create_distributed_table('app', 'workspace_id')" >/dev/null
check_equal 'no function is sent to another node' 0 "$(on "$COORDINATOR" "SELECT count(*) FROM audit_health() WHERE check_name = 'functions' AND status <> 'ok'")"
on "$COORDINATOR" "SELECT create_distributed_function('get_audit_trail'::regproc::oid::regprocedure, 'p_workspace_id', 'app')" >/dev/null
check_equal 'health says which one was' fail "$(on "$COORDINATOR" "SELECT status FROM audit_health() WHERE check_name = 'functions'")"
