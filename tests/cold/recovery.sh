#!/usr/bin/env bash
# Cold storage after a dump is restored, and after the server is recovered to a time before a release, and before an erasure was carried out in a file: what is there twice is
# told, what is nowhere can be adopted, and nothing that the catalog does not know is removed.
set -euo pipefail
. "$(dirname "$0")/../lib/report.sh"
. "$(dirname "$0")/../lib/cold.sh"

missing=$(cold_toolchain)
[ -z "$missing" ] || { not_ok 'readers are there' "$missing"; exit; }
first=$(cluster_dir)
mkdir -p "$CLUSTER_TMP/wal"
chown "$(server_user)" "$CLUSTER_TMP/wal"
cluster_start "$PGVERSION" "$first" 'archive_mode = on' "archive_command = 'cp %p $CLUSTER_TMP/wal/%f'" 'wal_level = replica' 'max_wal_senders = 4'
store_start directory
cold_trail cold 2 300
check_cold 'export' 0 export --min-events 10

# --- a dump ---
as_server "$PGBIN/pg_basebackup" -h "$PGHOST" -U postgres -D "$CLUSTER_TMP/base" -c fast --no-sync -X none
query "SELECT pg_create_restore_point('before_release')" cold >/dev/null
cold_release cold
query "SELECT forget(w(105), w(2))" cold >/dev/null
query 'SELECT audit_seal()' cold >/dev/null
database_fresh copied
"$PGBIN/pg_dump" cold | "$PGBIN/psql" -X -q -v ON_ERROR_STOP=1 -d copied >"$SCRATCH/restore" 2>&1 || not_ok 'a dump is restored' "$(grep ERROR "$SCRATCH/restore")"
check_equal 'a restored dump knows each object' "$(cold_states cold)" "$(cold_states copied)"
check_equal '... and each event is there once, in the copy and the same files' '' "$(cold_differences copied)"
object=$(query "SELECT object_id FROM audit_cold_objects WHERE workspace_id = w(1) ORDER BY month LIMIT 1" copied)
check_equal '... events come back into it' 300 "$(cold_in copied restore --object "$object" >/dev/null; query 'SELECT count(*) FROM audit_cold_loans' copied)"
check_equal '... its evidence is whole' '' "$(database_verify copied)"

query "SELECT pg_create_restore_point('before_replace')" cold >/dev/null
cold_fetch "$SCRATCH/before"
check_cold 'erase' 0 erase
check_cold 'clean' 0 clean
check_equal 'two files have successors' 'gone 2, released 6' "$(cold_states cold)"
query 'SELECT pg_switch_wal()' cold >/dev/null
cluster_stop "$first"

# recovered NAME: a server as it was at that point.
recovered() {
    local cluster
    cluster=$(cluster_dir)
    mkdir -p "$cluster"
    cp -R "$CLUSTER_TMP/base" "$cluster/data"
    chown -R "$(server_user)" "$cluster"
    chmod 700 "$cluster/data"
    touch "$cluster/data/recovery.signal"
    chown "$(server_user)" "$cluster/data/recovery.signal"
    cluster_start "$PGVERSION" "$cluster" "unix_socket_directories = '$cluster'" 'archive_mode = off' "restore_command = 'cp $CLUSTER_TMP/wal/%f %p'" "recovery_target_name = '$1'" "recovery_target_action = 'promote'"
    await cold 'NOT pg_is_in_recovery()'
}

# --- before the release: the events are in the database, and files that it does not know in the store ---
recovered before_release
check_equal 'before a release: every event is in the database' "stored 6 $(query 'SELECT count(*) FROM told' cold)" \
    "$(cold_states cold) $(query "SELECT count(*) FROM audit_events_archive WHERE created_at < '2021-01-01Z'" cold)"
files=$(find "$STORE_FOLDER" -type f | wc -l)
cold_in cold run --min-events 10 || true
check_equal '... what the catalog does not know is told, and stays' "2 $files" "$(grep -c '^unknown to the catalog' "$SCRATCH/said") $(find "$STORE_FOLDER" -type f | wc -l)"
cluster_stop "$PGHOST"

# --- before the replace: the catalog names two files that were removed; their successors are in the store ---
recovered before_replace
check_equal 'before a replace: the catalog names the old files' 'released 6' "$(cold_states cold)"
cold_in cold check || true
check_equal '... check misses them' 'missing 2' "$(query "SELECT check_result || ' ' || count(*) FROM audit_cold_objects WHERE check_result <> 'ok' GROUP BY check_result" cold)"
for file in $(find "$STORE_FOLDER" -type f -newer "$SCRATCH/before" | sort); do
    path=${file#"$STORE_FOLDER/"}
    cold_in cold show --path "$path" || not_ok 'a manifest is shown' "$(cat "$SCRATCH/said")"
    "$PGBIN/psql" -X -q -v ON_ERROR_STOP=1 -d cold -v manifest="$(cat "$SCRATCH/said")" -v store="$STORE" -v path="$path" \
        <<<"SELECT adopt_audit_cold_object(:'manifest'::jsonb, :'store', :'path')" >"$SCRATCH/adopted" 2>&1 || not_ok 'a successor is adopted' "$(cat "$SCRATCH/adopted")"
done
check_equal '... their successors are adopted, in their place' 6 "$(query "SELECT count(*) FROM audit_cold_objects WHERE state = 'released'" cold)"
check_cold '... and all files are there' 0 run --min-events 10
check_equal '... with every event, erased as it was' '' "$(cold_differences cold)"
