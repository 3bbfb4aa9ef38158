#!/usr/bin/env bash
# Proves that pg_upgrade carries a guarded trail over, event triggers and all, to the newest version where that can be: what is in the trail is the same
# before and after, what was sealed stays proven, and all of it is as the new server makes it when it restores a dump of the same database.
set -euo pipefail
. "$(dirname "$0")/../lib/cluster.sh"
. "$(dirname "$0")/../lib/install.sh"
. "$(dirname "$0")/../lib/copies.sh"
. "$(dirname "$0")/../lib/evidence.sh"
version=$PGVERSION old=$(cluster_dir)

# Minor releases of late 2026 mark columns with a version in pg_attribute.attoptions. A server released before those cannot take over from one that does.
marks_columns() { query "SELECT EXISTS (SELECT FROM pg_attribute WHERE attoptions::text LIKE '%pg_attver%')"; }
# content NAME: the part of what check.sql said that PostgreSQL's version has no say in.
content() { sed -n '/^== content/,/^== relations/p' "$SCRATCH/$1.check"; }
disable_checksums() { as_server "$1/pg_checksums" --disable -D "$2/data" >/dev/null 2>&1 || true; }

toolchain_setup
cluster_start "$version" "$old"
old_programs=$PGBIN old_marks=$(marks_columns)
seed_roles
database_fresh seeded
query 'CREATE EXTENSION audit_ext' seeded
fill seeded public
# What seed.sql wrote as replica is found: an entry of the deletion log by hand, and events without a key.
kept=$(seal seeded) event=$(an_event seeded)
found=$(findings seeded "$kept")
check_equal 'what the seed forged is found' 'entry_altered event_not_sealed' "$found"
show seeded public before
for newest in 18 17 "$version"; do
    new=$(cluster_dir)
    [ -z "$(pg_missing "$newest")" ] || continue
    extension_ensure "${AUDIT_EXT_PROFILE:-ci}" "$newest" >"$SCRATCH/build" 2>&1 || continue
    cluster_start "$newest" "$new"
    [ "$old_marks$(marks_columns)" = tf ] || break
    echo "# this $("$old_programs/postgres" --version) marks columns, and the $("$PGBIN/postgres" --version) there is does not know that"
    cluster_stop "$new"
done
new_programs=$PGBIN
PGHOST=$old "$new_programs/pg_dump" seeded >"$SCRATCH/dump"
cluster_stop "$new"
cluster_stop "$old"
# Where one of the two has checksums and the other has none, pg_upgrade refuses; which is the default depends on the version.
disable_checksums "$old_programs" "$old"
disable_checksums "$new_programs" "$new"
if ! as_server sh -c "cd '$new' && exec '$new_programs/pg_upgrade' -b '$old_programs' -B '$new_programs' -d '$old/data' -D '$new/data' -s '$new' -U postgres" >"$SCRATCH/pg_upgrade" 2>&1; then
    not_ok "pg_upgrade from $version to $newest runs" "$(tail -n 20 "$SCRATCH/pg_upgrade"; grep -h -A 20 'error:' "$new"/data/pg_upgrade_output.d/*/log/*dump*.log)"
    exit
fi
cluster_start "$newest" "$new"
show seeded public after
database_fresh restored
"$PGBIN/psql" -X -q -v ON_ERROR_STOP=1 -d restored -f "$SCRATCH/dump" >/dev/null 2>"$SCRATCH/restore" || not_ok 'the dump is restored' "$(cat "$SCRATCH/restore")"
show restored public
content before >"$SCRATCH/before.content"
content after >"$SCRATCH/after.content"
check_same_file "from $version to $newest: events, archive, log and configuration are the same" "$SCRATCH/before.content" "$SCRATCH/after.content"
check_same_file '... guards, event triggers, order rule, rights and partitions are those of a restored dump' "$SCRATCH/restored.check" "$SCRATCH/after.check"
[ "$version" != "$newest" ] || check_same_file '... and what they were before' "$SCRATCH/before.check" "$SCRATCH/after.check"
check_receipt 'what was sealed before is proven by the new server, under the old checkpoint' seeded "$event" "$kept"
check_goes_on 'the new server' seeded "$kept" "$found"
check_equal 'DDL on the trail is refused' '23001 23001' "$(error_of seeded 'ALTER TABLE audit_events ADD COLUMN x int') $(error_of seeded 'DROP SCHEMA public CASCADE')"
check_equal 'an event is recorded, and goes past the executor' 't 1' "$(query "SELECT insert_audit_event('A', 'b', NULL, w(1), w(1)) IS NOT NULL;
    SELECT count(*) FROM pg_backend_memory_contexts WHERE name = 'audit_ext partition'" seeded | paste -sd ' ')"
