#!/usr/bin/env bash
# What event triggers of the extension cost on tables that are none of its business: tests/bench/ddl_guard.sh [VERSION [ROUNDS]]
#
# CREATE and DROP of a temporary table, ALTER TABLE, and a mix of commands (CREATE TABLE with a key, ADD COLUMN, CREATE INDEX, GRANT, DROP TABLE)
# of an application's table: in a plain database, in one with the extension and nothing tracked, in one with 400 tracked tables, and there
# with the event triggers off (all, and those of capture); the plain database a second time as control. All alternate in one run.
# Prints the median time of each in milliseconds, and the median of its difference to the plain database round by round.
set -euo pipefail
. "$(dirname "$0")/../lib/cluster.sh"
. "$(dirname "$0")/../lib/database.sh"
version=${1:-18} rounds=${2:-15} transactions=300 tracked=400

folder=$(cluster_dir)
cluster_start "$version" "$folder"
cat >"$folder/temporary.sql" <<'SQL'
CREATE TEMP TABLE scratch (id int, body text);
DROP TABLE scratch;
SQL
cat >"$folder/alter.sql" <<'SQL'
ALTER TABLE app_notes ALTER COLUMN body SET DEFAULT 'none';
SQL
cat >"$folder/mix.sql" <<'SQL'
CREATE TABLE app_more (id bigint PRIMARY KEY, body text);
ALTER TABLE app_more ADD COLUMN made_at timestamptz;
CREATE INDEX ON app_more (made_at);
GRANT SELECT ON app_more TO PUBLIC;
DROP TABLE app_more;
SQL
for database in plain none many; do
    database_fresh "$database"
    [ "$database" = plain ] || query 'CREATE EXTENSION audit_ext' "$database"
    # One transaction for each, or the locks of all would be held together.
    for ((number = 0; number < tracked; number++)); do
        echo "CREATE TABLE tracked_$number (id int PRIMARY KEY);"
        [ "$database" != many ] || echo "SELECT audit_track_table('tracked_$number', NULL);"
    done | "$PGBIN/psql" -qXAt -v ON_ERROR_STOP=1 "$database" >"$folder/made"
    query 'CREATE TABLE app_notes (id bigint PRIMARY KEY, body text)' "$database"
    query 'VACUUM ANALYZE' "$database"
done

GUARD=(audit_ddl_command_start audit_ddl_command_end audit_sql_drop)
CAPTURE=(audit_capture_altered audit_capture_dropped)
# switch STATE TRIGGER…
switch() {
    local name
    for name in "${@:2}"; do query "ALTER EVENT TRIGGER $name $1" many; done
}

# measure CASE DATABASE: milliseconds per transaction of each script.
measure() {
    local script
    for script in temporary alter mix; do
        "$PGBIN/pgbench" -n -c 1 -t "$transactions" -f "$folder/$script.sql" "$2" 2>/dev/null |
            awk '/^latency average/ { print $4 }' >>"$folder/$script.$1"
    done
}

for ((round = 0; round < rounds; round++)); do
    measure plain plain
    measure none none
    measure many many
    switch DISABLE "${CAPTURE[@]}"
    measure many_without_capture many
    switch DISABLE "${GUARD[@]}"
    measure many_off many
    switch 'ENABLE ALWAYS' "${CAPTURE[@]}" "${GUARD[@]}"
    measure control plain
done

median() { sort -n | awk '{ value[NR] = $1 } END { print value[int((NR + 1) / 2)] }'; }
echo "PostgreSQL $version, milliseconds: median, and what it adds to the plain database"
for script in temporary alter mix; do
    for case in plain control none many many_without_capture many_off; do
        printf '%-10s %-21s %7.3f  %+7.3f\n' "$script" "$case" "$(median <"$folder/$script.$case")" \
            "$(paste "$folder/$script.$case" "$folder/$script.plain" | awk '{ print $1 - $2 }' | median)"
    done
done
