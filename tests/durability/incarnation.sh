#!/usr/bin/env bash
# Proves that a trail goes on being sealed, each event once, where transaction numbers begin anew: in a copy by CREATE DATABASE … TEMPLATE, in a restored
# dump whose numbers collide with those of the first server, on a promoted standby, and on a server recovered to a point in time. Each begins an incarnation with an origin of its own.
set -euo pipefail
. "$(dirname "$0")/../lib/cluster.sh"
. "$(dirname "$0")/../lib/evidence.sh"

version=$PGVERSION first=$(cluster_dir) other=$(cluster_dir) standby=$(cluster_dir) rewound=$(cluster_dir)
record() { query "SELECT count(insert_audit_event('A', 'thing', NULL, w(n % 5), w(1))) FROM generate_series(1, $1) AS n;
    INSERT INTO audit_events (created_at, action_type, resource_type, workspace_id, created_by_user_id) VALUES (clock_timestamp() - interval '40 days', 'PAST', 'thing', w(100 + $RANDOM), w(1))" "$2" >/dev/null; }
seal() { query 'SELECT sealed_count FROM audit_seal()' "$1"; }
# sound WHAT DATABASE INCARNATIONS
sound() {
    check_equal "$1: no event is missing, extra or twice" '0|0|0' "$(query 'TABLE test.sealed' "$2")"
    check_equal "$1: trees, heads and roots are right" '0|0|0|0' "$(query 'TABLE test.tree' "$2")"
    check_equal "$1: incarnations" "$3" "$(query 'SELECT count(*) FROM audit_log_incarnations' "$2")"
    check_equal "$1: each after the first is an event that tells where the former log ended" $(($3 - 1)) "$(query "SELECT count(*) FROM audit_events AS e JOIN audit_log_incarnations AS i ON e.resource_id = i.root_log_id
        JOIN audit_log_incarnations AS former ON former.incarnation = i.incarnation - 1 WHERE action_type = 'AUDIT_LOG_INCARNATION_BEGAN' AND e.new_values ->> 'origin' = i.origin AND e.old_values ->> 'origin' = former.origin
        AND e.old_values ->> 'root' = (SELECT encode(root_hash, 'base64') FROM audit_log_seals AS s WHERE s.incarnation = former.incarnation ORDER BY seal DESC LIMIT 1)" "$2")"
}
health_of() { query "SELECT status FROM audit_health() WHERE check_name = 'seal_identity'" "$1"; }
# goes_on WHAT DATABASE INCARNATIONS: recording, an open transaction beside the first seal, and seals.
goes_on() {
    check_equal "$1: health warns" warn "$(health_of "$2")"
    record 20 "$2"
    PGAPPNAME=open in_background open "$2" "BEGIN; SELECT count(insert_audit_event('OPEN', 'thing', NULL, w(1), w(1))) FROM generate_series(1, 3); SELECT pg_sleep(6); COMMIT"
    local open=$!
    await "$2" "$(asleep open)"
    record 20 "$2"
    seal "$2" >/dev/null
    check_equal "$1: what is left is the event of the incarnation, and what is open" '1|AUDIT_LOG_INCARNATION_BEGAN' "$(query "SELECT count(*), min(action_type) FROM audit_events WHERE NOT EXISTS (SELECT FROM test.leaf WHERE event = id)" "$2")"
    wait "$open"
    record 20 "$2"
    seal "$2" >/dev/null
    seal "$2" >/dev/null
    sound "$1" "$2" "$3"
    check_equal "$1: health is content" ok "$(health_of "$2")"
}

cluster_start "$version" "$first" 'archive_mode = on' "archive_command = 'cp %p $first/wal/%f'"
as_server mkdir "$first/wal"
database_with_trail seeded
query 'CREATE SCHEMA test' seeded
"$PGBIN/psql" -X -q -d seeded -f "$(dirname "$0")/../golden/seal.sql"
record 50 seeded
# Numbers that the other server has not reached when it begins.
query "DO \$\$ BEGIN FOR i IN 1..3000 LOOP PERFORM insert_audit_event('B', 'thing', NULL, w(6), w(1)); COMMIT; END LOOP; END \$\$" seeded
seal seeded >/dev/null
record 30 seeded
# Recorded, prepared, and open when it was sealed: their seal is for whoever carries on.
query "BEGIN; SELECT insert_audit_event('PREPARED', 'thing', NULL, w(1), w(1)); PREPARE TRANSACTION 'one'" seeded >/dev/null
record 5 seeded
seal seeded >/dev/null
query "COMMIT PREPARED 'one'" seeded
record 10 seeded

query 'CREATE DATABASE copied TEMPLATE seeded'
goes_on 'a copy of the database' copied 2
goes_on_again=$(query 'SELECT count(*) FROM audit_log_seals' seeded)
record 10 seeded
seal seeded >/dev/null
sound 'the original' seeded 1
check_equal '... has sealed on' $((goes_on_again + 1)) "$(query 'SELECT count(*) FROM audit_log_seals' seeded)"
check_equal 'origins differ' 2 "$( { query 'SELECT origin FROM audit_log_incarnations ORDER BY incarnation DESC LIMIT 1' seeded; query 'SELECT origin FROM audit_log_incarnations ORDER BY incarnation DESC LIMIT 1' copied; } | sort -u | wc -l)"
record 10 seeded

"$PGBIN/pg_dump" -Fc -d seeded -f "$SCRATCH/dump"
as_server mkdir "$standby"
as_server "$PGBIN/pg_basebackup" -h "$first" -p 5432 -U postgres -D "$standby/data" -R -X stream -c fast
as_server mkdir "$rewound"
as_server "$PGBIN/pg_basebackup" -h "$first" -p 5432 -U postgres -D "$rewound/data" -X stream -c fast
cluster_start "$version" "$standby" "unix_socket_directories = '$standby'" 'archive_mode = off'
check_equal 'a standby tells that an event is sealed, and seals nothing' 't 25006' "$(query "SELECT audit_await_seal(event, '0') FROM test.leaf LIMIT 1" seeded) $(error_of seeded 'SELECT audit_seal()')"
as_server "$PGBIN/pg_ctl" promote -w -s -D "$standby/data"
goes_on 'a promoted standby' seeded 2
cluster_stop "$standby"

# What is recorded and sealed after the moment is lost; a checkpoint that somebody kept tells so, for good.
cluster_use "$first"
record 10 seeded
seal seeded >/dev/null
moment=$(query "SELECT pg_create_restore_point('then')")
record 10 seeded
seal seeded >/dev/null
kept=$(query 'SELECT audit_checkpoint()' seeded)
query 'SELECT pg_switch_wal()' >/dev/null
await postgres "(SELECT last_archived_wal >= pg_walfile_name('$moment') FROM pg_stat_archiver)"
check_equal 'a checkpoint kept outside is of the first server' sound "$(findings seeded "$kept")"
as_server touch "$rewound/data/recovery.signal"
cluster_start "$version" "$rewound" "unix_socket_directories = '$rewound'" 'archive_mode = off' "restore_command = 'cp $first/wal/%f %p'" "recovery_target_name = 'then'" "recovery_target_action = 'promote'"
await postgres 'NOT pg_is_in_recovery()'
check_equal 'a server recovered to a point in time: the checkpoint is ahead of it' checkpoint_ahead "$(findings seeded "$kept")"
goes_on 'a server recovered to a point in time' seeded 2
check_equal '... and is still, when it has sealed on' checkpoint_ahead "$(findings seeded "$kept")"
cluster_stop "$rewound"

cluster_start "$version" "$other"
query "CREATE DATABASE restored TEMPLATE template0"
"$PGBIN/pg_restore" -d restored "$SCRATCH/dump" 2>"$SCRATCH/restored.log" || true
xid() { query 'SELECT pg_current_xact_id()::text::bigint' "$1"; }
check_equal 'the other server has lower numbers' t "$(query "SELECT pg_current_xact_id()::text::bigint < (SELECT max(abs(seal_xid)) FROM audit_events)" restored)"
goes_on 'a restored dump' restored 2
# ... until they collide with those that the dump has.
for ((round = 0; round < 4; round++)); do
    query "DO \$\$ BEGIN FOR i IN 1..1000 LOOP PERFORM insert_audit_event('C', 'thing', NULL, w(i % 7), w(1)); COMMIT; END LOOP; END \$\$" restored
    seal restored >/dev/null
done
check_equal 'the numbers collide' t "$(query "SELECT pg_current_xact_id()::text::bigint > (SELECT max(abs(seal_xid)) FROM audit_events WHERE action_type <> 'C')" restored)"
sound 'a restored dump, later' restored 2

query "CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0"
query 'CREATE EXTENSION audit_ext' latin
check_equal 'a database of another encoding is not sealed' 0A000 "$(error_of latin 'SELECT audit_seal()')"
