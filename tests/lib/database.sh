#!/usr/bin/env bash
# A fresh database for one test, in the server the environment points at.
set -euo pipefail

query() { PGOPTIONS='-c client_min_messages=warning' "$PGBIN/psql" -X -q -A -t -v ON_ERROR_STOP=1 -d "${2:-postgres}" -c "$1"; }

database_fresh() { query "DROP DATABASE IF EXISTS $1" && query "CREATE DATABASE $1 TEMPLATE template0"; }

# Drops it, and in a throw-away server (THROWAWAY=1) the roles the test left behind, so that the next one does not meet them.
database_drop() {
    query "DROP DATABASE $1" || return
    [ -n "${THROWAWAY:-}" ] || return 0
    query "$(query "SELECT coalesce(string_agg(format('DROP ROLE %I', rolname), '; '), 'SELECT') FROM pg_roles WHERE oid >= 16384")" >/dev/null
}
