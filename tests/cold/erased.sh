#!/usr/bin/env bash
# Proves that nothing is left of an erased person's payload: after erase, clean and scrub it is in no file of the store, of the tool's spool and of the server, but for its
# write-ahead log. Until then the certificate says that it is not complete. Neither a hold nor a dead run lets it say so too early.
set -euo pipefail
. "$(dirname "$0")/../lib/report.sh"
. "$(dirname "$0")/../lib/cold.sh"

missing=$(cold_toolchain)
[ -z "$missing" ] || { not_ok 'readers are there' "$missing"; exit; }
server=$(cluster_dir)
# Full pages would bring the payload into the log again and again; the log is not searched, as the manual says.
cluster_start "$PGVERSION" "$server"
export TMPDIR=$SCRATCH/spool
mkdir -p "$TMPDIR"
store_start directory
cold_trail cold 2 600
secret=SECRETOFTHEPERSON
query "INSERT INTO audit_events (created_at, workspace_id, created_by_user_id, action_type, resource_type, resource_id, old_values, new_values, ip_address, user_agent, request_id, tags, metadata)
    SELECT timestamptz '2020-01-01Z' + n * interval '1 hour', w(5), w(101 + n % 4), 'EVENT', 'thing', w(n), jsonb_build_object('p', x), jsonb_build_object('p', x, 'same', true), '203.0.113.77', x, x, ARRAY[x, 't'], jsonb_build_object('m', x)
    FROM generate_series(1, 700) AS n, LATERAL (SELECT CASE n % 4 WHEN 0 THEN '$secret-' || n ELSE 'other ' || n END AS x) AS x ORDER BY n;
    -- What columns of a file cannot tell is there as a whole row as well.
    INSERT INTO audit_events (created_at, workspace_id, created_by_user_id, action_type, resource_type, tags)
    SELECT timestamptz '2020-01-31 12:00Z' + n * interval '1 second', w(5), w(101), 'EVENT', 'thing', ('[3:3]={$secret-odd-' || n || '}')::text[] FROM generate_series(1, 10) AS n;
    UPDATE audit_retention_policies SET hot_retention_days = 30, warm_archive_days = 60, cold_retention_days = 36500 WHERE workspace_id = w(5)" cold >/dev/null
query 'SELECT archive_old_audit_events()' cold >/dev/null
query 'SELECT audit_seal()' cold >/dev/null

# found FOLDER…: how many files hold it, as they are.
found() { grep -rlaF "$secret" "$@" 2>/dev/null | wc -l; }
in_server() { query CHECKPOINT cold; grep -rlaF "$secret" --exclude-dir=pg_wal "$server/data" 2>/dev/null | wc -l; }
# Files of the store are compressed: what a reader makes of them is searched as well, of every file that is there, known or not.
in_store() {
    local file number
    number=$(found "$STORE_FOLDER")
    while read -r file; do
        cold_python "$(dirname "$0")/readers.py" pyarrow "$file" >"$SCRATCH/read"
        # Bytes are shown as hexadecimal digits.
        number=$((number + $(grep -cE "$secret|$(printf %s "$secret" | od -An -tx1 | tr -d ' \n')" "$SCRATCH/read" || true)))
    done < <(find "$STORE_FOLDER" -type f -name '*.parquet')
    echo "$number"
}
certificate() { query "SELECT (c ->> 'is_complete') || ' ' || concat_ws(' ', c #>> '{cold,objects_pending}', c #>> '{cold,events_erased}', c #>> '{cold,files_to_remove}', c #>> '{cold,files_removed}') FROM audit_deletion_certificate('$1') AS c" cold; }

check_cold 'export' 0 export --min-events 10
check_between 'before, the payload is in the store' 1 100000 "$(in_store)"
check_cold 'release' 0 release --workspace 00000000-0000-4000-8000-000000000005 --authority RETENTION --ticket T-9 --reclaim
check_equal 'a release with --reclaim leaves none of it in the server' 0 "$(in_server)"
check_cold 'a lent month is in both' 0 restore --workspace 00000000-0000-4000-8000-000000000005 --month 2020-01
check_between '... in the server too' 1 1000 "$(in_server)"
entry=$(query "SELECT deletion_log_id FROM delete_user_audit_events_compliant(w(101), w(5), 'GDPR', 'T-1')" cold)
check_equal 'erased in the database, the certificate says what is pending' 'false 1 0 0 0' "$(certificate "$entry")"
query "SELECT audit_scrub('$entry')" cold >/dev/null
check_equal '... even when it is scrubbed' 'false 1 0 0 0' "$(certificate "$entry")"
check_equal '... nothing is left in the server then' 0 "$(in_server)"
check_between '... but in the store' 1 100000 "$(in_store)"
hold=$(query "SELECT place_audit_hold(w(5), 'case')" cold)
cold_in cold erase || true
check_equal 'a hold keeps the erasure waiting' 'false 1 0 0 0' "$(certificate "$entry")"
query "SELECT release_audit_hold('$hold', 'closed')" cold
check_cold 'erase' 0 erase
# All of them were on loan, so that they were counted in the database; the old file holds their payload all the same.
check_equal 'as long as the old file is there, the certificate says so' 'false 0 0 1 0' "$(certificate "$entry")"
check_cold 'clean' 0 clean
check_equal 'then it is complete' 'true 0 0 0 1' "$(certificate "$entry")"
check_equal 'nothing is left in the store' 0 "$(in_store)"
check_equal '... nor in the spool' '0 0' "$(found "$TMPDIR") $(find "$TMPDIR" -type f | wc -l)"
for log in $(query "SELECT id FROM audit_deletion_log WHERE is_irrevocable" cold); do query "SELECT audit_scrub('$log')" cold >/dev/null; done
check_equal '... nor in the server' 0 "$(in_server)"
check_cold 'the new file is as it was written' 0 check --deep
check_equal 'the evidence accounts for all of it' '' "$(database_verify cold)"
cluster_stop "$server"
