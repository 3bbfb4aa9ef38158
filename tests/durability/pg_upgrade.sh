#!/usr/bin/env bash
# Proves that pg_upgrade carries a guarded trail over, event triggers and all, to a server of the same version and, from 15, to 18 where
# that is installed: check.sql shows the same, and the guard holds afterwards.
set -euo pipefail
. "$(dirname "$0")/../lib/cluster.sh"
. "$(dirname "$0")/../lib/report.sh"
here=$(realpath "$(dirname "$0")") from=$PGVERSION

show() {
    "$PGBIN/psql" -X -q -d seeded -v schema=public -f "$here/check.sql" >"$SCRATCH/$1.check" 2>&1 ||
        not_ok "check.sql runs $1" "$(grep -A 3 ERROR "$SCRATCH/$1.check")"
}

# Each upgrade starts from a cluster of its own: pg_upgrade copies, and leaves the old one as it was.
upgrade() {
    local to=$1 old new=$2 programs
    old=$(cluster_dir)
    cluster_start "$from" "$old"
    programs=$PGBIN
    query 'CREATE ROLE dump_writer; CREATE ROLE dump_reader; CREATE ROLE dump_gone'
    database_fresh seeded
    query 'CREATE EXTENSION audit_ext' seeded
    "$PGBIN/psql" -X -q -A -t -v ON_ERROR_STOP=1 -d seeded -v schema=public -f "$here/seed.sql" >/dev/null
    show "before.$to"
    cluster_stop "$old"
    cluster_start "$to" "$new"
    cluster_stop "$new"
    (cd / && as_server sh -c "cd '$new' && exec '$PGBIN/pg_upgrade' -b '$programs' -B '$PGBIN' -d '$old/data' -D '$new/data' -s '$new' -U postgres" \
        >"$SCRATCH/pg_upgrade.$to" 2>&1) || {
        not_ok "$from to $to: pg_upgrade runs" "$(tail -n 30 "$SCRATCH/pg_upgrade.$to"; cat "$new"/data/pg_upgrade_output.d/*/log/*seeded* "$new"/data/pg_upgrade_output.d/*/log/*dump*.log 2>/dev/null | tail -n 20)"
        return 1
    }
    cluster_start "$to" "$new"
    show "after.$to"
}

new=$(cluster_dir)
if upgrade "$from" "$new"; then
    check_same_file "$from to $from: content, guards, event triggers, order rule, rights and partitions are the same" "$SCRATCH/before.$from.check" "$SCRATCH/after.$from.check"
    cluster_stop "$new"
fi
if [ "$from" = 15 ] && [ -z "$(pg_missing 18)" ] && [ -e "$("$(pg_bin 18)/pg_config" --sharedir)/extension/audit_ext.control" ]; then
    new=$(cluster_dir)
    if upgrade 18 "$new"; then
        check_equal '15 to 18: the guards hold' '23001 23001 23001' "$(error_of seeded 'DELETE FROM audit_events') $(
            error_of seeded 'ALTER TABLE audit_events ADD COLUMN x int') $(error_of seeded 'DROP SCHEMA public CASCADE')"
        check_equal '15 to 18: the content is the same' "$(sed -n '/^== content/,/^== relations/p' "$SCRATCH/before.18.check" | md5sum)" \
            "$(sed -n '/^== content/,/^== relations/p' "$SCRATCH/after.18.check" | md5sum)"
        check_equal '15 to 18: maintenance works' '1' "$(query "SELECT count(audit_setup()) FROM (SELECT count(*) FROM create_monthly_audit_partition(9)) AS made" seeded 2>&1)"
    fi
fi
