#!/usr/bin/env bash
# Proves that audit-verify, given the export of a trail and the files of its cold storage, verifies the rows in them, through release, loan, erasure and purge; and that files that
# are missing, damaged or another's are found, which the database cannot know. Rows that were changed or invented are found in crates/evidence/tests/cold_files.rs.
set -euo pipefail
. "$(dirname "$0")/../lib/report.sh"
. "$(dirname "$0")/../lib/cold.sh"

store_start directory
cold_trail cold 2 200
one=00000000-0000-4000-8000-000000000001
files=$SCRATCH/export
kept=$(query 'SELECT audit_checkpoint()' cold)
printf '%s\n' "$kept" >"$SCRATCH/kept"

# export DATABASE: the bundles of all workspaces and of the root log.
export_all() {
    local workspace
    rm -rf "$files"
    mkdir -p "$files"
    query 'SELECT audit_export_log()' cold >"$files/root.ndjson"
    for workspace in $(query 'SELECT DISTINCT log_id FROM audit_log_tiles WHERE log_id NOT IN (SELECT root_log_id FROM audit_log_incarnations)' cold); do
        query "SELECT audit_export_log('$workspace')" cold >"$files/$workspace.ndjson"
    done
}
# verified DESCRIPTION STATUS FOUND [ARGUMENT…]: the codes of what the program finds, but for what it only tells; what it says is in $SCRATCH/said.
verified() {
    local what=$1 expected="$2 $3" status=0 found
    shift 3
    "$PGBIN/audit-verify" --checkpoint "$SCRATCH/kept" "$@" "$files" >"$SCRATCH/said" 2>&1 || status=$?
    found=$(sed -nE 's/^(critical|warning) ([a-z_]+) .*/\2/p' "$SCRATCH/said" | sort | uniq -c | awk '{printf "%s%s %s", sep, $2, $1; sep = ", "}')
    check_equal "$what" "$expected" "$status ${found:-sound}"
}
in_files() { sed -n 's/^of those that are removed, verified in files of cold storage: //p' "$SCRATCH/said"; }
findings() { query "SELECT coalesce(string_agg(code || ' ' || n, ', ' ORDER BY code), 'sound') FROM (SELECT code, count(*) AS n FROM audit_verify() WHERE severity <> 'info' GROUP BY 1) AS f" cold; }
seal() { query 'SELECT audit_seal()' cold >/dev/null; }
cold=(--cold "${STORE#file://}")

check_cold 'export' 0 export --min-events 10
cold_release cold
seal
export_all
count=$(query "SELECT sum(event_count) FROM audit_cold_objects WHERE state = 'released'" cold)
verified 'without the files, what is cold is told and no more' 0 sound
check_equal '... by each release' "$(query "SELECT count(*) FROM audit_cold_objects WHERE state = 'released'" cold)" "$(grep -c '^info cold ' "$SCRATCH/said")"
verified 'given the files, their rows are verified' 0 sound "${cold[@]}"
check_equal '... all of them, and none is only told' "$count 0" "$(in_files) $(grep -c '^info cold ' "$SCRATCH/said" || true)"
check_equal '... audit_verify() agrees' sound "$(findings)"

check_cold 'a month is lent' 0 restore --workspace "$one" --month 2020-01
query "SELECT forget(w(101), w(1))" cold >/dev/null
check_cold 'an erasure is carried out in the files' 0 erase
check_cold '... and the old file is removed' 0 clean
seal
export_all
verified 'after a loan and an erasure the rows in the files are verified still' 0 sound "${cold[@]}"
check_equal '... audit_verify() agrees' sound "$(findings)"
query "SELECT returned_count FROM return_audit_cold_loans(w(1), 'RETENTION', 'T-2', '0')" cold >/dev/null
query "SELECT deleted_count FROM purge_expired_audit_events(w(3), 'RETENTION', 'T-3')" cold >/dev/null
seal
export_all
verified 'a purge whose file is there still is not complete' 2 \
    "deletion_incomplete $(query "SELECT sum(event_count) FROM audit_cold_objects WHERE state = 'condemned'" cold)" "${cold[@]}"
check_cold 'the purged file is removed' 0 clean
verified '... then it is' 0 sound "${cold[@]}"

month=$(find "$STORE_FOLDER/workspace=$one" -name '2020-01_*.parquet')
mv "$month" "$SCRATCH/away.parquet"
lost=$(query "SELECT event_count FROM audit_cold_objects WHERE workspace_id = w(1) AND month = '2020-01-01' AND state = 'released'" cold)
verified 'a file that is missing is found, once' 1 'row_missing 1' "${cold[@]}"
check_equal '... with how many events' 1 "$(grep -c "released $lost events to cold storage that no file has" "$SCRATCH/said")"
cp "$(find "$STORE_FOLDER/workspace=$one" -name '2020-02_*.parquet')" "$month"
verified '... also where another file has its name' 1 'row_missing 1' "${cold[@]}"
head -c 20000 "$SCRATCH/away.parquet" >"$month"
verified 'a file that was cut off cannot be read' 1 'cold_unreadable 1, row_missing 1' "${cold[@]}"
mv "$SCRATCH/away.parquet" "$month"
check_equal 'the database believed in all of this' sound "$(findings)"
