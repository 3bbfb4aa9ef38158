#!/usr/bin/env bash
# Proves that where a stream stands is data: an abandoned stream holds back no VACUUM and no WAL, a dump and a standby carry it, and in the restored database and after the
# promotion it goes on where it stood. A standby refuses to fetch with 25006, and nothing worse.
set -euo pipefail
. "$(dirname "$0")/../lib/cluster.sh"
. "$(dirname "$0")/../lib/report.sh"

version=$PGVERSION primary=$(cluster_dir) standby=$(cluster_dir) other=$(cluster_dir)
record() { query "SELECT count(insert_audit_event('$1', 'thing', NULL, w(n % 5), w(1))) FROM generate_series(1, $2) AS n" streamed >/dev/null; }
seal() { query 'SELECT sealed_count FROM audit_seal()' streamed >/dev/null; }
# fetched [BATCH]: the batch, how many events it has, and a digest of them in their order.
fetched() { PGUSER=siem query "SELECT batch_id, count(*), md5(string_agg(event_id::text, ' ' ORDER BY no)) FROM fetch_audit_stream('siem', 40, ${1:-NULL}) WITH ORDINALITY AS f (batch_id, event_id, payload, no) GROUP BY 1" streamed; }
# rest BATCH: acknowledges it, reads to the end, and counts the events of type NEW and the others.
rest() {
    local batch=$1
    : >"$SCRATCH/rest"
    while PGUSER=siem query "SELECT payload::json ->> 'action_type' FROM fetch_audit_stream('siem', 1000, $batch)" streamed >"$SCRATCH/page" && [ -s "$SCRATCH/page" ]; do
        cat "$SCRATCH/page" >>"$SCRATCH/rest"
        batch=$((batch + 1))
    done
    echo "$(grep -c '^NEW$' "$SCRATCH/rest") $(grep -c '^OLD$' "$SCRATCH/rest")"
}

cluster_start "$version" "$primary" 'autovacuum = off'
database_with_trail streamed
query "CREATE ROLE siem LOGIN; SELECT audit_grant('siem', 'streamer')" streamed >/dev/null
record FIRST 10
seal
query "SELECT create_audit_stream('siem', 'siem'), create_audit_stream('abandoned', 'siem')" streamed >/dev/null
record OLD 100
seal
first=$(fetched)
check_equal 'a batch is delivered' '1|40' "${first%|*}"

# Nobody fetches from the other stream, and the batch of this one waits.
query "CREATE TABLE dead AS SELECT generate_series(1, 1000) AS n; DELETE FROM dead; SELECT pg_switch_wal()" streamed >/dev/null
query 'VACUUM dead' streamed
check_equal 'VACUUM removes what was deleted since' 0 "$(query "SELECT pg_relation_size('dead')" streamed)"
check_equal 'no backend, slot or prepared transaction holds the horizon' '0|0' "$(query "SELECT (SELECT count(*) FROM pg_stat_activity WHERE backend_xmin IS NOT NULL AND pid <> pg_backend_pid()), (SELECT count(*) FROM pg_replication_slots)" streamed)"

# A standby, and a dump into another server, of now.
as_server mkdir "$standby"
as_server "$PGBIN/pg_basebackup" -h "$primary" -p 5432 -U postgres -D "$standby/data" -R -X stream -c fast
"$PGBIN/pg_dumpall" --roles-only >"$SCRATCH/roles.sql"
"$PGBIN/pg_dump" -Fc streamed >"$SCRATCH/streamed.dump"

cluster_start "$version" "$other"
query 'CREATE ROLE somebody' >/dev/null
"$PGBIN/psql" -Xq -d postgres -f "$SCRATCH/roles.sql" >/dev/null 2>&1 || true
query 'CREATE DATABASE streamed TEMPLATE template0'
"$PGBIN/pg_restore" -d streamed "$SCRATCH/streamed.dump" >"$SCRATCH/restore.log" 2>&1 || true
query 'SELECT audit_setup()' streamed >/dev/null
check_equal 'in a restored dump the batch that waits comes again' "$first" "$(fetched)"
record NEW 30
seal
check_equal '... and the stream goes on, also in the next incarnation' '30 62' "$(rest 1)"
check_equal '... which has begun' 2 "$(query 'SELECT count(*) FROM audit_log_incarnations' streamed)"
check_equal '... to its end' current "$(query "SELECT state FROM audit_streams WHERE name = 'siem'" streamed)"
cluster_stop "$other"

cluster_start "$version" "$standby" "unix_socket_directories = '$standby'" 'hot_standby = on'
check_equal 'the standby is one' t "$(query 'SELECT pg_is_in_recovery()')"
for statement in "SELECT fetch_audit_stream('siem')" "SELECT ack_audit_stream('siem', 1)"; do
    check_equal "on a standby it is refused: $statement" 25006 "$(PGUSER=siem error_of streamed "$statement")"
done
check_equal '... and audit_streams is read' 'abandoned siem' "$(query "SELECT string_agg(name, ' ' ORDER BY name) FROM audit_streams" streamed)"
cluster_use "$primary"
second=$(fetched 1)
check_equal 'the primary goes on' '2|40' "${second%|*}"
lsn=$(query 'SELECT pg_current_wal_lsn()')
cluster_use "$standby"
await postgres "pg_last_wal_replay_lsn() >= '$lsn'"
cluster_use "$primary"
cluster_stop "$primary"
cluster_use "$standby"
as_server "$PGBIN/pg_ctl" promote -w -s -D "$standby/data"
check_equal 'after a promotion the batch that waits comes again' "$second" "$(fetched)"
record NEW 30
seal
check_equal '... and the stream goes on' '30 22' "$(rest 2)"
