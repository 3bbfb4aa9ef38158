#!/usr/bin/env bash
# Proves that other people's programs open the files of cold storage without any option: their types are the natural ones, and each value is SQL's, of events that
# are hard to write down (hostile.sql). Anybody can compute the digest that the file and the catalog have.
set -euo pipefail
. "$(dirname "$0")/../lib/report.sh"
. "$(dirname "$0")/../lib/cold.sh"
here=$(dirname "$0")

missing=$(cold_toolchain ${AUDIT_EXT_LONG:+long})
[ -z "$missing" ] || { not_ok 'readers are there' "$missing"; exit; }
database_with_trail cold
psql() { "$PGBIN/psql" -X -q -A -t -v ON_ERROR_STOP=1 -d cold "$@"; }
psql -f "$here/hostile.sql" >"$SCRATCH/made" 2>&1 || { not_ok 'the events are made' "$(tail -n 5 "$SCRATCH/made")"; exit; }
workspace=00000000-0000-4000-8000-000000000001 month=2020-02-01Z
psql -v workspace=$workspace -v month=$month -f "$here/events.sql" >"$SCRATCH/events"
columns=$(query "SELECT string_agg(attname, ', ' ORDER BY attnum) FROM pg_attribute WHERE attrelid = 'audit_events'::regclass AND attnum > 0" cold)
psql -c "COPY (SELECT $columns FROM audit_events_archive WHERE workspace_id = '$workspace' AND created_at < '2020-03-01Z' ORDER BY workspace_id, created_at, id) TO STDOUT (FORMAT binary)" >"$SCRATCH/rows"

store_start directory
# The program reads months, however the database would write a date.
query "ALTER DATABASE cold SET DateStyle = 'German'" cold
"$PGBIN/audit-cold" export --database "host=$PGHOST user=$PGUSER dbname=cold" --store "$STORE" >"$SCRATCH/export" 2>&1 || not_ok 'the month is exported' "$(tail -n 5 "$SCRATCH/export")"
query 'ALTER DATABASE cold RESET DateStyle' cold
file=$(find "$STORE_FOLDER" -name '*.parquet')
check_equal 'there is one file, where it says what it holds' 1 "$(grep -cE "/workspace=$workspace/year=2020/2020-02_[0-9a-f-]{36}\.parquet$" <<<"$file")"
digest=$(tail -c +20 "$SCRATCH/rows" | head -c -2 | sha256sum | cut -d ' ' -f 1)
check_equal 'the digest of a chunk is one that anybody can compute' "$digest" "$(query "SELECT encode(sha256, 'hex') FROM audit_cold_chunks" cold)"
check_equal '... and the file tells the same' "$digest" "$(cold_python - "$file" <<'PY'
import json, sys
import pyarrow.parquet
print(json.loads(pyarrow.parquet.read_metadata(sys.argv[1]).metadata[b"audit_ext.chunks"])[0]["sha256"])
PY
)"

readers=(duckdb pyarrow polars pandas clickhouse)
[ -z "${AUDIT_EXT_LONG:-}" ] || readers+=(spark)
for reader in "${readers[@]}"; do
    if cold_python "$here/readers.py" "$reader" "$file" >"$SCRATCH/$reader" 2>"$SCRATCH/$reader.errors"; then
        found=$(cold_python "$here/compare.py" "$SCRATCH/events" "$SCRATCH/rows" "$reader" "$SCRATCH/$reader")
        check_equal "$reader gives the types and values of SQL for $(wc -l <"$SCRATCH/events") events" '' "$found"
    else
        not_ok "$reader opens the file" "$(tail -n 5 "$SCRATCH/$reader.errors")"
    fi
done
database_drop cold
