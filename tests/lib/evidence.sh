#!/usr/bin/env bash
# What the tests share that carry a sealed trail elsewhere: to another server, version or database.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/report.sh"

# seal DATABASE: all that is committed; prints the checkpoint, for somebody to keep.
seal() { query 'SELECT checkpoint FROM audit_seal()' "$1"; }

# findings DATABASE CHECKPOINT: the codes of what audit_verify() finds under a checkpoint that was kept, but for what it only tells.
findings() {
    query "SELECT coalesce(string_agg(DISTINCT code, ' '), 'sound') FROM audit_verify(p_checkpoints => ARRAY[\$note\$$2\$note\$]) WHERE severity <> 'info'" "$1"
}

# origin CHECKPOINT: of which root log it is.
origin() { head -n 1 <<<"$1"; }

# an_event DATABASE: one that is sealed; the same in each copy.
an_event() { query "SELECT id FROM audit_events WHERE action_type !~ '^AUDIT_' AND seal_key IS NOT NULL AND seal_xid IS NOT NULL ORDER BY id LIMIT 1" "$1"; }

# check_receipt DESCRIPTION DATABASE EVENT CHECKPOINT: what the database proves of an event is verified by the program, under a checkpoint that was kept.
check_receipt() {
    local said status=0
    query "SELECT audit_event_proof('$3')" "$2" >"$SCRATCH/receipt.json"
    echo "$4" >"$SCRATCH/kept"
    said=$("$PGBIN/audit-verify" --checkpoint "$SCRATCH/kept" "$SCRATCH/receipt.json") || status=$?
    check_equal "$1" '0 1' "$status $(grep -o '^events verified: [0-9]*' <<<"$said" | grep -o '[0-9]*')"
}

# check_goes_on DESCRIPTION DATABASE CHECKPOINT FINDINGS: a copy that seals begins a log of its own, what was sealed before is still proven, and found is
# what was found in the first.
check_goes_on() {
    local new
    query "SELECT insert_audit_event('COPIED', 'thing', NULL, w(1), w(1))" "$2" >/dev/null
    new=$(seal "$2")
    check_equal "$1: its next seal begins a root log of its own" 'another 1' "$([ "$(origin "$new")" = "$(origin "$3")" ] && echo 'the same' || echo another) $(
        query "SELECT count(*) FROM audit_events WHERE action_type = 'AUDIT_LOG_INCARNATION_BEGAN'" "$2")"
    check_equal "$1: ... the checkpoint from before, and the new one, find what was found before" "$4, $4" "$(findings "$2" "$3"), $(findings "$2" "$new")"
    query 'SELECT audit_seal()' "$2" >/dev/null
    check_equal "$1: ... and then nothing is left to seal" 0 "$(query 'SELECT sealed_count FROM audit_seal()' "$2")"
}
