#!/usr/bin/env bash
# Random operations over hot, archive, cold and loans together: recording, archive, restore, export, release, discard, lending, returning, erasures, holds, purges, checks.
# After each, plain SQL finds every event once, as it was told or erased, in the database and the files. At the end the evidence accounts for all that left.
# COLD_SEED repeats the operations of a run, COLD_STEPS says how many it has.
set -euo pipefail
. "$(dirname "$0")/../lib/report.sh"
. "$(dirname "$0")/../lib/cold.sh"

missing=$(cold_toolchain)
[ -z "$missing" ] || { not_ok 'readers are there' "$missing"; exit; }
steps=${COLD_STEPS:-40}
[ -z "${AUDIT_EXT_LONG:-}" ] || steps=${COLD_STEPS:-1500}
seed=${COLD_SEED:-$RANDOM}
store_start directory
cold_trail cold 3 60
RANDOM=$seed

# A subshell would begin with numbers of its own, which no seed repeats: each step has a throw of its dice.
pick() { RANDOM=$((dice + $#)); echo "${*:RANDOM % $# + 1:1}"; }
workspace() { echo "w($(pick 1 2 3))"; }
person() { RANDOM=$((dice + 1000)); echo "w($((101 + RANDOM % 20)))"; }
# What is refused is refused for a reason; what fails otherwise is a problem.
attempt() {
    local status=0
    query "$1" cold >"$SCRATCH/answer" 2>&1 || status=$?
    [ "$status" -eq 0 ] || grep -qE "$2" "$SCRATCH/answer" || not_ok "$1" "$(cat "$SCRATCH/answer")"
    return 0
}
tool() {
    local status=0
    cold_in cold "$@" || status=$?
    # 1: it found something, such as a hold that keeps an erasure waiting.
    [ "$status" -le 1 ] || not_ok "audit-cold $* ends well" "$(tail -n 5 "$SCRATCH/said")"
}
object_in() { RANDOM=$dice; query "SELECT object_id FROM audit_cold_objects WHERE state IN ($1) ORDER BY md5(object_id::text || $RANDOM) LIMIT 1" cold; }

# What a purge may take, before it does: what is past the retention of its workspace, archived or in the file of a month that is past it whole, and not held.
purge() {
    local before
    before=$(query "CREATE TABLE IF NOT EXISTS may_go (id uuid); TRUNCATE may_go;
        INSERT INTO may_go SELECT told.id FROM told WHERE workspace_id = w(3)
          AND NOT EXISTS (SELECT FROM audit_legal_holds WHERE workspace_id = w(3) AND released_at IS NULL AND user_id IS NULL)
          AND ((NOT EXISTS (SELECT FROM audit_cold_loans WHERE event_id = told.id) AND EXISTS (SELECT FROM audit_events_archive AS a WHERE a.id = told.id)
                AND created_at < now() - (SELECT cold_retention_days FROM audit_retention_policies WHERE workspace_id = w(3)) * interval '1 day'
                AND NOT EXISTS (SELECT FROM audit_legal_holds WHERE workspace_id = w(3) AND released_at IS NULL AND user_id IN (told.created_by_user_id, told.resource_id)))
            OR (NOT EXISTS (SELECT FROM audit_legal_holds WHERE workspace_id = w(3) AND released_at IS NULL)
                AND EXISTS (SELECT FROM audit_cold_objects AS o WHERE o.state = 'released' AND o.workspace_id = w(3) AND (told.created_at, told.id) BETWEEN (first_created_at, first_id) AND (last_created_at, last_id)
                  AND month + interval '1 month' < now() - (SELECT cold_retention_days FROM audit_retention_policies WHERE workspace_id = w(3)) * interval '1 day')));
        SELECT count(*) FROM may_go" cold)
    attempt "SELECT deleted_count FROM purge_expired_audit_events(w(3), 'RETENTION', 'T-3')" 'cannot be purged|hold|no archived'
    grep -qE '^[0-9]+$' "$SCRATCH/answer" || return 0
    query 'DELETE FROM told WHERE id IN (TABLE may_go)' cold
    [ "$(cat "$SCRATCH/answer")" -ge "$before" ] || not_ok 'a purge takes all that may go' "$before may go, it took $(cat "$SCRATCH/answer")"
}

operation() {
    local object
    case $1 in
    record) attempt "INSERT INTO told SELECT e.* FROM audit_events AS e WHERE id = insert_audit_event('UPDATE_DOCUMENT', 'document', w(1), $(workspace), $(person), NULL, '{\"payload\": \"new\"}')" 'nothing' ;;
    archive) attempt 'SELECT archive_old_audit_events()' 'nothing' ;;
    hot) attempt "SELECT restore_audit_events(ARRAY(SELECT id FROM audit_events_archive WHERE workspace_id = $(workspace) ORDER BY md5(id::text || $RANDOM) LIMIT 5), '0 days')" 'nothing' ;;
    export) tool export --min-events 5 ;;
    release)
        object=$(object_in "'stored'")
        [ -z "$object" ] || attempt "SELECT release_audit_cold_object('$object', 'RETENTION', 'T-9')" 'hold|differs from the archive' ;;
    discard)
        object=$(object_in "'stored'")
        [ -z "$object" ] || attempt "SELECT discard_audit_cold_object('$object', 'tried')" 'nothing' ;;
    lend)
        object=$(object_in "'released'")
        [ -z "$object" ] || tool restore --object "$object" ;;
    lend_one)
        object=$(query "SELECT id FROM told WHERE id NOT IN (SELECT id FROM audit_events UNION ALL SELECT id FROM audit_events_archive) ORDER BY md5(id::text || $RANDOM) LIMIT 1" cold)
        [ -z "$object" ] || tool restore --event "$object" ;;
    return) attempt "SELECT return_audit_cold_loans($(workspace), 'RETENTION', 'T-9', '0')" 'hold' ;;
    forget) attempt "SELECT forget($(person), $(workspace))" 'hold' ;;
    erase) tool erase ;;
    clean) tool clean ;;
    run) tool run --min-events 5 ;;
    check) tool check --deep ;;
    hold) attempt "SELECT place_audit_hold($(workspace), 'case', $(pick NULL "$(person)"))" 'nothing' ;;
    unhold) attempt "SELECT release_audit_hold(hold, 'closed') FROM (SELECT id AS hold FROM audit_legal_holds WHERE released_at IS NULL ORDER BY md5(id::text || $RANDOM) LIMIT 1) AS h" 'nothing' ;;
    purge) purge ;;
    seal) attempt 'SELECT audit_seal()' 'nothing' ;;
    esac
}
operations=(record record archive hot export release release release discard lend lend_one lend_one return forget forget erase erase clean run check hold unhold unhold purge seal)

sound=1 told=()
for step in $(seq "$steps"); do
    dice=$RANDOM
    name=$(pick "${operations[@]}")
    told+=("$name")
    operation "$name" >>"$SCRATCH/operations" 2>&1
    found=$(cold_differences cold)
    if [ -n "$found" ]; then
        not_ok "after operation $step, $name, each event is there once (COLD_SEED=$seed)" "$found"$'\n'"operations: ${told[*]}"
        sound=
        break
    fi
done
grep -E '^(not ok|    )' "$SCRATCH/operations" || true
if [ -n "$sound" ]; then
    ok "$steps random operations (COLD_SEED=$seed) neither lost, doubled nor changed an event"
    query "SELECT release_audit_hold(id, 'closed') FROM audit_legal_holds WHERE released_at IS NULL" cold >/dev/null
    tool run --min-events 5
    # Files that a run condemns are removed by the next one.
    tool clean
    check_equal 'at the end nothing is pending, and no file is left that nobody needs' '0 0' \
        "$(query "SELECT (SELECT count(*) FROM audit_cold_erasures WHERE NOT is_done) || ' ' || (SELECT count(*) FROM audit_cold_objects WHERE state = 'condemned')" cold)"
    check_equal '... each event is there once' '' "$(cold_differences cold)"
fi
check_equal 'the evidence accounts for all that left' '' "$(database_verify cold)"
