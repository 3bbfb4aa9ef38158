#!/usr/bin/env bash
# Proves that memory stays flat however many events one statement records, called for, inserted or captured: the private memory of the backend
# at its highest, over a statement of many rows, against one of a tenth. AUDIT_EXT_LONG=1 takes 5,000,000 rows.
set -euo pipefail
. "$(dirname "$0")/../lib/report.sh"

rows=200000
[ -z "${AUDIT_EXT_LONG:-}" ] || rows=5000000
# 23 bytes a row would show, of 5,000,000 rows one byte.
allowance=4096

# peak SQL: the highest private memory, in kB, of a backend that runs it.
peak() {
    local backend highest=0 now
    in_background memory memory "SELECT pg_backend_pid() \\g $SCRATCH/pid
        $1"
    for _ in {1..100}; do [ -s "$SCRATCH/pid" ] && break; sleep 0.05; done
    backend=$(tr -dc '0-9' <"$SCRATCH/pid")
    rm -f "$SCRATCH/pid"
    while now=$(private_memory "$backend") && [ -n "$now" ]; do
        [ "$now" -le "$highest" ] || highest=$now
        sleep 0.02
    done
    wait $!
    echo "$highest"
}

database_with_trail memory
query "CREATE TABLE wide (id int PRIMARY KEY, workspace_id uuid, name text, note text, data jsonb)" memory
query "SELECT audit_track_table('wide')" memory >/dev/null

# check_flat DESCRIPTION SQL: in the SQL, :rows stands for the number of rows.
check_flat() {
    local few many
    few=$(peak "${2//:rows/$((rows / 10))}")
    many=$(peak "${2//:rows/$rows}")
    check_between "$1: growth in kB from $((rows / 10)) rows ($few kB) to $rows" -1000000 "$allowance" $((many - few))
}

# The server reads and writes there.
server_folder=$(query "SELECT current_setting('data_directory')" memory)

# Of a hundred workspaces that are known, so that memory of them is there from the first.
query "SELECT count(insert_audit_event('FIRST', 'thing', NULL, w(n), w(n))) FROM generate_series(0, 99) AS n" memory >/dev/null
event="'CALLED', 'thing', w(n), w(n % 100), w(n % 10), jsonb_build_object('n', n), jsonb_build_object('n', n + 1), '203.0.113.7', 'Mozilla/5.0', ARRAY['a', 'b']"
check_flat 'insert_audit_event for each row' "SELECT count(insert_audit_event($event)) FROM generate_series(1, :rows) AS n;"
check_flat 'insert_audit_event in a loop' "DO \$\$ BEGIN FOR n IN 1 .. :rows LOOP PERFORM insert_audit_event($event); END LOOP; END \$\$;"
check_flat 'insert_audit_event, every call refused' "DO \$\$ BEGIN FOR n IN 1 .. :rows LOOP
    BEGIN PERFORM insert_audit_event('', 'thing', NULL, w(1), w(1)); EXCEPTION WHEN check_violation THEN NULL; END; END LOOP; END \$\$;"
check_flat 'insert_audit_events, a hundred a call' "SELECT sum(recorded) FROM generate_series(1, :rows, 100) AS batch, LATERAL (SELECT count(*) AS recorded FROM insert_audit_events((
    SELECT jsonb_agg(jsonb_build_object('action_type', 'BULK', 'resource_type', 'thing', 'workspace_id', w(n % 100), 'created_by_user_id', w(n % 10), 'new_values', jsonb_build_object('n', n)))
    FROM generate_series(batch, batch + 99) AS n))) AS call;"
check_flat 'INSERT ... SELECT' "INSERT INTO audit_events (action_type, resource_type, workspace_id, created_by_user_id, old_values, new_values)
    SELECT 'INSERTED', 'thing', w(n % 100), w(n % 10), jsonb_build_object('n', n), jsonb_build_object('n', n + 1) FROM generate_series(1, :rows) AS n;"
large="jsonb_build_object('n', n, 'text', repeat('x', 1000000))"
check_flat 'insert_audit_event of a megabyte, for one row in 500' "SELECT count(insert_audit_event('LARGE', 'thing', NULL, w(1), w(1), NULL, $large)) FROM generate_series(1, :rows / 500) AS n;"
check_flat 'INSERT ... SELECT of a megabyte, for one row in 500' "INSERT INTO audit_events (action_type, resource_type, workspace_id, created_by_user_id, new_values)
    SELECT 'LARGE', 'thing', w(1), w(1), $large FROM generate_series(1, :rows / 500) AS n;"
copied="COPY (SELECT 'COPIED', 'thing', w(n % 100), w(n % 10), jsonb_build_object('n', n), jsonb_build_object('n', n + 1) FROM generate_series(1, :rows) AS n) TO '$server_folder/events';
    COPY audit_events (action_type, resource_type, workspace_id, created_by_user_id, old_values, new_values) FROM '$server_folder/events';"
check_flat COPY "$copied"
sum=$((rows / 10 + rows))
check_equal 'every event is there' "$sum|$sum|$sum|$sum|$((sum / 500 * 2))" "$(query "SELECT concat_ws('|', count(*) FILTER (WHERE action_type = 'CALLED') / 2,
    count(*) FILTER (WHERE action_type = 'BULK'), count(*) FILTER (WHERE action_type = 'INSERTED'),
    count(*) FILTER (WHERE action_type = 'COPIED'), count(*) FILTER (WHERE action_type = 'LARGE' AND length(new_values ->> 'text') = 1000000)) FROM audit_events" memory)"

# All of these events leave, five times as many as rows.
lines="p_actions => '{CALLED,BULK,INSERTED,COPIED}') AS line"
check_flat 'export, five times as many' "SELECT count(length(line)) FROM (SELECT export_audit_events(NULL, $lines LIMIT :rows * 5) AS lines;"
for format in csv ocsf cef ecs; do check_flat "export as $format" "SELECT count(length(line)) FROM (SELECT export_audit_events(NULL, p_format => '$format', $lines LIMIT :rows) AS lines;"; done
check_flat 'export of a megabyte, for one row in 500' "SELECT count(length(line)) FROM (SELECT export_audit_events(w(1), p_actions => '{LARGE}') AS line LIMIT :rows / 500) AS lines;"
check_flat 'exports that nobody reads on, one for a hundred rows' "DO \$\$ DECLARE lines CURSOR FOR SELECT export_audit_events(NULL); line text; BEGIN FOR n IN 1 .. :rows / 100 LOOP OPEN lines; FETCH lines INTO line; CLOSE lines; END LOOP; END \$\$;"
check_equal 'each is recorded' "$((rows / 100 + rows / 1000))" "$(query "SELECT count(*) FROM audit_events WHERE action_type = 'AUDIT_EVENTS_EXPORTED' AND new_values = '{\"format\": \"ndjson\", \"filters\": {}}'" memory)"
began=$(milliseconds)
check_equal 'an export that finds nothing for long ends when its time is over' 57014 "$(error_of memory "SET statement_timeout = '100ms'; SELECT export_audit_events(NULL, p_text => 'nowhere to be found')")"
check_between '... within milliseconds' 100 5000 "$(($(milliseconds) - began))"

fill="TRUNCATE wide; INSERT INTO wide SELECT n, w(1), 'name ' || n, repeat('note ', 10), '{\"k\": [1, 2]}' FROM generate_series(1, :rows) AS n;"
check_flat 'captured INSERT' "$fill"
check_flat 'captured UPDATE to a megabyte, of one row in 500' "SET audit_ext.capture_value_limit = '10MB'; UPDATE wide SET data = $large FROM generate_series(1, :rows / 500) AS n WHERE id = n;"
check_flat 'captured UPDATE' "UPDATE wide SET note = note || '.' WHERE id <= :rows;"
check_flat 'captured DELETE' "DELETE FROM wide WHERE id <= :rows;"
# The few documents of the first time are as they were the second time.
check_equal 'every row was an event' "$((rows / 10 * 3 + rows * 3 - rows / 10 + rows / 500))" \
    "$(query "SELECT count(*) FROM audit_events WHERE resource_type = 'wide' AND action_type <> 'TRUNCATE'" memory)"
query 'DROP DATABASE memory'
