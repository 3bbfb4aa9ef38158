#!/usr/bin/env bash
# Kills the program, or the server, with SIGKILL in the middle of every step of cold storage: export, release, restore, return, erase, clean, purge. After each blow nothing is
# missing, doubled or different, in the database and the files together, and the next run finishes what was begun. COLD_ROUNDS says how often each step is hit, each time
# at another moment of it: once, or a hundred times in the long tier.
set -euo pipefail
. "$(dirname "$0")/../lib/report.sh"
. "$(dirname "$0")/../lib/cold.sh"

rounds=${COLD_ROUNDS:-1}
[ -z "${AUDIT_EXT_LONG:-}" ] || rounds=${COLD_ROUNDS:-100}
missing=$(cold_toolchain)
[ -z "$missing" ] || { not_ok 'the stores are there' "$missing"; exit; }
server=$(cluster_dir)
cluster_start "$PGVERSION" "$server"

months=2 events=2000
declare -A duration=()
problems=''
problem() { problems+="$1"$'\n'; }
grounds=(--authority RETENTION --ticket T-9)

# step NAME: does it, to its end. Those that SQL does are killed with their session.
step() {
    case $1 in
    export) cold_in cold export --min-events 10 ;;
    release)
        local workspace
        # Nothing is left to release where a blow came after it.
        for workspace in 1 2 3; do cold_in cold release --workspace 00000000-0000-4000-8000-00000000000$workspace "${grounds[@]}" || [ $? -eq 1 ] || return 1; done
        ;;
    restore) cold_in cold restore --workspace 00000000-0000-4000-8000-000000000001 --month 2020-01 ;;
    return)
        # It takes no store.
        "$PGBIN/audit-cold" return --database "host=$PGHOST port=$PGPORT user=$PGUSER dbname=cold" \
            --workspace 00000000-0000-4000-8000-000000000001 "${grounds[@]}" --older-than 0 >"$SCRATCH/said" 2>&1
        ;;
    forget) query "SELECT forget(w(100 + (SELECT count(*) + 1 FROM audit_cold_erasures) ::int % 20 + 1), w(2))" cold ;;
    erase) cold_in cold erase ;;
    clean) cold_in cold clean ;;
    esac
}

# Every event is where it has to be.
whole() {
    local found
    found=$(cold_differences cold)
    [ -z "$found" ] || problem "$1: $found"
}

# The processes of a step, of which the first is a shell of ours: it stands still first, so that it begins nothing more. What the server was told last it does to the end.
kill_step() {
    local children
    kill -STOP "$1" 2>/dev/null || true
    mapfile -t children < <(pgrep -P "$1" || true)
    kill -KILL "$1" "${children[@]}" 2>/dev/null || true
    wait "$1" 2>/dev/null || true
    await cold "NOT EXISTS (SELECT FROM pg_stat_activity WHERE datname = 'cold' AND pid <> pg_backend_pid() AND backend_type = 'client backend')"
}

# blow WHAT STEP MOMENT: begins the step, and kills the tool or the server after that many thousandths of the time that it takes.
blow() {
    local what=$1 name=$2 wait_for
    wait_for=$(awk -v all="${duration[$name]}" -v part="$3" 'BEGIN { printf "%.3f", all * part / 1000000 }')
    step "$name" >"$SCRATCH/blow" 2>&1 &
    local process=$!
    sleep "$wait_for"
    if [ "$what" = tool ]; then
        kill_step "$process"
    else
        cluster_kill "$server"
        # The tool must find out by itself.
        local attempt
        for attempt in {1..600}; do
            process_alive "$process" || break
            sleep 0.1
        done
        process_alive "$process" && { problem "$name: the tool goes on after $attempt attempts to see it end, without a server"; kill_step "$process"; }
        wait "$process" 2>/dev/null || true
        cluster_start "$PGVERSION" "$server"
    fi
}

# A life, in which each step is hit once at the moment.
life() {
    local what=$1 moment=$2 name began
    cold_trail cold $months $events
    store_start directory
    for name in export release restore return forget erase clean; do
        if [ -n "$what" ]; then
            blow "$what" "$name" "$moment"
            # What an erasure has not reached yet is in the file as it was.
            case $name in forget) ;; erase) ;; *) whole "$what killed at $moment/1000 of $name" ;; esac
        fi
        began=$(milliseconds)
        case $name in
        # It is done or not, and not to be done twice.
        forget) [ "$(query 'SELECT count(*) FROM audit_cold_erasures' cold)" -gt 0 ] || step forget >/dev/null ;;
        *) step "$name" >"$SCRATCH/step" 2>&1 || problem "$name, after a blow at $moment/1000: $(tail -n 3 "$SCRATCH/step" "$SCRATCH/said")" ;;
        esac
        duration[$name]=${duration[$name]:-$(($(milliseconds) - began))}
        whole "$name, finished after a blow at $moment/1000 of it"
    done
    # What a dead run began is gone as well.
    [[ "$(cold_states cold)" =~ ^gone\ [0-9]+,\ released\ $((3 * months))$ ]] || problem "at the end of a life: $(cold_states cold)"
    # What was being written when the program died has another name, and stays a day: another run may be as far.
    [ "$(find "$STORE_FOLDER" -type f -name '*.parquet' | wc -l)" -eq $((3 * months)) ] || problem "files at the end of a life: $(find "$STORE_FOLDER" -type f)"
    [ -z "$(database_verify cold)" ] || problem "evidence: $(database_verify cold)"
    rm -rf "${STORE_FOLDER:?}"
}

life '' 0
check_equal 'without a blow, a life goes as it should' '' "$problems"
for what in tool server; do
    problems=''
    for round in $(seq "$rounds"); do life "$what" $(((1000 * round - 500) / rounds)); done
    check_equal "$what killed in each of 7 steps, $rounds times: all is there, and the next run finishes" '' "$(head -n 20 <<<"$problems" | sed '/^$/d')"
done

# --- the server dies before the commit of what only SQL does ---
# before_commit STATEMENT: it has done all of it when the server dies.
before_commit() {
    in_background before cold "BEGIN; $1; SELECT pg_sleep(60)"
    await cold "$(asleep before)"
    cluster_kill "$server"
    wait $! 2>/dev/null || true
    cluster_start "$PGVERSION" "$server"
}
store_start directory
cold_trail cold 1 500
step export
object=$(query 'SELECT object_id FROM audit_cold_objects WHERE workspace_id = w(1)' cold)
before_commit "SELECT release_audit_cold_object('$object', 'RETENTION', 'T-9')"
check_equal 'the server dies before a release commits: it was none' 'stored ' "$(query "SELECT state FROM audit_cold_objects WHERE object_id = '$object'" cold) $(cold_differences cold)"
step release
step restore
before_commit "SELECT return_audit_cold_loans(w(1), 'RETENTION', 'T-9', '0')"
check_equal '... a return: the events are still lent' '500 ' "$(query 'SELECT count(*) FROM audit_cold_loans' cold) $(cold_differences cold)"
before_commit "SELECT purge_expired_audit_events(w(3), 'RETENTION', 'T-3')"
check_equal '... a purge: nothing is condemned' 'released 3 ' "$(cold_states cold) $(cold_differences cold)"

# --- the tool dies while the store does its part ---
# A file of more than 8 MiB is put in several parts. These events have half a megabyte that hardly compresses.
store_start s3s
large() {
    query "INSERT INTO audit_events (created_at, workspace_id, created_by_user_id, action_type, resource_type, new_values)
        SELECT timestamptz '2020-06-01Z' + n * interval '1 minute', w(4), w(101), 'LARGE', 'thing', jsonb_build_object('noise', (SELECT string_agg(md5(random()::text || i || n), '') FROM generate_series(1, 20000) AS i))
        FROM generate_series(1, 60) AS n;
        UPDATE audit_retention_policies SET hot_retention_days = 30, warm_archive_days = 60, cold_retention_days = 36500 WHERE workspace_id = w(4);
        INSERT INTO told SELECT * FROM audit_events WHERE workspace_id = w(4) AND created_at < '2021-01-01Z'" cold
    query 'SELECT archive_old_audit_events()' cold >/dev/null
    query 'SELECT audit_seal()' cold >/dev/null
}
# stuck REQUEST WHAT BEHAVIOUR…: the tool waits for the store's answer to such a request, and is killed there.
stuck() {
    local request=$1 what=$2 attempt
    shift 2
    problems=''
    : >"$SCRATCH/proxy.log"
    store_through "$@"
    step export &
    local process=$!
    for attempt in {1..600}; do
        grep -q '^silent.*waits' "$SCRATCH/proxy.log" && break
        sleep 0.1
    done
    grep -q '^silent.*waits' "$SCRATCH/proxy.log" || problem "the store was never waited for, in $attempt attempts"
    grep '^silent.*waits' "$SCRATCH/proxy.log" | grep -E "$request" >/dev/null || problem "it waited for something else: $(cat "$SCRATCH/proxy.log")"
    kill_step "$process"
    store_direct
    whole "$what"
    step export >/dev/null || problem "the next run: $(tail -n 3 "$SCRATCH/said")"
    cold_release cold
    whole "$what, finished"
    check_equal "the tool dies $what: all is there, and the next run finishes" '' "$problems"
}
cold_trail cold 1 20
stuck 'PUT .*parquet' 'before its first PUT is done' silent PUT
cold_trail cold 1 20
# The first GET asks for uploads that nobody finished.
stuck 'GET .*parquet' 'while it reads back' silent GET 1
cold_trail cold 1 20
large
stuck 'PUT .*partNumber=2' 'in the middle of an upload of several parts' silent PUT 4
