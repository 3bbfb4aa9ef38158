#!/usr/bin/env bash
# Proves that archive (function, procedure, by month), drain, restore and purge can be cut short at any moment, by pg_cancel_backend, by
# kill -9 of the whole server and by a full disk: nothing is lost or doubled, health tells of it, and the next run carries on.
set -euo pipefail
. "$(dirname "$0")/../lib/cluster.sh"
. "$(dirname "$0")/../lib/archive.sh"

version=$PGVERSION cluster=$(cluster_dir) cancels=18 kills=4 events=2500
[ -z "${AUDIT_EXT_LONG:-}" ] || cancels=60 kills=50 events=6000

# A month that is being vacuumed would be left to the run after the next.
cluster_start "$version" "$cluster" 'checkpoint_timeout = 30s' 'max_wal_size = 64MB' 'max_connections = 40' 'autovacuum = off'
database_with_book durability
query "INSERT INTO audit_retention_policies (workspace_id, hot_retention_days, warm_archive_days) VALUES (w(1), 30, 9000), (w(2), 30, 9000), (w(3), 30, 60);
    SELECT past(n, '2022-01-20Z', '10 minutes', $events) FROM generate_series(1, 2) AS n; SELECT create_past_audit_partitions(make_date(1970, 1, 1), make_date(2025, 1, 1))" durability >/dev/null 2>&1
purgeable=0 strays=0

# Each brings about what there is to do; what does it is on the next line.
prepare_archive() { query "UPDATE audit_retention_policies SET archive_by = 'event'; SELECT restore_all()" durability >/dev/null; }
do_archive() { echo 'SELECT archive_old_audit_events()'; }
prepare_procedure() { prepare_archive; }
do_procedure() { echo 'CALL archive_audit_events()'; }
prepare_month() { query "UPDATE audit_retention_policies SET archive_by = 'month'; SELECT restore_all()" durability >/dev/null; }
do_month() { echo 'SELECT archive_old_audit_events()'; }
prepare_restore() { query 'SELECT archive_old_audit_events()' durability >/dev/null; }
do_restore() { echo 'SELECT restore_all()'; }
prepare_drain() {
    strays=$((strays + 1))
    query "SELECT past(100 + $strays, make_timestamptz(1980 + $strays, 1, 1, 0, 0, 0), '2 hours', $events / 4)" durability >/dev/null
}
do_drain() { echo 'SELECT create_past_audit_partitions(make_date(1970, 1, 1), make_date(2025, 1, 1))'; }
prepare_purge() {
    purgeable=$((purgeable + 1))
    query "SELECT past(3, '2023-01-01Z'::timestamptz + $purgeable * interval '1 day', '1 minute', 1000); SELECT archive_old_audit_events()" durability >/dev/null
}
do_purge() { echo 'SELECT purge(3)'; }
kinds=(archive procedure month restore drain purge)

# How long each takes when it is let alone, in milliseconds: moments are chosen within that.
declare -A lasts
for kind in "${kinds[@]}"; do
    "prepare_$kind"
    began=$(milliseconds)
    query "$(do_$kind)" durability >/dev/null 2>&1
    lasts[$kind]=$(($(milliseconds) - began + 1))
done
echo "# milliseconds when let alone:$(for kind in "${kinds[@]}"; do printf ' %s %s' "$kind" "${lasts[$kind]}"; done)"
check_conserved 'let alone' durability

# start KIND: what it does, in the background, and waits for a moment of it.
start() {
    "prepare_$1"
    in_background "$1" durability "$(do_$1)"
    started=$!
    sleep "$(awk -v all="${lasts[$1]}" -v part="$RANDOM" 'BEGIN {printf "%.3f", 0.005 + all / 1000 * part / 32768}')"
}
is_archiving() { [[ $1 = archive || $1 = procedure || $1 = month ]]; }
# The run that was cut short, if it had begun; then a run that is let alone makes all well.
check_carries_on() {
    local what=$1 kind=$2 was_cut=$3
    if is_archiving "$kind" && [ "$was_cut" = yes ] && [ "$(query "SELECT last_value > $before FROM audit_archive_attempts" durability)" = t ]; then
        told=$((told + 1))
        [ "$(health durability archive_run)" = fail ] || check_equal "$what: health tells of the run" fail "$(health durability archive_run)"
    fi
    query 'SELECT archive_old_audit_events()' durability >/dev/null 2>&1
    [ "$(health durability archive_run) $(query 'SELECT due()' durability)" = 'ok 0' ] ||
        check_equal "$what: the next run carries on" 'ok 0' "$(health durability archive_run) $(query 'SELECT due()' durability)"
}

cut=0 told=0
: >"$SCRATCH/astray"
for ((round = 0; round < cancels; round++)); do
    kind=${kinds[round % ${#kinds[@]}]}
    before=$(query 'SELECT last_value FROM audit_archive_attempts' durability)
    start "$kind"
    query "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE application_name = '$kind' AND state = 'active'" durability >/dev/null
    was_cut=yes
    ! wait "$started" || was_cut=no
    [ $was_cut = no ] || cut=$((cut + 1))
    query "SELECT '$kind', * FROM astray LIMIT 3" durability >>"$SCRATCH/astray"
    check_carries_on "cancelled $kind" "$kind" $was_cut
done
check_between "of $cancels rounds, cut short by pg_cancel_backend" $((cancels / 4)) "$cancels" "$cut"
check_between '... runs of the archive that health told of, while every event was in its place' 1 "$cancels" "$told"
check_equal '... and nothing was ever lost, doubled or changed' '' "$(head -n 5 "$SCRATCH/astray")"

cut=0 told=0
for ((round = 0; round < kills; round++)); do
    kind=${kinds[(round + RANDOM % 2) % ${#kinds[@]}]}
    before=$(query 'SELECT last_value FROM audit_archive_attempts' durability)
    start "$kind"
    cluster_kill "$cluster"
    was_cut=yes
    ! wait "$started" || was_cut=no
    [ $was_cut = no ] || cut=$((cut + 1))
    rm -f "$cluster/data/postmaster.pid"
    cluster_start "$version" "$cluster"
    query "SELECT '$kind', * FROM astray LIMIT 3" durability >>"$SCRATCH/astray"
    check_carries_on "killed $kind" "$kind" $was_cut
done
check_between "of $kills rounds, cut short by kill -9" 1 "$kills" "$cut"
echo "# of those, runs of the archive that health told of: $told"
check_equal '... and nothing was ever lost, doubled or changed' '' "$(head -n 5 "$SCRATCH/astray")"
check_equal 'no table is left that is no partition' 0 "$(query "SELECT count(*) FROM pg_class
    WHERE relkind = 'r' AND NOT relispartition AND relname ~ '^audit_(events|month)' AND relname !~ '^audit_events(_archive)?\$'" durability)"
check_equal 'guards are in force' ok "$(health durability guards)"
check_equal 'indexes agree with the tables' 0 "$(query "SET enable_seqscan = off; SET enable_bitmapscan = off; SELECT count(*) FROM told LEFT JOIN purged USING (id)
    WHERE purged.id IS NULL AND (SELECT count(*) FROM (SELECT FROM audit_events AS e WHERE e.id = told.id AND e.created_at = told.created_at
      UNION ALL SELECT FROM audit_events_archive AS e WHERE e.id = told.id AND e.created_at = told.created_at) AS found) <> 1" durability)"

# A disk that is full: a database on a file system of 30 MB, of which a file takes what is left.
disk=$cluster/disk
small_disk() { mkdir -p "$disk" && mount -t tmpfs -o size=30m tmpfs "$disk" 2>/dev/null && chown "$(server_user)" "$disk"; }
remove_disk() { ! mountpoint -q "$disk" || umount -l "$disk"; }
if small_disk; then
    trap 'remove_disk; cluster_cleanup' EXIT
    database_with_book full_disk
    query "CREATE TABLESPACE small LOCATION '$disk'"
    query 'ALTER DATABASE full_disk SET TABLESPACE small'
    query "SELECT past(1, '2022-01-20Z', '10 minutes', 6000); SELECT create_past_audit_partitions(make_date(1970, 1, 1), make_date(2025, 1, 1))" full_disk >/dev/null
    for kind in archive restore; do
        [ $kind = archive ] && task='SELECT archive_old_audit_events()' || task='SELECT restore_all()'
        query CHECKPOINT full_disk
        head -c 100M /dev/zero >"$disk/filler" 2>/dev/null || true
        truncate -s -300K "$disk/filler"
        check_equal "$kind on a full disk fails as such" 53100 "$(error_of full_disk "$task")"
        rm "$disk/filler"
        check_conserved "... and then" full_disk
        [ $kind = restore ] || check_equal '... and health tells' fail "$(health full_disk archive_run)"
        query "$task" full_disk >/dev/null
        check_conserved "... and once there is room, it carries on, and" full_disk
    done
    query 'DROP DATABASE full_disk'
    query 'DROP TABLESPACE small'
else
    echo '# a full disk was not tried: it takes the right to mount a file system'
fi

# No connection left: a run that has one goes on, and whoever gets none is told so.
query "UPDATE audit_retention_policies SET archive_by = 'event'; SELECT restore_all()" durability >/dev/null
in_background archiver durability 'SELECT pg_sleep(4); SELECT archived_count > 0 FROM archive_old_audit_events()'
archiver=$!
await durability "$(asleep archiver)"
crowd=()
for ((n = 0; n < 45; n++)); do
    in_background "crowd.$n" durability 'SELECT pg_sleep(8)'
    crowd+=($!)
done
wait "$archiver"
check_equal 'no connection left: the run goes on' t "$(tail -n 1 "$SCRATCH/archiver.log")"
for pid in "${crowd[@]}"; do wait "$pid" || true; done
check_between '... while others got none' 1 45 "$(grep -l 'too many clients' "$SCRATCH"/crowd.* | wc -l)"
check_conserved '... and then' durability
