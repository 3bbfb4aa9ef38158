#!/usr/bin/env bash
# Proves that the union of hot and archived events is at any moment exactly what was recorded less what was purged: writers of past and
# present months and readers at work beside archive, restore, purge, erasure, holds, changing policies and new months, all at random, some cancelled.
set -euo pipefail
. "$(dirname "$0")/../lib/archive.sh"

seconds=12 workers=4
[ -z "${AUDIT_EXT_LONG:-}" ] || seconds=600
seed=${AUDIT_EXT_SEED:-$RANDOM}
RANDOM=$seed
echo "# AUDIT_EXT_SEED=$seed"

database_with_book concurrency
# Workspaces 1 to 4 archive by events and 5 to 8 by months, each four with months of their own. Some keep for ever, some for long.
query "INSERT INTO audit_retention_policies (workspace_id, hot_retention_days, warm_archive_days, is_compliance_mode, compliance_reason, archive_by)
    SELECT w(n), 1 + $RANDOM % 300, 300 + $RANDOM % 700, n IN (4, 8), 'test', CASE WHEN n <= 4 THEN 'event' ELSE 'month' END FROM generate_series(1, 8) AS n;
    SELECT past(n, '2021-01-01Z', '7 hours', 300) FROM generate_series(1, 4) AS n;
    SELECT past(n, '2022-01-01Z', '7 hours', 300) FROM generate_series(5, 8) AS n;
    SELECT create_past_audit_partitions(make_date(1970, 1, 1), make_date(2025, 1, 1));
    CREATE TABLE sides (inhrelid oid, inhparent oid, PRIMARY KEY (inhrelid, inhparent)); INSERT INTO sides SELECT inhrelid, inhparent FROM pg_inherits;
    SELECT archive_old_audit_events()" concurrency >/dev/null 2>&1

# Writers: history in the order of time, one workspace per client, into months that are archived meanwhile; and the present.
cat >"$SCRATCH/past.sql" <<'SQL'
\set n :n + 1
SELECT past(1 + :client_id, timestamptz '2021-04-20Z' + CASE WHEN :client_id < 4 THEN interval '0' ELSE interval '1 year' END + :n * interval '1 hour', '10 minutes', 3);
SQL
cat >"$SCRATCH/present.sql" <<'SQL'
SELECT present(100 + :client_id);
SQL

# What operators do; each prints a statement.
operations=(archive archive archive_in_batches restore restore restore_month restore_by_statement purge purge erase hold release policy partitions cancel)
a_month() { echo "$((2021 + RANDOM % 2))-0$((1 + RANDOM % 6))-01Z"; }
a_workspace() { echo $((1 + RANDOM % 8)); }
archive() { echo 'SELECT archive_old_audit_events()'; }
archive_in_batches() { echo 'CALL archive_audit_events()'; }
restore() { echo "SELECT restore_audit_events(ARRAY(SELECT id FROM audit_events_archive WHERE workspace_id = w($(a_workspace)) AND random() < 0.$((RANDOM % 10))), '$((RANDOM % 3)) seconds')"; }
restore_month() {
    local month
    month=$(a_month)
    echo "SELECT restore_audit_events(ARRAY(SELECT id FROM audit_events_archive WHERE created_at >= '$month' AND created_at < '$month'::timestamptz + '1 month'), '0')"
}
restore_by_statement() {
    local columns='id, created_at, created_by_user_id, action_type, resource_type, resource_id, workspace_id, old_values, new_values, changed_fields, ip_address, user_agent, request_id, tags, metadata'
    echo "WITH restored AS (DELETE FROM audit_events_archive WHERE workspace_id = w($(a_workspace)) AND extract(hour FROM created_at) = $((RANDOM % 24)) RETURNING *)
        INSERT INTO audit_events ($columns) SELECT $columns FROM restored"
}
purge() { echo "SELECT purge($(a_workspace))"; }
erase() { echo "SELECT erase($(a_workspace), $((1 + RANDOM % 9)))"; }
hold() { echo "SELECT place_audit_hold(w($(a_workspace)), 'campaign'$([ $((RANDOM % 2)) = 0 ] || echo ", w($((1 + RANDOM % 9)))"))"; }
release() { echo "SELECT release_audit_hold(id, 'campaign') FROM audit_legal_holds WHERE released_at IS NULL AND random() < 0.7"; }
policy() {
    local workspace
    workspace=$(a_workspace)
    echo "UPDATE audit_retention_policies SET hot_retention_days = CASE WHEN $RANDOM % 4 = 0 THEN warm_archive_days ELSE 1 + $RANDOM % 300 END,
        archive_by = CASE WHEN $RANDOM % 6 = 0 THEN 'event' WHEN $workspace > 4 THEN 'month' ELSE 'event' END WHERE workspace_id = w($workspace)"
}
partitions() { echo "SELECT create_monthly_audit_partition($((RANDOM % 9)))"; }
cancel() { echo "SELECT count(pg_cancel_backend(pid)) FROM pg_stat_activity WHERE application_name ~ '^worker' AND state = 'active' AND pid <> pg_backend_pid() AND random() < 0.6"; }

# First the operations in their turn, a worker's share each, so that none is left out; then any.
work() {
    local operation turn=$1
    RANDOM=$((seed + $1))
    while [ -e "$SCRATCH/working" ] || [ "$turn" -lt ${#operations[@]} ]; do
        operation=${operations[RANDOM % ${#operations[@]}]}
        [ "$turn" -ge ${#operations[@]} ] || operation=${operations[turn]}
        turn=$((turn + workers))
        echo "== $operation"
        PGAPPNAME=worker.$1 "$PGBIN/psql" -XqAt -v VERBOSITY=verbose -v ON_ERROR_STOP=1 -d concurrency -c "$($operation)" 2>&1 || true
    done
}
# In one statement, in one snapshot over two, and through the trail.
watch() {
    while [ -e "$SCRATCH/working" ]; do
        query "SELECT 'astray', * FROM astray LIMIT 3" concurrency
        query "BEGIN ISOLATION LEVEL REPEATABLE READ; CREATE TEMP TABLE seen AS SELECT id FROM audit_events WHERE action_type = 'PAST'; SELECT pg_sleep(0.02);
            INSERT INTO seen SELECT id FROM audit_events_archive; SELECT 'torn', count(*) FROM seen FULL JOIN (SELECT id FROM told JOIN audit_retention_policies USING (workspace_id) WHERE compliance_reason = 'test' EXCEPT TABLE purged) AS book USING (id)
            HAVING count(*) FILTER (WHERE seen.id IS NULL OR book.id IS NULL) > 0 OR count(*) <> count(DISTINCT id)" concurrency
        query "SELECT 'torn trail', workspace FROM generate_series(1, 8) AS workspace WHERE
            (SELECT count(*) FROM told WHERE workspace_id = w(workspace) AND NOT EXISTS (SELECT FROM purged WHERE purged.id = told.id)) <>
            (SELECT count(*) FROM get_audit_trail(w(workspace), p_days_back => 36500, p_limit => 10000) WHERE action_type = 'PAST') + (SELECT count(*) FROM (SELECT workspace_id, deleted_at
              FROM audit_events UNION ALL SELECT workspace_id, deleted_at FROM audit_events_archive) AS stored WHERE workspace_id = w(workspace) AND deleted_at IS NOT NULL)" concurrency
        query 'INSERT INTO sides SELECT inhrelid, inhparent FROM pg_inherits ON CONFLICT DO NOTHING' concurrency
        echo watched
        sleep 0.5
    done
}

touch "$SCRATCH/working"
workers_at_work=()
for ((worker = 0; worker < workers; worker++)); do
    work $worker >"$SCRATCH/worker.$worker" &
    workers_at_work+=($!)
done
watch >"$SCRATCH/watcher" 2>&1 &
workers_at_work+=($!)
bench 'recording the past' concurrency -c 8 -T "$seconds" -R 60 -D n=0 -f "$SCRATCH/past.sql" -l --log-prefix="$SCRATCH/past" &
past=$!
bench 'recording now' concurrency -c 4 -T "$seconds" -R 100 -f "$SCRATCH/present.sql" -l --log-prefix="$SCRATCH/present" &
wait "$past" $!
rm "$SCRATCH/working"
wait "${workers_at_work[@]}"
# What holds and cancellations may have kept from being done at all.
query "SELECT release_audit_hold(id, 'campaign') FROM audit_legal_holds WHERE released_at IS NULL" concurrency >/dev/null
query 'SELECT erase(workspace, 1) FROM generate_series(1, 8) AS workspace' concurrency >/dev/null

said() { sed -n "s/^\(ERROR\|WARNING\):  *\([0-9A-Z]\{5\}\).*/\1 \2/p" "$SCRATCH"/worker.* | sort | uniq -c | sort -rn | awk '{print $2, $3 ":", $1}' | paste -sd ';'; }
echo "# what operators were told: $(said)"
# Holds and compliance mode refuse (23001), a cancelled statement ends (57014), partition maintenance may find the locks taken (P0001),
# and a hold may have been released by somebody else (22023).
check_equal 'operators meet no error but refusals and cancellations' '' "$(grep -h '^ERROR' "$SCRATCH"/worker.* | grep -vE '^ERROR:  (23001|57014|P0001|40P01|22023: p_hold_id)' | sort | uniq -c | head -n 5 || true)"
for operation in $(printf '%s\n' "${operations[@]}" | sort -u); do
    check_between "operation $operation was tried" 1 100000 "$(cat "$SCRATCH"/worker.* | grep -c "^== $operation$")"
done
check_between 'readers have read' 2 100000 "$(grep -c '^watched$' "$SCRATCH/watcher")"
check_equal '... and at no moment found an event missing, doubled or changed' '' "$(grep -v '^watched$' "$SCRATCH/watcher" | head -n 5 || true)"
check_conserved 'in the end' concurrency
for writer in past present; do
    check_between "longest wait of a writer ($writer), milliseconds" 0 2000 "$(cat "$SCRATCH/$writer".[0-9]* | awk '$3 > max {max = $3} END {print int(max / 1000)}')"
done
check_between 'events were archived' 1000 100000000 "$(query "SELECT sum(archived_count) FROM audit_archive_runs" concurrency)"
check_between 'events were purged' 1 100000000 "$(query 'SELECT count(*) FROM purged' concurrency)"
check_between 'events were erased' 1 100000000 "$(query "SELECT sum(event_count) FROM audit_deletion_log WHERE deletion_authority = 'GDPR'" concurrency)"
check_between 'months changed sides' 3 100000 "$(query "SELECT count(*) FROM (SELECT FROM sides JOIN pg_class ON oid = inhrelid WHERE relkind = 'r' GROUP BY inhrelid HAVING count(*) > 1) AS both_sides" concurrency)"
check_equal 'the log tells of everything that was archived and purged' t "$(query "SELECT
    sum(event_count) FILTER (WHERE deletion_authority = 'RETENTION_POLICY') = (SELECT sum(archived_count) FROM audit_archive_runs) AND
    sum(event_count) FILTER (WHERE deletion_authority = 'TEST') = (SELECT count(*) FROM purged) FROM audit_deletion_log" concurrency)"
query "SELECT create_past_audit_partitions(make_date(1970, 1, 1), make_date(2025, 1, 1)); SELECT archive_old_audit_events()" concurrency >/dev/null 2>&1
check_equal 'the next run archives what is left' 0 "$(query "SELECT due() FROM pg_sleep(3), archive_old_audit_events()" concurrency)"
check_conserved '... and then' concurrency
check_equal 'guards, policies and the run are as they should be' 'ok ok ok' "$(health concurrency guards) $(health concurrency policies | sed 's/warn/ok/') $(health concurrency archive_run)"
check_equal 'each month of both sides has its guards and its place' 0 "$(query "SELECT count(*) FROM (SELECT tableoid::regclass::text AS name, created_at FROM audit_events
    UNION ALL SELECT tableoid::regclass::text, created_at FROM audit_events_archive) AS stored WHERE name !~ 'default' AND right(name, 7) <> to_char(created_at AT TIME ZONE 'UTC', 'YYYY_MM')" concurrency)"
# The plain restore statement waits for a row that partition maintenance is moving, which waits for its lock: Postgres ends it.
check_equal 'nobody was told of a deadlock but the plain restore statement' 0 \
    "$(cat "$SCRATCH"/worker.* | awk '/^== / {operation = $2} /^ERROR:  40P01/ && operation != "restore_by_statement" {n++} END {print n + 0}')"
database_drop concurrency
