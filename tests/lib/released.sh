#!/usr/bin/env bash
# A release as it is written down in tests/upgrade/released: audit_ext--VERSION.sql, the install script, which makes functions and types, and
# audit_ext--VERSION.tables.sql, a dump of the tables, views and triggers that its library makes, without the months of the day.
set -euo pipefail

RELEASED=$(cd "$(dirname "${BASH_SOURCE[0]}")/../upgrade/released" && pwd)
# Dumps differ between PostgreSQL versions; one of this version can be restored into any later one.
RELEASED_TABLES_BY=15

released_versions() { find "$RELEASED" -name 'audit_ext--*.tables.sql' -printf '%f\n' | sed -E 's/^audit_ext--(.*)\.tables\.sql$/\1/' | sort -V; }

# The version of this checkout.
release_version() { sed -n 's/^version = "\(.*\)"$/\1/p' "$RELEASED/../../../Cargo.toml" | head -n 1; }

# The install script that the build made, less pgrx's remarks on where in the source it found a part.
release_functions() { grep -v '^-- src/lib\.rs:[0-9]*$' "$("$PGBIN/pg_config" --sharedir)/extension/audit_ext--$(release_version).sql"; }

# release_tables DATABASE: what a dump says of a database that holds nothing but the extension.
release_tables() {
    "$PGBIN/pg_dump" --schema-only -T 'audit_events_[0-9]*' -T 'audit_events_archive_[0-9]*' "$1" |
        sed -E -e '/^(--|\\restrict|\\unrestrict)/d' -e '/^$/d' -e "s/^(CREATE EXTENSION IF NOT EXISTS audit_ext .*);$/\1 VERSION '$(release_version)';/"
}
