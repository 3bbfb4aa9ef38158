#!/usr/bin/env bash
# What the DDL guard costs on tables that are none of its business: tests/bench/ddl_guard.sh [VERSION [ROUNDS]]
#
# CREATE TABLE with a key, ADD COLUMN, CREATE INDEX, GRANT and DROP TABLE of an application's table, in a trail's database with the event
# triggers on and off, and off a second time as control, alternating. Prints the median times and their ratios.
set -euo pipefail
. "$(dirname "$0")/../lib/cluster.sh"
. "$(dirname "$0")/../lib/database.sh"
version=${1:-18} rounds=${2:-15} commands=5 transactions=200

folder=$(cluster_dir)
cluster_start "$version" "$folder"
database_fresh bench
query 'CREATE EXTENSION audit_ext' bench
cat >"$folder/ddl.sql" <<'SQL'
CREATE TABLE app_notes (id bigint PRIMARY KEY, body text);
ALTER TABLE app_notes ADD COLUMN made_at timestamptz;
CREATE INDEX ON app_notes (made_at);
GRANT SELECT ON app_notes TO PUBLIC;
DROP TABLE app_notes;
SQL

# switch STATE: of all three event triggers.
switch() {
    local name
    for name in audit_ddl_command_start audit_ddl_command_end audit_sql_drop; do query "ALTER EVENT TRIGGER $name $1" bench; done
}

# Microseconds per command.
measure() {
    switch "$1"
    "$PGBIN/pgbench" -n -c 1 -t "$transactions" -f "$folder/ddl.sql" bench 2>/dev/null |
        awk -v commands="$commands" '/^latency average/ { printf "%.1f\n", $4 * 1000 / commands }'
}

measure DISABLE >/dev/null
for ((round = 0; round < rounds; round++)); do
    measure DISABLE >>"$folder/off"
    measure 'ENABLE ALWAYS' >>"$folder/on"
    measure DISABLE >>"$folder/control"
done

median() { sort -n "$1" | awk '{ value[NR] = $1 } END { print value[int((NR + 1) / 2)] }'; }
# The median of the ratios round by round, and the middle half of them.
ratio() {
    paste "$1" "$folder/off" | awk '{ printf "%.4f\n", $1 / $2 }' | sort -n |
        awk '{ value[NR] = $1 } END { printf "%.3f (%.3f to %.3f)\n", value[int((NR + 1) / 2)], value[int(NR / 4) + 1], value[NR - int(NR / 4)] }'
}
echo "PostgreSQL $version, microseconds per command: guard off $(median "$folder/off"), on $(median "$folder/on")"
echo "on / off $(ratio "$folder/on"); off / off $(ratio "$folder/control")"
