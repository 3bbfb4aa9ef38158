#!/usr/bin/env bash
# Proves that what a live database gives away proves what was sealed: exports, receipts and tiles are verified by audit-verify, which knows no server, and on
# one version by other people's programs (tests/evidence/outside); a change of what was sealed shows.
set -euo pipefail
. "$(dirname "$0")/../lib/report.sh"
. "$(dirname "$0")/../lib/authority.sh"

# What other people's programs find, they find on any version.
OUTSIDE_ON=18
verifier=$PGBIN/audit-verify files=$SCRATCH/files
mkdir -p "$files"

# verified DESCRIPTION STATUS ARGUMENT…: what the program says is in $SCRATCH/said.
verified() {
    local what=$1 expected=$2 status=0
    shift 2
    "$verifier" "$@" >"$SCRATCH/said" 2>&1 || status=$?
    if [ "$status" -eq "$expected" ]; then ok "$what (status $status)"; else not_ok "$what" "status $status, not $expected"$'\n'"$(head -n 20 "$SCRATCH/said")"; fi
}
seal() { query 'SELECT audit_seal()' evidence >/dev/null; }
# sign: as an operator does it from a schedule; the database never sees the key.
sign() {
    local old
    old=$(sed -n 2p "$SCRATCH/state" 2>/dev/null || echo 0)
    query "SELECT audit_consistency_proof(${old:-0})" evidence | "$verifier" sign --key "$SCRATCH/key" --state "$SCRATCH/state" >"$SCRATCH/note"
    query "SELECT audit_add_signatures(\$note\$$(cat "$SCRATCH/note")\$note\$)" evidence
}

database_with_trail evidence
query "CREATE FUNCTION record(n int, most int) RETURNS bigint LANGUAGE sql AS \$\$
    SELECT count(insert_audit_event('FULL', 'thing', w(50), w(1 + i % most), w(70 + i % 2), '{\"a\": 1.00}', jsonb_build_object('a', i, 'b', E'quo\"te \\\\ ü \\u20ac'),
        '203.0.113.9', 'agent', ARRAY['t', 'a,b'], '{\"m\": null}', 'request')) FROM generate_series(1, n) AS i \$\$" evidence
"$verifier" keygen audit-ext "$SCRATCH/key" >"$files/log.vkey"
vkey=$(cat "$files/log.vkey")
query "INSERT INTO audit_events (created_at, action_type, resource_type, workspace_id, created_by_user_id, new_values)
    SELECT now() - days * interval '1 day', 'OLD', 'thing', w(9 + days % 2), w(72 + days % 3), '{\"a\": 1}' FROM generate_series(800, 150, -5) AS days" evidence >/dev/null
# The root log gets more than one tile.
for batch in '12, 8' '40, 8' '7, 8' '900, 300' '1, 8' '30, 8' '2, 8'; do
    query "SELECT record($batch)" evidence >/dev/null
    seal
    [ "$batch" != '7, 8' ] || check_equal 'a signer signs the first checkpoint that it sees' 1 "$(sign)"
done
check_equal 'and a later one that continues it' 1 "$(sign)"
cp "$SCRATCH/note" "$SCRATCH/kept"
query "SELECT audit_event_proof(id) ->> 'head' FROM audit_events WHERE workspace_id = w(1) LIMIT 1" evidence >"$SCRATCH/kept-head"
seal
for step in 'SELECT archive_old_audit_events()' "SELECT delete_user_audit_events_compliant(w(70), w(1), 'GDPR', 'T-1')" \
    "SELECT delete_user_audit_events_compliant(w(72), w(9), 'GDPR', 'T-2')" "SELECT purge_expired_audit_events(w(9), 'RETENTION', 'T-3')"; do
    query "$step" evidence >/dev/null
done
seal
for _ in $(seq 40); do
    query 'SELECT record(1, 1)' evidence >/dev/null
    seal
done
check_equal 'what was deleted since is signed as well' 1 "$(sign)"
python3 "$(dirname "$0")/gather.py" "$files" "$PGBIN/psql" -v ON_ERROR_STOP=1 -d evidence
one=00000000-0000-4000-8000-000000000001 nine=00000000-0000-4000-8000-000000000009
trust=(--key "$vkey" --checkpoint "$SCRATCH/kept")

verified 'a folder says which workspaces of the root log it does not show' 2 "${trust[@]}" "$files/bundles"
check_equal '... each of them, and nothing else' 'warning events_not_shown' "$(grep -E '^(critical|warning)' "$SCRATCH/said" | cut -d' ' -f1,2 | sort -u)"
shown=()
for bundle in "$files"/bundles/*-*.ndjson; do
    bundle=$(basename "$bundle" .ndjson)
    [ ${#bundle} -ne 36 ] || shown+=(--workspace "$bundle")
done
verified 'the bundles that it has and the root log are sound' 0 "${trust[@]}" "${shown[@]}" "$files/bundles"
check_equal 'and all that was deleted is named' 'erased removed' "$(grep -oE '\b(erased|removed)\b' "$SCRATCH/said" | sort -u | paste -sd ' ')"
verified 'a bundle alone, without a head that was kept, says so' 2 --key "$vkey" "$files/bundles/$nine.ndjson"
verified 'the newest head binds it' 0 --key "$vkey" --head "$files/head" "$files/bundles/$one.ndjson"
for receipt in live partial none erased; do verified "a receipt ($receipt) is sound" 0 --key "$vkey" "$files/receipts/$receipt.json"; done
verified 'the root log as tiles' 0 "${trust[@]}" "$files/root"
verified 'the log of a workspace as tiles' 0 --key "$vkey" --head "$files/head" "$files/workspace"
export_of() { query "SELECT audit_export_log($1)" evidence; }
export_of "w(1), 40" >"$SCRATCH/from.ndjson"
verified 'a bundle from a place on' 0 --key "$vkey" --head "$files/head" "$SCRATCH/from.ndjson"
export_of "w(1), 0, NULL, '{action_type,tags}'" >"$SCRATCH/some.ndjson"
verified 'a bundle of some columns' 0 --key "$vkey" --head "$files/head" "$SCRATCH/some.ndjson"
export_of "w(1), 0, $(sed -n 2p "$SCRATCH/kept")" >"$SCRATCH/since.ndjson"
verified 'a bundle that continues the checkpoint that was kept' 0 "${trust[@]}" --head "$SCRATCH/kept-head" "$SCRATCH/since.ndjson"
export_of "NULL, 0, $(sed -n 2p "$SCRATCH/kept")" >"$SCRATCH/root.ndjson"
verified 'the root log continues it' 0 "${trust[@]}" "$SCRATCH/root.ndjson"
sed "s|\"index\":5,|\"index\":4,|" "$files/bundles/$one.ndjson" >"$SCRATCH/moved.ndjson"
verified 'a line that was changed is none' 65 --key "$vkey" --head "$files/head" "$SCRATCH/moved.ndjson"
sed '/"index":5,/d' "$files/bundles/$one.ndjson" >"$SCRATCH/cut.ndjson"
verified 'a line that was cut out is a missing event' 1 --key "$vkey" --head "$files/head" "$SCRATCH/cut.ndjson"
check_equal '... at its place' "critical row_missing $one 5 - the export goes on at 6" "$(grep '^critical' "$SCRATCH/said")"

# A timestamp: the line that the program prints is what a reader runs.
if command -v openssl >/dev/null; then
    make_authority "$SCRATCH" >/dev/null 2>&1
    query 'SELECT audit_checkpoint()' evidence | sed '/^$/,$d' >"$SCRATCH/body"
    openssl ts -query -data "$SCRATCH/body" -sha256 -cert -out "$SCRATCH/query.tsq" 2>/dev/null
    openssl ts -reply -config "$SCRATCH/tsa.conf" -section tsa -queryfile "$SCRATCH/query.tsq" -out "$SCRATCH/answer.tsr" 2>/dev/null
    query "SELECT audit_add_timestamp(NULL, decode('$(base64 -w0 "$SCRATCH/answer.tsr")', 'base64'))" evidence
    export_of "w(1)" >"$SCRATCH/stamped.ndjson"
    "$verifier" --key "$vkey" --head "$files/head" "$SCRATCH/stamped.ndjson" | sed -n 's/^ *timestamp: //p' | sed "s|TSA.pem|$SCRATCH/ca.pem|" >"$SCRATCH/line"
    check_equal 'the timestamp of a checkpoint is good' 'Verification: OK' "$(bash "$SCRATCH/line" 2>&1 | grep -o 'Verification: OK')"
else
    not_ok 'the timestamp of a checkpoint is good' 'there is no openssl'
fi

if [ "$PGVERSION" = "$OUTSIDE_ON" ]; then EVIDENCE_FILES=$files "$(dirname "$0")/outside" | sed "s|^\(not \)\?ok |&$TEST: |" || true; fi

# In the database itself: a superuser with the guards off changes an event, or removes one.
change() {
    query "ALTER EVENT TRIGGER audit_ddl_command_start DISABLE; ALTER EVENT TRIGGER audit_ddl_command_end DISABLE; ALTER TABLE audit_events DISABLE TRIGGER USER; $1;
        ALTER TABLE audit_events ENABLE TRIGGER USER; ALTER EVENT TRIGGER audit_ddl_command_start ENABLE ALWAYS; ALTER EVENT TRIGGER audit_ddl_command_end ENABLE ALWAYS" evidence
    export_of "w(1)" >"$SCRATCH/changed.ndjson"
}
change "UPDATE audit_events SET new_values = '{\"a\": 0}' WHERE id = (SELECT id FROM audit_events WHERE workspace_id = w(1) AND deleted_at IS NULL AND action_type = 'FULL' ORDER BY id LIMIT 1)"
verified 'an event that was changed shows in the next export' 1 --key "$vkey" --head "$files/head" "$SCRATCH/changed.ndjson"
check_equal '... by the head of its log' 1 "$(grep -c head_mismatch "$SCRATCH/said" | sed 's/[1-9][0-9]*/1/')"
database_drop evidence
