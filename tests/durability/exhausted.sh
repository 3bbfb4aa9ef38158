#!/usr/bin/env bash
# Proves that running out of disk and out of connections costs nothing but the calls that fail: clear errors, every acknowledged event
# is there, and recording goes on by itself when there is room. The archive's side of it is tested with the archive.
set -euo pipefail
. "$(dirname "$0")/../lib/cluster.sh"
. "$(dirname "$0")/../lib/report.sh"

version=$PGVERSION cluster=$(cluster_dir)
cat >"$SCRATCH/record.sql" <<'SQL'
\set n :n + 1
SELECT insert_audit_event('EVENT', 'thing', w(:n), w(:client_id), w(1), NULL, jsonb_build_object('n', :n, 'text', repeat(md5(:n::text), 20)));
SQL
# Each client in turn records until it meets an error: the errors it met, and how often it was answered.
record() { "$PGBIN/pgbench" -n -c 8 -t "$3" -D n="$2" -f "$SCRATCH/record.sql" -l --log-prefix="$SCRATCH/$1" durability >"$SCRATCH/$1.pgbench" 2>&1 || true; }
acknowledged() { cat "$SCRATCH"/*.[0-9]* 2>/dev/null | wc -l; }
stored() { query "SELECT count(*) || ' ' || count(DISTINCT id) FROM audit_events WHERE action_type = 'EVENT' AND (new_values->>'text') = repeat(md5(new_values->>'n'), 20)" durability; }
check_stored() { check_equal "$1" "$(acknowledged) $(acknowledged)" "$(stored)"; }

disk=$CLUSTER_TMP/disk
small_disk() { mkdir -p "$disk" && mount -t tmpfs -o "size=$1" tmpfs "$disk" 2>/dev/null && chown "$(server_user)" "$disk" && chmod 700 "$disk"; }
remove_disk() { ! mountpoint -q "$disk" || umount -l "$disk"; }
if small_disk 40m; then
    trap 'remove_disk; cluster_cleanup' EXIT
    cluster_start "$version" "$cluster" 'max_connections = 20'
    database_with_trail durability
    query "CREATE TABLESPACE small LOCATION '$disk'"
    query 'ALTER DATABASE durability SET TABLESPACE small'
    record before 0 200
    fallocate -l "$(($(df --output=avail -B1 "$disk" | tail -n 1) - 2000000))" "$disk/filler"
    record full 1000 4000
    check_equal 'disk full: the error says so, and only that' 53100 "$(sed -nE 's/.*ERROR: .*(No space left on device|wrote only).*/53100/p; /ERROR/!d; /No space left|wrote only/!p' "$SCRATCH/full.pgbench" | sort -u)"
    check_between '... some events were still recorded' 1 31999 "$(cat "$SCRATCH"/full.[0-9]* | wc -l)"
    check_equal '... reading goes on' 100 "$(query "SELECT count(*) FROM get_audit_trail(w(0))" durability)"
    check_equal '... months that cannot be made fail as such' 53100 "$(error_of durability 'SELECT create_monthly_audit_partition(100)')"
    check_stored '... every acknowledged event is there, with its content, and no other'
    rm "$disk/filler"
    record after 6000 100
    check_equal '... with room again, the same server records' 800 "$(cat "$SCRATCH"/after.[0-9]* | wc -l)"
    check_equal '... and makes months' t "$(query 'SELECT count(*) > 0 FROM create_monthly_audit_partition(10)' durability)"
    check_stored '... and nothing was lost'
    query 'DROP DATABASE durability'
    query 'DROP TABLESPACE small'
    cluster_stop "$cluster"
    remove_disk
    rm -f "$SCRATCH"/*.[0-9]*

    # The whole cluster, write-ahead log included, on the disk that fills: the server stops, as PostgreSQL does, and comes back whole.
    small_disk 300m
    whole=$disk/cluster
    cluster_start "$version" "$whole" 'fsync = on' 'max_wal_size = 32MB' 'min_wal_size = 32MB' 'max_connections = 20' 'shared_buffers = 16MB'
    database_with_trail durability
    record before 0 200
    query CHECKPOINT
    fallocate -l "$(($(df --output=avail -B1 "$disk" | tail -n 1) - 6000000))" "$disk/filler"
    record full 1000 40000
    check_between 'log full: some events were still recorded' 1 319999 "$(cat "$SCRATCH"/full.[0-9]* | wc -l)"
    check_between '... then there was no room' 1 100000 "$(grep -c 'No space left on device' "$whole/log")"
    rm "$disk/filler"
    cluster_stop "$whole" immediate
    cluster_start "$version" "$whole"
    # Of each client one event more may be stored: committed, and the server gone before it could say so.
    check_between '... after a restart every acknowledged event is there, with its content' "$(acknowledged)" $(($(acknowledged) + 8)) "$(stored | cut -d ' ' -f 1)"
    check_equal '... just once' "$(stored | cut -d ' ' -f 1)" "$(stored | cut -d ' ' -f 2)"
    record after 50000 100
    check_equal '... and the server records' '800 0' "$(cat "$SCRATCH"/after.[0-9]* | wc -l) $(query "SELECT count(*) FROM audit_health() WHERE status = 'fail'" durability)"
    cluster_stop "$whole"
    rm -f "$SCRATCH"/*.[0-9]*
else
    echo '# a full disk was not tried: it takes the right to mount a file system'
fi

# Connections: more clients than there are. Those who get none are told; those who have one notice nothing.
crowded=$(cluster_dir)
cluster_start "$version" "$crowded" 'max_connections = 12' 'superuser_reserved_connections = 2'
database_with_trail durability
"$PGBIN/pgbench" -n -c 4 -T 4 -D n=0 -f "$SCRATCH/record.sql" -l --log-prefix="$SCRATCH/crowded" durability >"$SCRATCH/crowded.pgbench" 2>&1 &
lucky=$!
sleep 1
crowd=()
for ((n = 0; n < 20; n++)); do
    in_background "crowd_$n" durability "SELECT insert_audit_event('CROWD', 'thing', NULL, w(1), w(1)) IS NOT NULL; SELECT pg_sleep(2)"
    crowd+=($!)
done
for pid in "${crowd[@]}"; do wait "$pid" || true; done
wait "$lucky"
refused=$(grep -lE 'too many clients already|remaining connection slots are reserved' "$SCRATCH"/crowd_*.log | wc -l)
check_between 'connections used up: some got none, and are told' 1 19 "$refused"
check_equal '... the others recorded, and nobody else did' "$((20 - refused))" "$(query "SELECT count(*) FROM audit_events WHERE action_type = 'CROWD'" durability)"
check_equal '... who had a connection noticed nothing' 0 "$(grep -c ERROR "$SCRATCH/crowded.pgbench" || true)"
check_stored '... and every acknowledged event is there'
