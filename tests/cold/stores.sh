#!/usr/bin/env bash
# Proves that events go to a directory and to two object stores that others wrote, are read back, leave, are lent, returned and erased there, and that nothing is missing,
# doubled or different after any step. Then what stores do wrong: files that are changed, cut, exchanged, lost or nobody's; stores that are read-only, full, forbidden,
# overloaded, cut off, or never answer. Nothing is believed, no event leaves, no transaction is left, and the next run finishes.
set -euo pipefail
. "$(dirname "$0")/../lib/report.sh"
. "$(dirname "$0")/../lib/cold.sh"

missing=$(cold_toolchain)
[ -z "$missing" ] || { not_ok 'the stores are there' "$missing"; exit; }
events=300 objects=6
w1=00000000-0000-4000-8000-000000000001
conserved() { check_equal "$1: nothing is missing, doubled or different" '' "$(cold_differences cold)"; }
in_database() { query "SELECT count(*) FROM (SELECT FROM audit_events WHERE created_at < '2021-01-01Z' UNION ALL SELECT FROM audit_events_archive WHERE created_at < '2021-01-01Z') AS e" cold; }
# Sessions of the tool end with it.
no_session_left() {
    await cold "NOT EXISTS (SELECT FROM pg_stat_activity WHERE datname = 'cold' AND pid <> pg_backend_pid())" >"$SCRATCH/await" || { not_ok "$1: no transaction is left" "$(query "SELECT state, query FROM pg_stat_activity WHERE datname = 'cold'" cold)"; return; }
    ok "$1: no transaction is left"
}
# check_return DESCRIPTION STATUS: what workspace 1 has on loan goes back. That takes no store.
check_return() {
    local status=0
    "$PGBIN/audit-cold" return --database "host=$PGHOST port=$PGPORT user=$PGUSER dbname=cold" --workspace $w1 --authority RETENTION --ticket T-9 --older-than 0 \
        >"$SCRATCH/said" 2>&1 || status=$?
    check_equal "$1" "$2" "$status"
}
loans() { query 'SELECT count(*) FROM audit_cold_loans' cold; }

# What a month of every store goes through.
whole_life() {
    local kind=$1 object event entry
    store_start "$kind"
    cold_trail cold 2 $events
    check_cold "$kind: export" 0 export --min-events 10
    check_equal "$kind: every month has a file that was read back" "stored $objects" "$(cold_states cold)"
    conserved "$kind, stored"
    cold_release cold
    check_equal "$kind: no event of these is left in the database" "released $objects 0" "$(cold_states cold) $(in_database)"
    conserved "$kind, released"
    check_cold "$kind: check --deep" 0 check --deep
    check_equal "$kind: each file is as it was" "ok $objects" "$(query 'SELECT min(check_result) || $$ $$ || count(check_result) FROM audit_cold_objects' cold)"
    object=$(query "SELECT object_id FROM audit_cold_objects WHERE workspace_id = w(1) ORDER BY month LIMIT 1" cold)
    event=$(query "SELECT id FROM told WHERE workspace_id = w(2) AND created_by_user_id = w(105) ORDER BY id LIMIT 1" cold)
    check_cold "$kind: restore a month" 0 restore --object "$object"
    check_cold "$kind: restore an event" 0 restore --event "$event"
    check_equal "$kind: they are lent, and in the database" "$((events + 1)) $((events + 1))" "$(loans) $(in_database)"
    conserved "$kind, lent"
    check_equal "$kind: loans go back" "$events" "$(query "SELECT returned_count FROM return_audit_cold_loans(w(1), 'RETENTION', 'T-9', '0')" cold)"
    conserved "$kind, returned"
    entry=$(query "SELECT forget(w(105), w(2))" cold)
    check_equal "$kind: a certificate says what is not done" 'false 2' "$(query "SELECT (c ->> 'is_complete') || ' ' || (c #>> '{cold,objects_pending}') FROM audit_deletion_certificate('$entry') AS c" cold)"
    check_cold "$kind: erase" 0 erase
    conserved "$kind, erased"
    check_cold "$kind: clean" 0 clean
    check_equal "$kind: the files from before are gone" "gone 2, released $objects $objects" "$(cold_states cold) $(cold_fetch "$SCRATCH/files"; find "$SCRATCH/files" -type f | wc -l)"
    query "SELECT audit_scrub('$entry')" cold >/dev/null
    # The thirtieth was on loan: the erasure met it in the database.
    check_equal "$kind: the certificate is complete" 'true 0 29' "$(query "SELECT (c ->> 'is_complete') || ' ' || (c #>> '{cold,objects_pending}') || ' ' || (c #>> '{cold,events_erased}') FROM audit_deletion_certificate('$entry') AS c" cold)"
    check_equal "$kind: what went cold is accounted for" '' "$(database_verify cold)"
    no_session_left "$kind"
}
for kind in directory moto s3s; do whole_life "$kind"; done
stores_stop

# --- files ---
store_start directory
cold_trail cold 2 $events
check_cold 'files: export' 0 export --min-events 10
first=$(find "$STORE_FOLDER/workspace=$w1" -name '2020-01_*.parquet')
mv "$first" "$SCRATCH/away"
check_cold 'a file that is gone before its release: release finds it' 1 release --workspace $w1 --authority RETENTION --ticket T-9
check_equal '... and leaves its events in the database' "stored $events" \
    "$(query "SELECT state || ' ' || (SELECT count(*) FROM audit_events_archive WHERE workspace_id = w(1) AND created_at < '2020-02-01Z') FROM audit_cold_objects WHERE workspace_id = w(1) AND month = '2020-01-01'" cold)"
mv "$SCRATCH/away" "$first"
cold_release cold
check_cold 'a month is lent' 0 restore --workspace $w1 --month 2020-01
mv "$first" "$SCRATCH/away"
check_return 'a file that is gone while its events are on loan: return finds it' 1
check_equal '... and what is left of them stays' $events "$(loans)"
check_cold '... check tells' 1 check
query "SELECT returned_count FROM return_audit_cold_loans(w(1), 'RETENTION', 'T-9', '0')" cold >/dev/null
check_equal '... then the database does not let them go either' $events "$(loans)"
mv "$SCRATCH/away" "$first"
check_cold '... put right, all is well' 0 check
check_return '... and they go back' 0
check_equal '... all of them' 0 "$(loans)"
mapfile -t files < <(find "$STORE_FOLDER" -name '*.parquet' | sort)
keep=$SCRATCH/kept
rm -rf "$keep"
cp -R "$STORE_FOLDER" "$keep"
flip() { python3 -c 'import sys; f = open(sys.argv[1], "r+b"); f.seek(int(sys.argv[2])); b = f.read(1); f.seek(int(sys.argv[2])); f.write(bytes([b[0] ^ 1]))' "$1" "$2"; }
object_of() { basename "$1" .parquet | cut -d _ -f 2; }
result_of() { query "SELECT check_result FROM audit_cold_objects WHERE object_id = '$(object_of "$1")'" cold; }
# damaged NAME FILE RESULT: check says so, health as well, and no event comes back from it.
damaged() {
    local before
    check_cold "$1: check finds it" 1 check
    check_equal "$1: ... and says what it is" "$3" "$(result_of "$2")"
    check_equal "$1: ... health fails" fail "$(query "SELECT status FROM audit_health() WHERE check_name = 'cold_objects'" cold)"
    before=$(in_database)
    cold_in cold restore --object "$(object_of "$2")" && not_ok "$1: nothing comes back from it" "restore ended with 0"
    check_equal "$1: nothing comes back from it" "$before" "$(in_database)"
    rm -rf "${STORE_FOLDER:?}"/*
    cp -R "$keep"/* "$STORE_FOLDER"
    check_cold "$1: put right, all is well" 0 check
}
size=$(stat -c %s "${files[0]}")
flip "${files[0]}" $((size / 2))
damaged 'a bit of a page' "${files[0]}" altered
flip "${files[1]}" $(($(stat -c %s "${files[1]}") - 40))
damaged 'a bit of the footer' "${files[1]}" altered
truncate -s $((size / 2)) "${files[0]}"
damaged 'half a file' "${files[0]}" altered
cp "${files[1]}" "${files[0]}"
damaged "another object's file" "${files[0]}" altered
rm "${files[2]}"
damaged 'no file' "${files[2]}" missing
mkdir -p "$STORE_FOLDER/workspace=$w1/year=2020"
orphan=$STORE_FOLDER/workspace=$w1/year=2020/2020-01_00000000-0000-4000-8000-000000000999.parquet
cp "${files[0]}" "$orphan"
check_cold "nobody's file: check lists it" 1 check
check_equal "nobody's file: ... by its name, and leaves it" '1 1' "$(grep -c 00000000-0000-4000-8000-000000000999 "$SCRATCH/said" | sed 's/[1-9][0-9]*/1/') $(find "$orphan" | wc -l)"
rm "$orphan"
conserved 'files'

# --- stores that fail ---
# refused NAME: no object is stored, every event is in the database, and nobody waits.
refused() {
    check_equal "$1: nothing counts as stored, nothing left" "$(query 'SELECT count(*) FROM told' cold) 0" "$(in_database) $(query "SELECT count(*) FROM audit_cold_objects WHERE state IN ('stored', 'released')" cold)"
    no_session_left "$1"
}
finishes() {
    check_cold "$1: the next run finishes" 0 run --min-events 10
    check_equal "$1: ... and all of it is stored" "$objects" "$(query "SELECT count(*) FROM audit_cold_objects WHERE state = 'stored'" cold)"
    conserved "$1"
}

disk=$CLUSTER_TMP/disk
if mkdir -p "$disk" && mount -t tmpfs -o size=48k tmpfs "$disk" 2>/dev/null; then
    trap 'umount -l "$disk"; cold_stop' EXIT
    cold_trail cold 2 $events
    STORE=file://$disk STORE_FOLDER=$disk
    cold_in cold export --min-events 10 && not_ok 'a full disk: export fails' "$(cat "$SCRATCH/said")"
    check_equal 'a full disk: the error says so' 1 "$(grep -ciE 'no space left|full' "$SCRATCH/said" | sed 's/[1-9][0-9]*/1/')"
    check_equal 'a full disk: no event left' "$(query 'SELECT count(*) FROM told' cold)" "$(in_database)"
    no_session_left 'a full disk'
    mount -o remount,size=10m "$disk"
    finishes 'a full disk'
    cold_trail cold 2 $events
    rm -rf "${disk:?}"/*
    mount -o remount,ro "$disk"
    cold_in cold export --min-events 10 && not_ok 'a read-only disk: export fails' "$(cat "$SCRATCH/said")"
    refused 'a read-only disk'
    mount -o remount,rw "$disk"
    finishes 'a read-only disk'
    umount -l "$disk"
    trap cold_stop EXIT
fi

store_start s3s
afresh() {
    rm -rf "${STORE_FOLDER:?}"/*
    cold_trail cold 2 $events
}
# misbehaving NAME SECONDS BEHAVIOUR…: export fails within that time.
misbehaving() {
    local what=$1 patience=$2 status=0 began=$SECONDS
    shift 2
    afresh
    store_through "$@"
    cold_in cold export --min-events 10 || status=$?
    check_equal "$what: export says that the store failed" 4 "$status"
    check_between "$what: ... in good time, in seconds" 0 "$patience" $((SECONDS - began))
    refused "$what"
    store_direct
    finishes "$what"
}
misbehaving 'writing is forbidden' 60 refuse PUT
misbehaving 'no room' 120 full PUT
misbehaving 'an outage' 240 outage
misbehaving 'half an answer' 240 truncate GET
# Nobody waits for a minute here.
export AWS_TIMEOUT=2s
misbehaving 'no answer to a PUT' 60 silent PUT
[ -z "${AUDIT_EXT_LONG:-}" ] || misbehaving 'no answer to a GET' 60 silent GET
unset AWS_TIMEOUT
afresh
store_through storm
check_cold 'every second request is refused for overload: export finishes' 0 export --min-events 10
check_equal '... and all of it is stored' "stored $objects" "$(cold_states cold)"
store_direct
conserved 'overload'
afresh
store_through flip GET
cold_in cold export --min-events 10 && not_ok 'a bit changes on the way back: export fails' "$(cat "$SCRATCH/said")"
refused 'a bit changes on the way back'
store_direct
finishes 'a bit changes on the way back'
