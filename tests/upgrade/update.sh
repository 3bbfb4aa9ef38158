#!/usr/bin/env bash
# Proves that a database of any release is updated under load without one refused event, and is then what a fresh one is, column order,
# comments, rights and constraints included, as is a restored one; and that the new package alone stops nothing.
#
# The next version is made up: this checkout under the next number, with a function, a view, two tables and a comment more, and its upgrade script. A
# real change has nothing else to do. Both run in a copy of the server's programs.
set -euo pipefail
. "$(dirname "$0")/../lib/cluster.sh"
. "$(dirname "$0")/../lib/report.sh"
. "$(dirname "$0")/../lib/install.sh"
. "$(dirname "$0")/../lib/released.sh"
. "$(dirname "$0")/../lib/made_up.sh"
here=$(cd "$(dirname "$0")" && pwd)

version=$PGVERSION cluster=$(cluster_dir) seconds=12
[ -z "${AUDIT_EXT_LONG:-}" ] || seconds=120
present=$(release_version) next=${present%.*}.$((${present##*.} + 1))

run_file() { "$PGBIN/psql" -X -q -A -t -v ON_ERROR_STOP=1 -v schema=public -d "$1" -f "$2" 2>&1; }
# show DATABASE: all there is to know into DATABASE.check, and what does not depend on the moment it was filled into DATABASE.made.
show() {
    "$PGBIN/psql" -X -q -d "$1" -v schema=public -f "$here/../durability/check.sql" >"$SCRATCH/$1.check" 2>&1 || not_ok "check.sql runs in $1" "$(grep -A 3 ERROR "$SCRATCH/$1.check")"
    # Names of NOT NULL constraints are those that the first server gave, or none before PostgreSQL 18; the columns tell what is NOT NULL. Optional indexes have the OID of their table in the name.
    { sed -n -e '/| n  *| t  *| NOT NULL/d' -e 's/audit_index_\([a-z_]*\)_[0-9]\{5,\}/audit_index_\1_<oid>/g' -e '/^== relations:/,$p' "$SCRATCH/$1.check"; "$PGBIN/psql" -X -q -d "$1" -f "$here/catalog.sql" 2>&1; } >"$SCRATCH/$1.made"
}
database_of() { echo "released_${1//./_}"; }
# A fresh one of the default version. What an update sets up, months of stray events for one, is set up in it too.
make_fresh() {
    database_fresh fresh
    query 'CREATE EXTENSION audit_ext' fresh
    run_file fresh "$here/../durability/seed.sql" >/dev/null
    query 'SELECT audit_setup()' fresh >/dev/null
    show fresh
}
health() { query "SELECT status FROM audit_health() WHERE check_name = 'version'" "$1"; }

toolchain_setup
cluster_own_programs "$version"
cluster_start "$version" "$cluster"
extensions=$("$PGBIN/pg_config" --sharedir)/extension
cp "$RELEASED"/audit_ext--*.sql "$extensions"
rm -f "$extensions"/audit_ext--*.tables.sql
query 'CREATE ROLE dump_writer; CREATE ROLE dump_reader; CREATE ROLE dump_gone'

# A database of each release: its tables and functions as they are written down, under the present library.
for release in $(released_versions); do
    database=$(database_of "$release")
    database_fresh "$database"
    run_file "$database" "$RELEASED/audit_ext--$release.tables.sql" >"$SCRATCH/released.$release" || not_ok "the tables of $release are made" "$(cat "$SCRATCH/released.$release")"
    query 'SELECT create_monthly_audit_partition(2)' "$database" >/dev/null
    run_file "$database" "$here/../durability/seed.sql" >"$SCRATCH/seed.$release" || not_ok "the library works for $release" "$(cat "$SCRATCH/seed.$release")"
    [ "$release" = "$present" ] || query 'ALTER EXTENSION audit_ext UPDATE' "$database"
    query 'SELECT audit_setup()' "$database" >/dev/null
    show "$database"
done
make_fresh
for release in $(released_versions); do
    check_same_file "a database of $release, brought to $present, is what a fresh one is" "$SCRATCH/fresh.made" "$SCRATCH/$(database_of "$release").made"
done

make_up_source "$CLUSTER_TMP/next" "$present" "$next"
# Beside this checkout's build, whose dependencies it shares. The library of both is one file there: whoever builds this checkout next builds it anew.
export CARGO_TARGET_DIR=$ROOT/target
build_next() {
    local status=0
    (ROOT=$CLUSTER_TMP/next && extension_cargo package ci "$(pg_bin "$version")/pg_config" --out-dir "$CLUSTER_TMP/package") >"$SCRATCH/build" 2>&1 || status=$?
    rm -rf "$CARGO_TARGET_DIR"/*/.fingerprint/audit_ext-*
    return "$status"
}
alone build_next || not_ok "version $next is built" "$(tail -n 20 "$SCRATCH/build")"

# Under load, in one connection for all and in one for each event: the package comes, then the update, one forgetful before.
database_with_trail updated
cat >"$SCRATCH/event.sql" <<'SQL'
\set a random(1, 20)
SELECT insert_audit_event('UPDATE', 'thing', w(:a), w(:a), w(:client_id), '{"a": 1}', '{"a": 2}');
SQL
cat >"$SCRATCH/insert.sql" <<'SQL'
\set a random(1, 20)
INSERT INTO audit_events (action_type, resource_type, workspace_id, created_by_user_id) VALUES ('INSERTED', 'thing', w(:a), w(1));
SQL
cat >"$SCRATCH/bulk.sql" <<'SQL'
\set a random(1, 20)
SELECT count(*) FROM insert_audit_events(jsonb_build_array(jsonb_build_object('action_type', 'BULK', 'resource_type', 'thing', 'workspace_id', w(:a), 'created_by_user_id', w(1))));
SQL
cat >"$SCRATCH/read.sql" <<'SQL'
\set a random(1, 20)
SELECT count(*) FROM get_audit_trail(w(:a));
SQL
scripts=(-f "$SCRATCH/event.sql@3" -f "$SCRATCH/insert.sql@2" -f "$SCRATCH/bulk.sql@2" -f "$SCRATCH/read.sql@1")
bench lasting updated -c 4 -T "$seconds" "${scripts[@]}" >"$SCRATCH/lasting" &
lasting=$!
bench new updated -c 2 -C -T "$seconds" "${scripts[@]}" >"$SCRATCH/new" &
new=$!
sleep 2
check_equal "before the package of $next: health" "ok $present" "$(health updated) $(query "SELECT extversion FROM pg_extension WHERE extname = 'audit_ext'" updated)"
extension_place "$CLUSTER_TMP/package" "$PGBIN/pg_config"
sleep 2
check_equal '... with the package, before the update: health warns' "warn $present" "$(health updated) $(query "SELECT extversion FROM pg_extension WHERE extname = 'audit_ext'" updated)"
check_equal '... and finds nothing that fails' 't 0' "$(query "SELECT count(*) > 5, count(*) FILTER (WHERE status = 'fail') FROM audit_health()" updated | tr '|' ' ')"
check_equal '... an update that makes a member of a table fails' P0001 "$(error_of updated "ALTER EXTENSION audit_ext UPDATE TO '$next-forgetful'")"
check_equal '... and leaves all as it was' "warn $present t" "$(health updated) $(query "SELECT extversion, to_regclass('audit_forgotten') IS NULL FROM pg_extension WHERE extname = 'audit_ext'" updated | tr '|' ' ')"
began=$(milliseconds)
check_equal '... the update succeeds' none "$(error_of updated 'ALTER EXTENSION audit_ext UPDATE')"
echo "# it took $(($(milliseconds) - began)) ms under load"
check_equal '... and health is content' "ok $next t" "$(health updated) $(query "SELECT extversion, audit_made_up('a', 'b') = audit_resource_id('a', 'b') FROM pg_extension WHERE extname = 'audit_ext'" updated | tr '|' ' ')"
check_equal '... nothing in it fails' '' "$(query "SELECT check_name, detail FROM audit_health() WHERE status = 'fail'" updated)"
wait "$lasting" "$new"
cat "$SCRATCH/lasting" "$SCRATCH/new"
recorded=0
for run in lasting new; do
    for script in event insert bulk; do recorded=$((recorded + $(bench_count $run $script.sql))); done
done
check_equal '... every event that was acknowledged is stored' "$recorded" "$(query "SELECT count(*) FROM audit_events WHERE action_type IN ('UPDATE', 'INSERTED', 'BULK')" updated)"
check_equal '... no server process died' '' "$(grep -E 'PANIC|terminated by signal|panicked' "$cluster/log" || true)"

# Fresh, updated and restored.
database=$(database_of "$present")
query 'ALTER EXTENSION audit_ext UPDATE' "$database"
show "$database"
make_fresh
check_same_file 'an updated database is what a fresh one is' "$SCRATCH/fresh.made" "$SCRATCH/$database.made"
database_fresh restored
"$PGBIN/pg_dump" "$database" | "$PGBIN/psql" -X -q -v ON_ERROR_STOP=1 -d restored >"$SCRATCH/restore" 2>&1 || not_ok 'an updated database is restored' "$(grep -A 3 ERROR "$SCRATCH/restore")"
show restored
check_same_file '... and a restored one, content included' "$SCRATCH/$database.check" "$SCRATCH/restored.check"
check_same_file '... functions included' "$SCRATCH/$database.made" "$SCRATCH/restored.made"
check_equal 'the made-up change is in the comparison' '1 1' "$(grep -c 'Made up\.' "$SCRATCH/fresh.made") $(grep -c 'How many events it was' "$SCRATCH/fresh.made")"
# Last, for it drops the extension and makes it again.
check_made_up_tables restored
