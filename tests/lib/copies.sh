#!/usr/bin/env bash
# What the tests share that copy a trail: durability/seed.sql fills a database with something of everything, durability/check.sql shows it.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/report.sh"

DURABILITY=$(cd "$(dirname "${BASH_SOURCE[0]}")/../durability" && pwd)

seed_roles() { query 'CREATE ROLE dump_writer; CREATE ROLE dump_reader; CREATE ROLE dump_gone'; }
# show DATABASE SCHEMA [NAME]: what check.sql says, into $SCRATCH/NAME.check.
show() {
    local file=$SCRATCH/${3:-$1}.check
    "$PGBIN/psql" -X -q -d "$1" -v schema="$2" -f "$DURABILITY/check.sql" >"$file" 2>&1 || not_ok "check.sql runs in $1" "$(grep -A 3 ERROR "$file")"
}
fill() { "$PGBIN/psql" -X -q -A -t -v ON_ERROR_STOP=1 -d "$1" -v schema="$2" -f "$DURABILITY/seed.sql" >/dev/null; }
