#!/usr/bin/env bash
# Proves what archiving costs those who write meanwhile: a month changes sides without a row being moved, in a moment that does not grow with
# it; moving row by row blocks nobody and takes no more memory for more rows; nor do past months' writers wait for long.
# shellcheck disable=SC2154 # the names that run gives to its figures
set -euo pipefail
. "$(dirname "$0")/../lib/report.sh"

rows=100000 few=10000
[ -z "${AUDIT_EXT_LONG:-}" ] || rows=1000000
many=$rows
[ -z "${AUDIT_EXT_LONG:-}" ] || many=5000000

database_with_trail concurrency
# Loaded past the triggers, with the ids that the times make: a UUIDv7 of milliseconds, then microseconds scaled to 12 bits.
query "CREATE FUNCTION load(p_month date, p_workspace bigint, p_rows bigint) RETURNS void LANGUAGE sql AS \$\$
    INSERT INTO audit_events (id, created_at, action_type, resource_type, resource_id, workspace_id, created_by_user_id, new_values)
    SELECT (lpad(to_hex(us / 1000), 12, '0') || '7' || lpad(to_hex(us % 1000 * 4096 / 1000), 3, '0') || '8000' || lpad(to_hex(n), 12, '0'))::uuid,
      timestamptz 'epoch' + us * interval '1 microsecond', 'PAST', 'thing', w(n % 7), w(p_workspace + n % 3), w(1 + n % 9), jsonb_build_object('n', n)
    FROM generate_series(1, p_rows) AS n, LATERAL (SELECT extract(epoch FROM p_month)::bigint * 1000000 + 86400000000 + n * (2300000000000 / p_rows) AS us) AS time
    ORDER BY us \$\$;
    INSERT INTO audit_retention_policies (workspace_id, hot_retention_days, warm_archive_days, archive_by)
    SELECT w(n), CASE WHEN n / 10 = 1 THEN 30 ELSE 90000 END, 90000, CASE n / 10 WHEN 3 THEN 'event' ELSE 'month' END FROM generate_series(10, 59) AS n;
    INSERT INTO audit_events (created_at, action_type, resource_type, workspace_id, created_by_user_id)
    SELECT month, 'FIRST', 'thing', w(n), w(1) FROM (VALUES (10, '2022-01-01Z'::timestamptz), (20, '2022-02-01Z'), (30, '2022-03-01Z'), (40, '2022-04-01Z'),
      (50, '2022-05-01Z'), (50, '2022-06-01Z'), (50, '2022-07-01Z')) AS months (n, month);
    SELECT create_past_audit_partitions(make_date(1970, 1, 1), make_date(2025, 1, 1))" concurrency >/dev/null 2>&1
query "SET session_replication_role = replica; SELECT load('2022-01-01', 10, $few), load('2022-02-01', 20, $rows), load('2022-03-01', 30, $many),
    load('2022-05-01', 50, $rows / 3), load('2022-06-01', 50, $rows / 3), load('2022-07-01', 50, $rows / 3)" concurrency >/dev/null
query 'VACUUM ANALYZE audit_events' concurrency
file() { query "SELECT oid, relfilenode FROM pg_class WHERE oid = '$1'::regclass" concurrency; }
due() { query "UPDATE audit_retention_policies SET hot_retention_days = CASE WHEN $1 THEN 30 ELSE 90000 END WHERE workspace_id < w(60)" concurrency; }

cat >"$SCRATCH/present.sql" <<'SQL'
SELECT insert_audit_event('NOW', 'thing', w(:client_id), w(100 + :client_id), w(1), NULL, '{"a": 1}');
SQL
# longest FROM TO: of the writers that were at work within these moments (microseconds), the longest a transaction took, in milliseconds.
longest() { cat "$SCRATCH/$3".[0-9]* | awk -v from="$1" -v to="$2" '{end = $5 * 1000000 + $6; if (end >= from && end - $3 <= to && $3 > max) max = $3} END {print int((max + 999) / 1000)}'; }
microseconds() { date +%s%6N; }
# run NAME: an archive run; its moments are in NAME_from and NAME_to, what it moved in NAME_moved.
run() {
    local from to moved
    from=$(microseconds)
    moved=$(query 'SELECT archived_count FROM archive_old_audit_events()' concurrency 2>"$SCRATCH/$1.said")
    to=$(microseconds)
    printf -v "$1_from" %s "$from"
    printf -v "$1_to" %s "$to"
    printf -v "$1_moved" %s "$moved"
    printf -v "$1_took" %s $(((to - from) / 1000 + 1))
}

"$PGBIN/pgbench" -n -c 8 -R 400 -T 600 -f "$SCRATCH/present.sql" -l --log-prefix="$SCRATCH/present" concurrency >"$SCRATCH/present.pgbench" 2>&1 &
writers=$!
trap 'kill "$writers" 2>/dev/null || true' EXIT
sleep 0.5
control_from=$(microseconds)
sleep 2
control_to=$(microseconds)
before_few=$(file audit_events_2022_01)
run few
due "workspace_id < w(30)"
before_many=$(file audit_events_2022_02)
run many
due "workspace_id NOT BETWEEN w(30) AND w(49)"
run several
# The same number row by row, and the memory of the backend meanwhile.
due "workspace_id NOT BETWEEN w(40) AND w(49)"
PGAPPNAME=mover query 'SELECT pg_sleep(0.3); SELECT archived_count FROM archive_old_audit_events()' concurrency >"$SCRATCH/mover" 2>&1 &
mover=$!
await concurrency "EXISTS (SELECT FROM pg_stat_activity WHERE application_name = 'mover')"
backend=$(query "SELECT pid FROM pg_stat_activity WHERE application_name = 'mover'")
rows_from=$(microseconds)
while kill -0 "$mover" 2>/dev/null; do
    private_memory "$backend" >>"$SCRATCH/memory"
    sleep 0.1
done
rows_to=$(microseconds)
wait "$mover"
rows_took=$(((rows_to - rows_from) / 1000))
kill "$writers" && wait "$writers" || true

echo "# milliseconds a whole run took: a month of $few $few_took, of $rows $many_took, three of a third $several_took, $many row by row $rows_took"
echo "# longest transaction of 8 writers, milliseconds: without a run $(longest "$control_from" "$control_to" present), month of $few $(longest "$few_from" "$few_to" present), month of $rows $(longest "$many_from" "$many_to" present), three of a third $(longest "$several_from" "$several_to" present), row by row $(longest "$rows_from" "$rows_to" present)"
check_equal 'whole months were archived' "$((few + 1)) $((rows + 1)) $((rows / 3 * 3 + 3))" "$few_moved $many_moved $several_moved"
check_equal 'no row of them was moved: the very files are on the other side' "$before_few $before_many" "$(file audit_events_archive_2022_01) $(file audit_events_archive_2022_02)"
check_equal '... the log counts them by workspace' "$((few + 1)) $((rows + 1))" "$(query "SELECT string_agg(sum::text, ' ' ORDER BY n) FROM (
    SELECT n, sum(event_count) FROM generate_series(1, 2) AS n JOIN audit_deletion_log ON workspace_id BETWEEN w(10 * n) AND w(10 * n + 9) GROUP BY n) AS logged" concurrency)"
check_equal 'row by row all were archived, too' "$((many + 1)) 0" "$(tail -n 1 "$SCRATCH/mover") $(query "SELECT count(*) FROM audit_events WHERE action_type = 'PAST'" concurrency)"
check_between "a month is faster than its rows: how many times" 3 100000 "$((rows_took * rows / many / many_took))"
check_between 'a run over a month, milliseconds' 0 8000 "$many_took"
# 100 ms is the lock timeout; the machine may be busy.
for name in few many several rows; do
    from=${name}_from to=${name}_to
    check_between "writers beside it ($name), milliseconds" 0 900 "$(longest "${!from}" "${!to}" present)"
done
quarter=$(($(wc -l <"$SCRATCH/memory") / 4 + 1))
check_between 'memory of the backend does not grow with the rows, kB more than in the first quarter' -100000 12000 $((
    $(sort -n "$SCRATCH/memory" | tail -n 1) - $(head -n "$quarter" "$SCRATCH/memory" | sort -n | tail -n 1)))

# Writers into the very month. It changes sides all the same, when it finds a moment; nobody waits longer than its lock timeout.
due true
query "SET session_replication_role = replica; SELECT load('2022-04-01', 40, $few)" concurrency >/dev/null
cat >"$SCRATCH/past.sql" <<'SQL'
\set n :n + 1
INSERT INTO audit_events (created_at, action_type, resource_type, workspace_id, created_by_user_id)
VALUES (timestamptz '2022-04-29Z' + :n * interval '1 second', 'LATE', 'thing', w(40 + :client_id), w(1));
SQL
bench 'recording into the month' concurrency -c 4 -R 40 -T 5 -D n=0 -f "$SCRATCH/past.sql" -l --log-prefix="$SCRATCH/past" &
past=$!
tries=0
while kill -0 "$past" 2>/dev/null; do
    query 'SELECT archived_count FROM archive_old_audit_events()' concurrency >>"$SCRATCH/late" 2>>"$SCRATCH/late.said"
    tries=$((tries + 1))
done
wait "$past"
check_between 'longest transaction of a writer into the month being archived, milliseconds' 0 1000 "$(longest 0 9999999999999999 past)"
echo "# $tries runs, of which $(grep -c 'in use' "$SCRATCH/late.said") left the month to the next one"
query 'SELECT archive_old_audit_events()' concurrency >/dev/null
check_equal 'every event of the month is in the archive' "$((few + 1 + $(bench_transactions 'recording into the month')))|0" "$(query "SELECT
    (SELECT count(*) FROM audit_events_archive WHERE created_at >= '2022-04-01Z' AND created_at < '2022-05-01Z'), (SELECT count(*) FROM audit_events WHERE created_at < '2022-06-01Z')" concurrency)"
check_equal 'no deadlock' 0 "$(query "SELECT deadlocks FROM pg_stat_database WHERE datname = 'concurrency'" concurrency)"
database_drop concurrency
