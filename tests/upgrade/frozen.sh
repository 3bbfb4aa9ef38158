#!/usr/bin/env bash
# Proves that a release stays as it was released: what the build makes of the present version is what is written down in released/ (make freeze
# writes it down until the release), the library of the build serves every release's SQL, and from each an update leads to the present one.
set -euo pipefail
. "$(dirname "$0")/../lib/report.sh"
. "$(dirname "$0")/../lib/released.sh"

present=$(release_version)
release_functions >"$SCRATCH/functions"
check_same_file "the install script of $present is the one written down (make freeze)" "$RELEASED/audit_ext--$present.sql" "$SCRATCH/functions"
database_fresh upgrade
query 'CREATE EXTENSION audit_ext' upgrade
if [ "$PGVERSION" = "$RELEASED_TABLES_BY" ]; then
    release_tables upgrade >"$SCRATCH/tables"
    check_same_file "the tables of $present are those written down (make freeze)" "$RELEASED/audit_ext--$present.tables.sql" "$SCRATCH/tables"
fi
database_drop upgrade

library=$("$PGBIN/pg_config" --pkglibdir)/audit_ext.so
for version in $(released_versions); do
    missing=$(sed -n "s/^AS 'MODULE_PATHNAME', '\([a-z_]*\)';$/\1/p" "$RELEASED/audit_ext--$version.sql" | sort -u | while read -r symbol; do
        grep -qaP "\0pg_finfo_$symbol\0" "$library" || echo "$symbol"
    done)
    check_equal "the library has every function that the SQL of $version binds to" '' "$missing"
    [ "$version" = "$present" ] ||
        check_equal "an update leads from $version to $present" t \
            "$(query "SELECT path IS NOT NULL FROM pg_extension_update_paths('audit_ext') WHERE source = '$version' AND target = '$present'")"
done
