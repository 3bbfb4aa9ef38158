#!/usr/bin/env bash
# A fresh database for one test, in the server the environment points at.
set -euo pipefail

query() { PGOPTIONS='-c client_min_messages=warning' "$PGBIN/psql" -X -q -A -t -v ON_ERROR_STOP=1 -d "${2:-postgres}" -c "$1"; }

database_fresh() { query "DROP DATABASE IF EXISTS $1" && query "CREATE DATABASE $1 TEMPLATE template0"; }

# database_verify DATABASE: seals the trail, if the database has one, and prints what is critical. Nothing that a test does may look like an attack.
database_verify() {
    PGOPTIONS='-c client_min_messages=error' "$PGBIN/psql" -X -q -A -t -v ON_ERROR_STOP=1 -d "$1" 2>&1 <<'SQL' || true
SELECT count(*) > 0 AS has_trail, coalesce(min(quote_ident(nspname)), '') AS schema FROM pg_extension JOIN pg_namespace AS n ON n.oid = extnamespace WHERE extname = 'audit_ext' \gset
\if :has_trail
SELECT FROM :schema.audit_seal();
SELECT code, workspace_id, leaf_index, event_id, detail FROM :schema.audit_verify() WHERE severity = 'critical' LIMIT 5;
\endif
SQL
}

# trail_check TEST DATABASE FILE: a line if the trail that the test left is not sound. A test that attacks the trail says so in its file: "The trail is not sound
# afterwards: " and why.
trail_check() {
    local found
    ! grep -q 'The trail is not sound afterwards: ' "$3" || return 0
    found=$(database_verify "$2")
    [ -z "$found" ] || { echo "not ok $1 (audit_verify() finds its trail changed)"; sed 's/^/    /' <<<"$found"; }
}

# Drops it, and in a throw-away server (THROWAWAY=1) the roles the test left behind, so that the next one does not meet them.
database_drop() {
    query "DROP DATABASE $1" || return
    [ -n "${THROWAWAY:-}" ] || return 0
    query "$(query "SELECT coalesce(string_agg(format('DROP ROLE %I', rolname), '; '), 'SELECT') FROM pg_roles WHERE oid >= 16384")" >/dev/null
}
