#!/usr/bin/env bash
# Proves that a trail survives pg_dump and pg_restore whole, in every format and a second time: seed.sql fills a database, check.sql shows
# the same of each copy to the byte, and the dump of a copy is the first dump. Also what goes wrong with odd dumps, and the remedy.
set -euo pipefail
. "$(dirname "$0")/../lib/evidence.sh"
here=$(dirname "$0")

psql_stops() { "$PGBIN/psql" -X -q -A -t -v ON_ERROR_STOP=1 "$@"; }
# Newer releases frame plain dumps with a random key.
plain_dump() { "$PGBIN/pg_dump" "$@" | sed -E '/^\\(un)?restrict /d'; }
# show DATABASE SCHEMA: what check.sql says, into $SCRATCH/DATABASE.check.
show() {
    "$PGBIN/psql" -X -q -d "$1" -v schema="$2" -f "$here/check.sql" >"$SCRATCH/$1.check" 2>&1 ||
        not_ok "check.sql runs in $1" "$(grep -A 3 ERROR "$SCRATCH/$1.check")"
}

seed() {
    database_fresh "$1"
    psql_stops -d "$1" -c "CREATE SCHEMA IF NOT EXISTS \"$2\"" -c "CREATE EXTENSION audit_ext SCHEMA \"$2\"" 2>/dev/null
    psql_stops -d "$1" -v schema="$2" -f "$here/seed.sql" >/dev/null
    show "$1" "$2"
}

# check_copy DESCRIPTION DATABASE SCHEMA ORIGINAL: the copy is the original, and its dump is the original's.
check_copy() {
    show "$2" "$3"
    check_same_file "$1: content, guards, order rule, rights and partitions are the same" "$SCRATCH/$4.check" "$SCRATCH/$2.check"
    plain_dump "$2" >"$SCRATCH/$2.dump"
    check_same_file "$1: its dump is the first dump" "$SCRATCH/$4.dump" "$SCRATCH/$2.dump"
}

# check_quiet DESCRIPTION COMMAND…: it succeeds and says nothing but the warning that CREATE EXTENSION made no tables.
check_quiet() {
    local what=$1 status=0 said
    shift
    said=$("$@" 2>&1 >/dev/null) || status=$?
    check_equal "$what: no error" '0 ' "$status $(grep -vE 'audit_ext made no tables because a dump is being restored|If the dump does not bring|^HINT' <<<"$said" || true)"
}

restore_plain() { "$PGBIN/pg_dump" "$1" | psql_stops -d "$2"; }

query 'CREATE ROLE dump_writer; CREATE ROLE dump_reader; CREATE ROLE dump_gone'
for schema in public 'An Audit'; do
    seed seeded "$schema"
    plain_dump seeded >"$SCRATCH/seeded.dump"
    "$PGBIN/pg_dump" -F custom -f "$SCRATCH/custom" seeded
    "$PGBIN/pg_dump" -F directory -j 2 -f "$SCRATCH/directory" seeded

    database_fresh copied
    check_quiet "$schema, psql" restore_plain seeded copied
    check_copy "$schema, psql" copied "$schema" seeded
    database_fresh again
    check_quiet "$schema, a copy of the copy" restore_plain copied again
    check_copy "$schema, a copy of the copy" again "$schema" seeded
    database_fresh copied
    check_quiet "$schema, pg_restore" "$PGBIN/pg_restore" --exit-on-error -d copied "$SCRATCH/custom"
    check_copy "$schema, pg_restore" copied "$schema" seeded
    database_fresh copied
    check_quiet "$schema, pg_restore -j 2" "$PGBIN/pg_restore" --exit-on-error -j 2 -d copied "$SCRATCH/directory"
    check_copy "$schema, pg_restore -j 2" copied "$schema" seeded
    # The guard lets nobody disable triggers; its hint names what to do instead.
    check_equal "$schema, pg_restore --disable-triggers: refused with a way out" 1 "$("$PGBIN/pg_restore" --exit-on-error --data-only --disable-triggers -d copied "$SCRATCH/custom" 2>&1 |
        grep -c 'HINT: .*SET session_replication_role = replica instead of disabling triggers' || true)"
    rm -rf "$SCRATCH/custom" "$SCRATCH/directory"
    [ "$schema" = public ] || continue

    # Such a dump does not begin as others do, so CREATE EXTENSION makes tables and the dump's own collide with them.
    "$PGBIN/pg_dump" --enable-row-security seeded >"$SCRATCH/row_security.sql"
    database_fresh copied
    check_equal '--enable-row-security: without the setting the restore stops at the first table' 1 \
        "$(psql_stops -d copied -f "$SCRATCH/row_security.sql" 2>&1 >/dev/null | grep -c 'relation "audit_[a-z_]*" already exists')"
    database_fresh copied
    PGOPTIONS='-c audit_ext.restoring=on' check_quiet '--enable-row-security: with audit_ext.restoring' psql_stops -d copied -f "$SCRATCH/row_security.sql"
    check_copy '--enable-row-security' copied public seeded

    # A dump without our tables: a warning, an error that says what to do, and the repair.
    "$PGBIN/pg_dump" -T 'audit_*' -T partition_schedule -T vw_security_audit seeded >"$SCRATCH/without.sql"
    database_fresh copied
    check_equal 'tables left out: the restore warns' 1 "$(psql_stops -d copied -f "$SCRATCH/without.sql" 2>&1 >/dev/null | grep -c 'WARNING:  audit_ext made no tables')"
    record="SELECT insert_audit_event('A', 'b', NULL, w(1), w(1))"
    check_equal 'tables left out: recording fails' 42P01 "$(error_of copied "$record")"
    check_equal 'tables left out: the bulk function fails' 42P01 "$(error_of copied "SELECT insert_audit_events('[]')")"
    check_equal 'tables left out: reading fails' 42P01 "$(error_of copied 'SELECT get_audit_trail(w(1))')"
    check_equal 'tables left out: the hint names audit_setup()' 'HINT:  Call audit_setup() as the owner of the extension.' \
        "$("$PGBIN/psql" -X -d copied -c "$record" 2>&1 | grep HINT || true)"
    query 'SELECT audit_setup()' copied >/dev/null
    check_equal 'tables left out: audit_setup() repairs' '1 1 23001 23001' "$(query "SELECT count(insert_audit_event('A', 'b', NULL, w(1), w(1)))" copied) $(
        query 'SELECT count(*) FROM get_audit_trail(w(1))' copied) $(error_of copied 'DELETE FROM audit_events') $(error_of copied 'TRUNCATE audit_events_default')"

    # Rows alone, into a trail of its own: the clock of that server may be behind what the rows say.
    "$PGBIN/pg_dump" --data-only --load-via-partition-root -t 'audit_*' -t team seeded >"$SCRATCH/rows.sql"
    database_with_trail copied
    query 'CREATE TABLE team (workspace uuid NOT NULL, member uuid NOT NULL)' copied
    PGOPTIONS='-c session_replication_role=replica' check_quiet 'data only' psql_stops -d copied -f "$SCRATCH/rows.sql"
    query 'SELECT audit_setup(); SELECT create_monthly_audit_partition(4), create_past_audit_partitions(make_date(1970, 1, 1), make_date(2025, 1, 1))' copied >/dev/null 2>&1
    query 'SELECT create_monthly_audit_partition(4), create_past_audit_partitions(make_date(1970, 1, 1), make_date(2025, 1, 1))' seeded >/dev/null 2>&1
    for database in seeded copied; do
        show "$database" public
        sed -n -e '/^== content/,/^== relations/p' -e '/^== what is refused/,$p' "$SCRATCH/$database.check" >"$SCRATCH/$database.rows"
    done
    check_same_file 'data only: content, guards, order rule and rights are the same' "$SCRATCH/seeded.rows" "$SCRATCH/copied.rows"

    # A sealed trail: what the copy proves, the first checkpoint confirms; from then on each of the two has a log of its own.
    # What seed.sql wrote as replica is found in both: an entry of the deletion log by hand, and events without a key.
    kept=$(seal seeded) found=$(findings seeded "$(seal seeded)")
    database_fresh copied
    check_quiet 'sealed' restore_plain seeded copied
    check_receipt 'sealed: the copy proves an event under the checkpoint of the first' copied "$(an_event copied)" "$kept"
    check_equal 'sealed: audit_verify finds in the copy what it finds in the first' "$found" "$(findings copied "$kept")"
    check_goes_on 'sealed: the copy' copied "$kept" "$found"
    check_equal 'sealed: the first goes on in its own log' "$(origin "$kept")" "$(origin "$(seal seeded)")"
done
check_equal 'the check saw something: an event from the future, two deep refusals' '1 1' "$(query "SELECT count(*) FROM \"An Audit\".audit_events WHERE created_at > now()" seeded) $(
    grep -c 'replica .* TRUNCATE .* audit_events_default .* 23001 Audit events are immutable' "$SCRATCH/seeded.check")"
for database in seeded copied again; do query "DROP DATABASE $database"; done
query 'DROP ROLE dump_writer; DROP ROLE dump_reader; DROP ROLE dump_gone'
