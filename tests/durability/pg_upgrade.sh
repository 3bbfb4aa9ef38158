#!/usr/bin/env bash
# Proves that pg_upgrade carries a guarded trail over, event triggers and all: check.sql shows the same before and after. To a server of
# the same version: what pg_upgrade does to the catalogs does not depend on it.
set -euo pipefail
. "$(dirname "$0")/../lib/cluster.sh"
. "$(dirname "$0")/../lib/report.sh"
here=$(dirname "$0") version=$PGVERSION old=$(cluster_dir) new=$(cluster_dir)

show() {
    "$PGBIN/psql" -X -q -d seeded -v schema=public -f "$here/check.sql" >"$SCRATCH/$1.check" 2>&1 ||
        not_ok "check.sql runs $1" "$(grep -A 3 ERROR "$SCRATCH/$1.check")"
}

cluster_start "$version" "$old"
query 'CREATE ROLE dump_writer; CREATE ROLE dump_reader; CREATE ROLE dump_gone'
database_fresh seeded
query 'CREATE EXTENSION audit_ext' seeded
"$PGBIN/psql" -X -q -A -t -v ON_ERROR_STOP=1 -d seeded -v schema=public -f "$here/seed.sql" >/dev/null
show before
cluster_stop "$old"
cluster_start "$version" "$new"
cluster_stop "$new"
if as_server sh -c "cd '$new' && exec '$PGBIN/pg_upgrade' -b '$PGBIN' -B '$PGBIN' -d '$old/data' -D '$new/data' -s '$new' -U postgres" >"$SCRATCH/pg_upgrade" 2>&1; then
    cluster_start "$version" "$new"
    show after
    check_same_file 'content, guards, event triggers, order rule, rights and partitions are the same' "$SCRATCH/before.check" "$SCRATCH/after.check"
    check_equal 'DDL on the trail is refused' '23001 23001' "$(error_of seeded 'ALTER TABLE audit_events ADD COLUMN x int') $(error_of seeded 'DROP SCHEMA public CASCADE')"
else
    not_ok 'pg_upgrade runs' "$(tail -n 20 "$SCRATCH/pg_upgrade"; grep -h -A 20 'error:' "$new"/data/pg_upgrade_output.d/*/log/*dump*.log)"
fi
