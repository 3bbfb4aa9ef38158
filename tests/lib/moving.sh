#!/usr/bin/env bash
# A trail whose events move while it is read: they are recorded, archived by event and by month, and restored. In the database "concurrency".
#
#   moving_trail            makes it: workspace 1 is archived by events, 2 by months, each with months of its own
#   moving_read READER      runs READER 0, READER 1 and READER 2 (a workspace, 0 for all) for some seconds; each goes on while moving_on says so
#   moving_check RELATION   after the last reader. RELATION has what they read, with pass, id and is_archived
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/archive.sh"

seed=${AUDIT_EXT_SEED:-$RANDOM}
RANDOM=$seed
echo "# AUDIT_EXT_SEED=$seed"

moving_trail() {
    database_with_book concurrency
    query "INSERT INTO audit_retention_policies (workspace_id, hot_retention_days, warm_archive_days, archive_by) VALUES (w(1), 90, 90000, 'event'), (w(2), 90, 90000, 'month');
        SELECT past(1, '2021-01-01Z', '3 hours', 1200), past(2, '2022-01-01Z', '3 hours', 1200);
        SELECT create_past_audit_partitions(make_date(1970, 1, 1), make_date(2025, 1, 1));
        CREATE TABLE sides (inhrelid oid, inhparent oid, PRIMARY KEY (inhrelid, inhparent));
        SELECT archive_old_audit_events()" concurrency >/dev/null 2>&1
}

moving_on() { [ -e "$SCRATCH/working" ]; }

moving_sides() { query 'INSERT INTO sides SELECT inhrelid, inhparent FROM pg_inherits ON CONFLICT DO NOTHING' concurrency; }

# The first rounds bring whole months of both workspaces back, however few rounds there are.
moving_operator() {
    local round=0 workspace whole
    while moving_on; do
        round=$((round + 1)) workspace=$((1 + round % 2)) whole=0
        [ "$round" -le 4 ] || { workspace=$((1 + RANDOM % 2)) && whole=$((RANDOM % 3)); }
        query "SELECT archive_old_audit_events()" concurrency || true
        moving_sides
        query "SELECT restore_audit_events(ARRAY(SELECT id FROM audit_events_archive WHERE workspace_id = w($workspace) AND (random() < 0.3 OR $whole = 0)), '0')" concurrency || true
        moving_sides
    done
}

moving_read() {
    local workspace processes=() seconds=12
    [ -z "${AUDIT_EXT_LONG:-}" ] || seconds=300
    echo 'SELECT present(1 + :client_id % 2);' >"$SCRATCH/present.sql"
    touch "$SCRATCH/working"
    moving_operator >"$SCRATCH/operator" 2>&1 &
    processes+=($!)
    for workspace in 0 1 2; do
        "$1" $workspace >"$SCRATCH/reader.$workspace" 2>&1 &
        processes+=($!)
    done
    bench 'recording now' concurrency -c 2 -T "$seconds" -R 50 -f "$SCRATCH/present.sql"
    rm "$SCRATCH/working"
    wait "${processes[@]}"
    check_equal 'no reader met an error' '' "$(cat "$SCRATCH"/reader.* | head -n 3)"
    check_equal 'operators met none but a lock that they did not get' '' "$(grep '^ERROR' "$SCRATCH/operator" | grep -v 'partition maintenance' | head -n 3 || true)"
}

moving_check() {
    check_between 'there are passes in which events were met in both tables' 3 100000 "$(query "SELECT count(*) FROM (SELECT FROM $1 GROUP BY pass HAVING count(DISTINCT is_archived) = 2) AS passes" concurrency)"
    check_between '... and the same event here and there' 100 100000 "$(query "SELECT count(*) FROM (SELECT FROM $1 GROUP BY id HAVING count(DISTINCT is_archived) = 2) AS events" concurrency)"
    check_between 'months changed sides' 1 100000 "$(query 'SELECT count(*) FROM (SELECT FROM sides GROUP BY inhrelid HAVING count(DISTINCT inhparent) = 2) AS months' concurrency)"
    check_conserved 'in the end' concurrency
}
