#!/usr/bin/env bash
# Proves that a base backup taken under load is a whole trail: as a standby that follows and is promoted, and recovered to a point in time, it
# shows by check.sql what the first server shows, or what that showed then; started by itself it works.
set -euo pipefail
. "$(dirname "$0")/../lib/cluster.sh"
. "$(dirname "$0")/../lib/copies.sh"

version=$PGVERSION first=$(cluster_dir) copy=$(cluster_dir) standby=$(cluster_dir) then=$(cluster_dir)
event="insert_audit_event('AFTERWARDS', 'thing', NULL, w(1), w(1))"
take_backup() {
    as_server mkdir "$1"
    as_server "$PGBIN/pg_basebackup" -h "$first" -p 5432 -U postgres -D "$1/data" -c fast "${@:2}"
}

cluster_start "$version" "$first" "archive_mode = on" "archive_command = 'cp %p $first/wal/%f'"
as_server mkdir "$first/wal"
seed_roles
database_fresh seeded
query 'CREATE EXTENSION audit_ext' seeded
fill seeded public
"$PGBIN/pgbench" -n -c 4 -R 800 -T 60 -f <(echo "SELECT insert_audit_event('LOAD', 'thing', NULL, w(1), w(1));") seeded >"$SCRATCH/load" 2>&1 &
load=$!
take_backup "$copy" -X stream
take_backup "$then" -X stream
take_backup "$standby" -X stream -R
kill "$load"
wait "$load" || true
show seeded public "then"
moment=$(query 'SELECT pg_create_restore_point($$then$$)')
check_between 'events were recorded while it was taken' 1 100000000 "$(query "SELECT count(*) FROM audit_events WHERE action_type = 'LOAD'" seeded)"
query "SELECT $event FROM generate_series(1, 20); SELECT archived_count FROM archive_old_audit_events(); SELECT create_monthly_audit_partition(6);
    SELECT deleted_count FROM delete_user_audit_events_compliant(w(2), w(3), 'GDPR', 'T-9')" seeded >/dev/null
query 'SELECT pg_switch_wal()' >/dev/null
await postgres "(SELECT last_archived_wal >= pg_walfile_name('$moment') FROM pg_stat_archiver)"
show seeded public now

cluster_start "$version" "$standby" "unix_socket_directories = '$standby'" 'archive_mode = off'
cluster_use "$first"
lsn=$(query 'SELECT pg_current_wal_lsn()')
cluster_use "$standby"
await postgres "pg_last_wal_replay_lsn() >= '$lsn'"
as_server "$PGBIN/pg_ctl" promote -w -s -D "$standby/data"
show seeded public promoted
check_same_file 'a promoted standby is the first server' "$SCRATCH/now.check" "$SCRATCH/promoted.check"
cluster_stop "$standby"

as_server touch "$then/data/recovery.signal"
cluster_start "$version" "$then" "unix_socket_directories = '$then'" 'archive_mode = off' "restore_command = 'cp $first/wal/%f %p'" "recovery_target_name = 'then'" "recovery_target_action = 'promote'"
await postgres 'NOT pg_is_in_recovery()'
show seeded public rewound
check_same_file 'a server brought to a point in time is what the first was then' "$SCRATCH/then.check" "$SCRATCH/rewound.check"
check_equal '... and nothing after' 0 "$(query "SELECT count(*) FROM audit_events WHERE action_type = 'AFTERWARDS'" seeded)"
cluster_stop "$then"

cluster_start "$version" "$copy" "unix_socket_directories = '$copy'" 'archive_mode = off'
query 'SELECT archive_old_audit_events()' seeded >/dev/null
check_equal 'the backup by itself: health finds nothing that fails, events are recorded' '0 1' "$(query "SELECT count(*) FROM audit_health() WHERE status = 'fail'" seeded) $(query "SELECT count($event)" seeded)"
