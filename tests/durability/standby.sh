#!/usr/bin/env bash
# Proves that the trail can be read, proven and verified on a physical standby, that recording there fails with SQLSTATE 25006 and nothing worse, and that
# recording works once the standby was promoted.
set -euo pipefail
. "$(dirname "$0")/../lib/cluster.sh"
. "$(dirname "$0")/../lib/evidence.sh"

version=$PGVERSION primary=$(cluster_dir) standby=$(cluster_dir)
event="insert_audit_event('LOGIN', 'session', NULL, w(1), w(1))"
trail="SELECT count(*), md5(string_agg(t::text, ';')) FROM get_audit_trail(w(1), p_days_back => 36500, p_limit => 10000) AS t"

cluster_start "$version" "$primary"
database_with_trail durability
query "INSERT INTO audit_events (created_at, action_type, resource_type, workspace_id, created_by_user_id)
    SELECT '2020-01-01Z'::timestamptz + n * interval '5 days', 'OLD', 'thing', w(1), w(1) FROM generate_series(1, 300) AS n;
    SELECT create_monthly_audit_partition(), create_past_audit_partitions(make_date(1970, 1, 1), make_date(2025, 1, 1)); SELECT count($event) FROM generate_series(1, 100)" durability >/dev/null

as_server mkdir "$standby"
as_server "$PGBIN/pg_basebackup" -h "$primary" -p 5432 -U postgres -D "$standby/data" -R -X stream -c fast
cluster_start "$version" "$standby" "unix_socket_directories = '$standby'" 'hot_standby = on'
check_equal 'the standby is one' t "$(query 'SELECT pg_is_in_recovery()')"

# What is recorded and made on the primary after the copy arrives, too, in sessions that remember what was before.
mkfifo "$SCRATCH/remembering.in"
"$PGBIN/psql" -XqAt -d durability <"$SCRATCH/remembering.in" >"$SCRATCH/remembering.log" 2>&1 &
remembering=$!
exec 9>"$SCRATCH/remembering.in"
echo "$trail;" >&9
for _ in {1..200}; do [ ! -s "$SCRATCH/remembering.log" ] || break; sleep 0.05; done
cluster_use "$primary"
query "SELECT count($event) FROM generate_series(1, 50); INSERT INTO audit_events (created_at, action_type, resource_type, workspace_id,
    created_by_user_id) VALUES ('2014-01-01Z', 'OLD', 'thing', w(2), w(1)); SELECT create_monthly_audit_partition(5), create_past_audit_partitions(make_date(1970, 1, 1), make_date(2025, 1, 1))" durability >/dev/null
kept=$(seal durability) proven=$(an_event durability)
receipt=$(query "SELECT audit_event_proof('$proven')" durability)
lsn=$(query 'SELECT pg_current_wal_lsn()')
expected=$(query "$trail" durability)
security=$(query 'SELECT count(*) FROM vw_security_audit' durability)
schedule=$(query 'SELECT * FROM partition_schedule ORDER BY 1' durability)
sequence=$(query 'SELECT * FROM audit_event_sequence ORDER BY 1' durability)
cluster_use "$standby"
await postgres "pg_last_wal_replay_lsn() >= '$lsn'"
echo "$trail; SELECT sum(default_partition_rows) FROM partition_schedule;" >&9
exec 9>&-
wait "$remembering"
check_equal 'get_audit_trail gives what it gives on the primary' "$expected" "$(query "$trail" durability)"
check_equal '... also in a session from before' "$expected" "$(sed -n 2p "$SCRATCH/remembering.log")"
check_between 'vw_security_audit has events' 150 1000 "$security"
check_equal 'vw_security_audit is the same' "$security" "$(query 'SELECT count(*) FROM vw_security_audit' durability)"
check_equal 'partition_schedule is the same' "$schedule" "$(query 'SELECT * FROM partition_schedule ORDER BY 1' durability)"
check_equal 'a receipt is the one that the primary gives' "$receipt" "$(query "SELECT audit_event_proof('$proven')" durability)"
check_receipt '... and is verified under a checkpoint of the primary' durability "$proven" "$kept"
check_equal 'audit_verify finds nothing' sound "$(findings durability "$kept")"
check_equal 'audit_event_sequence is the same' "$sequence" "$(query 'SELECT * FROM audit_event_sequence ORDER BY 1' durability)"

while read -r what sql; do
    check_equal "$what on the standby fails as read-only" 25006 "$(error_of durability "$sql")"
done <<SQL
insert_audit_event SELECT $event
insert_audit_events SELECT insert_audit_events('[{"action_type": "A", "resource_type": "b", "workspace_id": "00000000-0000-4000-8000-000000000001", "created_by_user_id": "00000000-0000-4000-8000-000000000001"}]')
INSERT INSERT INTO audit_events (action_type, resource_type, workspace_id, created_by_user_id) VALUES ('A', 'b', w(1), w(1))
create_monthly_audit_partition SELECT create_monthly_audit_partition(20)
audit_setup SELECT audit_setup()
audit_grant SELECT audit_grant('postgres', 'reader')
audit_seal SELECT audit_seal()
export_audit_events SELECT export_audit_events(w(1))
SQL
# A bad event is refused as such or as read-only, but by an error either way; nothing is half done in the session.
check_equal 'one session, error after error, still reads' "t|$expected" "$("$PGBIN/psql" -XqAt -d durability 2>/dev/null -c "SELECT $event" -c "SELECT $event" \
    -c 'SELECT pg_is_in_recovery()' -c "$trail" | paste -sd '|')"
check_equal 'the standby log has no crash' '' "$(grep -E 'PANIC|terminated by signal|panicked' "$standby/log" || true)"

cluster_use "$primary"
cluster_stop "$primary"
cluster_use "$standby"
as_server "$PGBIN/pg_ctl" promote -w -s -D "$standby/data"
check_equal 'after promotion events are recorded' 100 "$(query "SELECT count($event) FROM generate_series(1, 100)" durability)"
check_equal '... and the trail goes on' "$((${expected%%|*} + 100))" "$(query "SELECT count(*) FROM get_audit_trail(w(1), p_days_back => 36500, p_limit => 10000)" durability)"
check_goes_on 'the promoted standby' durability "$kept" sound
check_equal '... guards hold' 23001 "$(error_of durability 'DELETE FROM audit_events')"
check_equal '... and partitions are made' 4 "$(query 'SELECT count(*) FROM create_monthly_audit_partition(7)' durability)"
