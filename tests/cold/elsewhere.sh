#!/usr/bin/env bash
# Proves that another store does not pass for the one that the catalog means: an empty folder where a disk is not mounted, a bucket of the same name at another endpoint, and
# an endpoint without the bucket. There a file that is not found does not count as removed, and nothing is written. In the right store the next run finishes.
set -euo pipefail
. "$(dirname "$0")/../lib/report.sh"
. "$(dirname "$0")/../lib/cold.sh"

missing=$(cold_toolchain)
[ -z "$missing" ] || { not_ok 'the stores are there' "$missing"; exit; }
w1=00000000-0000-4000-8000-000000000001
events=300

# elsewhere KIND / back: the same URL leads to another store, and to the right one again.
elsewhere() {
    case $1 in
    directory)
        mv "$STORE_FOLDER" "$STORE_FOLDER.away"
        # With the folders of the files, as a disk has that was restored without them.
        (cd "$STORE_FOLDER.away" && find . -type d) | (mkdir "$STORE_FOLDER" && cd "$STORE_FOLDER" && xargs mkdir -p)
        ;;
    bucket)
        home=("$STORE_PORT" "$STORE_FOLDER")
        store_start s3s
        ;;
    'no bucket')
        home=("$STORE_PORT" "$STORE_FOLDER")
        store_start s3s
        rmdir "$STORE_FOLDER" "${STORE_FOLDER%/*}"
        ;;
    esac
}
back() {
    if [ "$1" = directory ]; then
        rm -rf "$STORE_FOLDER"
        mv "$STORE_FOLDER.away" "$STORE_FOLDER"
    else
        export STORE_PORT=${home[0]}
        STORE_FOLDER=${home[1]}
        store_direct
    fi
}
files() { find "$STORE_FOLDER" -name '*.parquet' 2>/dev/null | wc -l; }

for kind in directory bucket 'no bucket'; do
    if [ "$kind" = directory ]; then store_start directory; else store_start s3s; fi

    # What was begun before anything was stored: no file shows which store is the right one.
    cold_trail cold 2 $events
    query "SELECT object_id FROM begin_audit_cold_object('$w1', '2020-01-01', '$STORE')" cold >/dev/null
    # Its session has ended, and is soon gone.
    await cold 'NOT EXISTS (SELECT FROM audit_cold_objects JOIN pg_stat_activity ON pid = opened_by_pid)'
    check_cold "$kind: a run that died before it wrote a file is cleaned up" 0 clean
    check_equal "$kind: ... but nothing shows that its file is not there" 'condemned 1' "$(cold_states cold)"
    check_cold "$kind: export" 0 export --min-events 10
    check_cold "$kind: clean" 0 clean
    check_equal "$kind: ... now other files do" 'gone 1, stored 6' "$(cold_states cold)"

    cold_release cold
    query "SELECT forget(w(105), w(2))" cold >/dev/null
    check_cold "$kind: erase" 0 erase
    check_equal "$kind: two files are to be removed" 'condemned 2, gone 1, released 6 8' "$(cold_states cold) $(files)"
    query "INSERT INTO audit_events (created_at, workspace_id, created_by_user_id, action_type, resource_type)
        SELECT timestamptz '2020-06-01Z' + n * interval '1 minute', w(4), w(101), 'LATER', 'thing' FROM generate_series(1, 60) AS n;
        UPDATE audit_retention_policies SET hot_retention_days = 30, warm_archive_days = 60, cold_retention_days = 36500 WHERE workspace_id = w(4);
        INSERT INTO told SELECT * FROM audit_events WHERE workspace_id = w(4) AND created_at < '2021-01-01Z'" cold
    query 'SELECT archive_old_audit_events()' cold >/dev/null
    query 'SELECT audit_seal()' cold >/dev/null

    elsewhere "$kind"
    check_cold "$kind, elsewhere: clean finds another store" 4 clean
    check_equal "$kind, elsewhere: ... says what to look at, and no removal counts" 'yes condemned 2, gone 1, released 6' \
        "$(grep -q 'AWS_ENDPOINT' "$SCRATCH/said" && echo yes) $(cold_states cold)"
    check_cold "$kind, elsewhere: export writes nothing" 4 export --min-events 10
    check_equal "$kind, elsewhere: ... not a file, and nothing is begun" 'condemned 2, gone 1, released 6 0' "$(cold_states cold) $(files)"
    back "$kind"

    # As a run leaves it that is killed before it confirms.
    rm "$STORE_FOLDER/$(query "SELECT path FROM audit_cold_objects WHERE state = 'condemned' ORDER BY month LIMIT 1" cold)"
    check_cold "$kind: in the right store, run finishes" 0 run --min-events 10
    check_equal "$kind: ... the files are gone, and the later events stored" 'gone 3, released 6, stored 1 7' "$(cold_states cold) $(files)"
    check_equal "$kind: ... nothing is missing, doubled or different" '' "$(cold_differences cold)"

    # All files are condemned: none is left to recognise the store by.
    cold_trail cold 2 $events
    rm -rf "${STORE_FOLDER:?}"/*
    check_cold "$kind, all condemned: export" 0 export --min-events 10
    query "SELECT count(discard_audit_cold_object(object_id, 'a test')) FROM audit_cold_objects" cold >/dev/null
    elsewhere "$kind"
    check_cold "$kind, all condemned, elsewhere: clean fails" 4 clean
    check_equal "$kind, all condemned, elsewhere: ... says who can confirm it, and no removal counts" 'yes condemned 6' \
        "$(grep -q 'confirm_audit_cold_removed' "$SCRATCH/said" && echo yes) $(cold_states cold)"
    back "$kind"
    check_cold "$kind, all condemned: clean, in the right store" 0 clean
    check_equal "$kind, all condemned: ... removes all" 'gone 6 0' "$(cold_states cold) $(files)"
done
