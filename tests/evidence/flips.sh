#!/usr/bin/env bash
# One byte is changed in the file of a table while the server is down: of each column of an event, of its key, and of the key that is left of an erased one, hot and
# archived. Each is one finding with its place and event. The byte of an id makes two events of one: one that is missing, and one that was never sealed.
set -euo pipefail
. "$(dirname "$0")/../lib/report.sh"
. "$(dirname "$0")/../lib/cluster.sh"
here=$(dirname "$0")

server=$(cluster_dir)
cluster_start "$PGVERSION" "$server"
database_fresh flips
psql() { "$PGBIN/psql" -X -q -A -t -v ON_ERROR_STOP=1 -d flips "$@"; }
psql -f "$here/trail.sql" >"$SCRATCH/trail" 2>&1 || { not_ok 'the trail is made' "$(tail -n 5 "$SCRATCH/trail")"; exit; }
# Which byte of which event: the file, the id that the row is found by, and the bytes that the value begins with there.
psql >"$SCRATCH/plan" <<'SQL'
CREATE FUNCTION raw(uuid) RETURNS text LANGUAGE sql RETURN replace($1::text, '-', '');
CREATE FUNCTION raw(text) RETURNS text LANGUAGE sql RETURN encode(convert_to($1, 'UTF8'), 'hex');
WITH event AS (SELECT 'h' AS tier, tableoid AS part, * FROM audit_events UNION ALL SELECT 'a', tableoid, * FROM audit_events_archive),
flip (number, column_name) AS (VALUES (1, 'id'), (2, 'created_at'), (3, 'created_by_user_id'), (4, 'action_type'), (5, 'resource_type'), (6, 'resource_id'), (7, 'workspace_id'), (8, 'old_values'),
  (9, 'new_values'), (10, 'changed_fields'), (11, 'ip_address'), (12, 'user_agent'), (13, 'request_id'), (14, 'tags'), (15, 'metadata'), (16, 'seal_key'), (NULL, 'seal_key'))
SELECT pg_relation_filepath(part), raw(id), CASE column_name
    WHEN 'id' THEN raw(id)
    WHEN 'created_at' THEN (SELECT string_agg(substr(encode(int8send((extract(epoch FROM created_at - '2000-01-01Z') * 1000000)::bigint), 'hex'), 15 - 2 * n, 2), '' ORDER BY n) FROM generate_series(0, 7) AS n)
    WHEN 'created_by_user_id' THEN raw(created_by_user_id) WHEN 'resource_id' THEN raw(resource_id) WHEN 'workspace_id' THEN raw(workspace_id)
    WHEN 'action_type' THEN raw(action_type) WHEN 'resource_type' THEN raw(resource_type)
    WHEN 'old_values' THEN raw('old ' || name) WHEN 'new_values' THEN raw('new ' || name)
    WHEN 'changed_fields' THEN raw('name') WHEN 'ip_address' THEN '0a010203' WHEN 'user_agent' THEN raw(user_agent) WHEN 'request_id' THEN raw(request_id)
    WHEN 'tags' THEN raw(tags[1]) WHEN 'metadata' THEN raw('meta ' || name) WHEN 'seal_key' THEN encode(seal_key, 'hex') END,
  -- The names of columns in jsonb are before the array of changed fields.
  CASE column_name WHEN 'changed_fields' THEN raw('new ' || name) ELSE '' END
FROM flip JOIN name ON name.name IN ('h' || coalesce(number::text, 'e'), 'a' || coalesce(number::text, 'e')) JOIN event USING (id) ORDER BY name;
SQL
expected=$(psql <<'SQL'
SELECT 'critical ' || CASE name WHEN 'h1' THEN 'row_missing' WHEN 'a1' THEN 'row_missing' ELSE 'row_modified' END || format(' %s %s %s', CASE WHEN name LIKE '_e' THEN 2 ELSE 1 END, index, name)
FROM place WHERE name ~ '^[ha](e|[0-9]+)$' AND name NOT IN ('h17', 'h18', 'a17', 'a18')
UNION ALL SELECT 'critical row_not_in_log 1 - ?' FROM generate_series(1, 2) ORDER BY 1
SQL
)
check_equal 'a byte of each is chosen' 34 "$(grep -c . "$SCRATCH/plan")"
check_equal 'the trail is sound before' '' "$(psql -c 'SELECT * FROM found()' 2>&1)"
cluster_stop "$server"
# A checksum would tell of the change too, unless whoever makes it makes the checksum anew.
as_server "$PGBIN/pg_checksums" --disable -D "$server/data" >/dev/null 2>&1 || true
python3 - "$server/data" "$SCRATCH/plan" <<'PYTHON' || not_ok 'the bytes are there'
import sys

folder, plan = sys.argv[1:]
for line in open(plan):
    path, row, value, behind = line.rstrip("\n").split("|")
    with open(f"{folder}/{path}", "r+b") as table:
        content = table.read()
        at = content.index(bytes.fromhex(row))
        at = content.index(bytes.fromhex(behind), at) if behind else at
        at = content.index(bytes.fromhex(value), at) + len(value) // 2 - 1
        table.seek(at)
        table.write(bytes([content[at] ^ 1]))
PYTHON
cluster_start "$PGVERSION" "$server"
check_equal 'each byte is found, and nothing else' "$expected" "$(psql -c 'SELECT * FROM found()' 2>&1)"
