#!/usr/bin/env bash
# Proves that what a backend remembers never outlives the transaction, the installation or the name it belongs to: savepoints, two-phase
# commit, parallel workers, CREATE / DROP … CASCADE / CREATE in one session, a renamed schema, two databases with different schemas.
set -euo pipefail
. "$(dirname "$0")/../lib/report.sh"

# in_session DATABASE: runs standard input in one session and prints what it returns; errors as "ERROR:  SQLSTATE".
in_session() { PGOPTIONS='-c client_min_messages=error' "$PGBIN/psql" -X -q -A -t -v VERBOSITY=sqlstate -d "$1" 2>&1; }
record() { echo "SELECT insert_audit_event('$1', 'thing', NULL, w(${2:-1}), w(1)) IS NOT NULL;"; }
actions() { query "SELECT coalesce(string_agg(action_type, ',' ORDER BY created_at, id), '-') FROM audit_events WHERE workspace_id = w($1)" durability; }
policies() { query "SELECT count(*) FROM audit_retention_policies WHERE workspace_id = w($1)" durability; }

database_with_trail durability
old="INSERT INTO audit_events (created_at, action_type, resource_type, workspace_id, created_by_user_id) VALUES"

in_session durability >"$SCRATCH/savepoints" <<SQL
BEGIN; $(record KEPT 1)
SAVEPOINT a; $(record UNDONE 1) SAVEPOINT b; $(record UNDONE 1) RELEASE b; ROLLBACK TO a; $(record AFTER 1)
SAVEPOINT c; SELECT insert_audit_event('', 'thing', NULL, w(1), w(1)); ROLLBACK TO c; $(record LAST 1) COMMIT;
BEGIN; SAVEPOINT a; SAVEPOINT b; $(record UNDONE 2) ROLLBACK TO a; $(record FIRST 2) COMMIT;
DO \$\$ BEGIN
  BEGIN PERFORM insert_audit_event('UNDONE', 'thing', NULL, w(3), w(1)); RAISE division_by_zero; EXCEPTION WHEN division_by_zero THEN NULL; END;
  BEGIN PERFORM insert_audit_event('NESTED', 'thing', NULL, w(3), w(1)); EXCEPTION WHEN OTHERS THEN NULL; END;
END \$\$;
BEGIN; $old ('2020-05-05Z', 'UNDONE', 'thing', w(4), w(1)); ROLLBACK; $old ('2020-05-04Z', 'OLDER', 'thing', w(4), w(1));
SQL
check_equal 'savepoints: the one bad event of the session is the only error' 'ERROR:  23514' "$(grep ERROR "$SCRATCH/savepoints")"
check_equal 'savepoints: what was not undone stays, in order' KEPT,AFTER,LAST "$(actions 1)"
check_equal 'savepoints: a first event undone two levels deep is made again with its policy' 'FIRST 1' "$(actions 2) $(policies 2)"
check_equal 'exception blocks: the same' 'NESTED 1' "$(actions 3) $(policies 3)"
check_equal 'order rule: an event that was rolled back does not count' OLDER "$(actions 4)"

in_session durability >"$SCRATCH/prepared" <<SQL
BEGIN; $(record PREPARED 5) $(record PREPARED 6) PREPARE TRANSACTION 'kept'; $(record BESIDE 5)
BEGIN; SAVEPOINT a; $(record PREPARED 7) RELEASE a; PREPARE TRANSACTION 'undone'; $(record BESIDE 7)
COMMIT PREPARED 'kept'; ROLLBACK PREPARED 'undone'; $(record NEXT 5) $(record NEXT 6) $(record NEXT 7)
SQL
check_equal 'two-phase commit: no error' '' "$(grep ERROR "$SCRATCH/prepared" || true)"
check_equal 'two-phase commit: its events are there, in the order of their times' PREPARED,BESIDE,NEXT "$(actions 5)"
check_equal 'two-phase rollback: its events are not' BESIDE,NEXT "$(actions 7)"
check_equal 'two-phase: one policy row each' '1 1 1' "$(policies 5) $(policies 6) $(policies 7)"

# A key of a prepared transaction: a second attempt waits for what becomes of it.
keyed() { echo "SELECT insert_audit_event('$1', 'thing', NULL, w(9), w(1), p_idempotency_key => '$2');"; }
for ending in COMMIT ROLLBACK; do
    in_session durability <<<"BEGIN; $(keyed "BEFORE_$ending" "$ending") PREPARE TRANSACTION 'key';" >"$SCRATCH/prepared"
    in_background second durability "$(keyed "BEFORE_$ending" "$ending")"
    second=$!
    await durability "EXISTS (SELECT FROM pg_locks WHERE NOT granted AND locktype = 'transactionid')"
    query "$ending PREPARED 'key'" durability
    wait "$second"
    check_equal "a key of a prepared transaction, $ending: one event" 1 "$(query "SELECT count(*) FROM audit_events WHERE action_type = 'BEFORE_$ending'" durability)"
    check_equal "... and the second attempt gives it" "$(query "SELECT id FROM audit_events WHERE action_type = 'BEFORE_$ending'" durability)" "$(cat "$SCRATCH/second.log")"
done

query "CREATE TABLE numbers AS SELECT n FROM generate_series(1, 20000) AS n; ANALYZE numbers" durability
for parallel in 0 4; do
    force=$([ "$PGVERSION" -ge 16 ] && echo debug_parallel_query || echo force_parallel_mode)
    in_session durability <<SQL
SET $force = $([ $parallel = 0 ] && echo off || echo on); SET max_parallel_workers_per_gather = $parallel;
SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; SET min_parallel_table_scan_size = 0;
SELECT count(*), md5(string_agg(audit_resource_id('thing', n::text)::text, '' ORDER BY n)) FROM numbers;
SELECT count(*), md5(string_agg(trail::text, '' ORDER BY trail.id)) FROM numbers, LATERAL get_audit_trail(w(numbers.n), p_days_back => 36500) AS trail WHERE n <= 7;
SELECT count(*) FROM vw_security_audit; SELECT count(*) FROM audit_event_sequence; SELECT sum(default_partition_rows) FROM partition_schedule;
SELECT count(*), max(id::text) FROM audit_events; SELECT insert_audit_event('PARALLEL', 'thing', NULL, w(8), w(1)) IS NOT NULL;
SQL
done >"$SCRATCH/parallel"
# The recorded event of the first run is in the second's counts, so only the lines of the functions are compared.
check_equal 'parallel query: no error' '' "$(grep ERROR "$SCRATCH/parallel" || true)"
check_equal 'parallel query: functions return what they return without' "$(sed -n 1,2p "$SCRATCH/parallel")" "$(sed -n 8,9p "$SCRATCH/parallel")"

# One backend records, loses the extension, gets it again and records; another with everything remembered goes on meanwhile.
mkfifo "$SCRATCH/other.in"
in_session durability <"$SCRATCH/other.in" >"$SCRATCH/other" &
other=$!
exec 9>"$SCRATCH/other.in"
record BEFORE 20 >&9
await durability 'EXISTS (SELECT FROM audit_events WHERE workspace_id = w(20))'
in_session durability >"$SCRATCH/again" <<SQL
$(record BEFORE 21) DROP EXTENSION audit_ext CASCADE; $(record GONE 21)
$old ('2020-01-01Z', 'NO_FUNCTION', 'thing', w(21), w(1));
CREATE EXTENSION audit_ext; $(record AFTER 21)
UPDATE audit_events SET action_type = 'x' WHERE workspace_id = w(21); $old ('2020-01-01Z', 'BACKDATED', 'thing', w(21), w(1));
BEGIN; DROP EXTENSION audit_ext CASCADE; ROLLBACK; $(record ROLLED_BACK 21)
BEGIN; DROP EXTENSION audit_ext CASCADE; CREATE EXTENSION audit_ext; $(record IN_ONE 21) COMMIT; $(record LAST 21)
SELECT count(*) FROM get_audit_trail(w(21));
SQL
record BEHIND 20 >&9
exec 9>&-
wait "$other"
check_equal 'DROP … CASCADE, CREATE in one session: gone, then all as before' 't|ERROR:  42883|ERROR:  23502|t|ERROR:  23001|ERROR:  23514|t|t|t|5' \
    "$(paste -sd '|' "$SCRATCH/again")"
check_equal 'DROP … CASCADE, CREATE: every event is kept' BEFORE,AFTER,ROLLED_BACK,IN_ONE,LAST "$(actions 21)"
check_equal 'DROP … CASCADE, CREATE: a backend that remembered the old one goes on' 't|t' "$(paste -sd '|' "$SCRATCH/other")"

# The schema gets another name while a session is at work; another database has the trail elsewhere.
in_session durability >"$SCRATCH/renamed" <<SQL
$(record BEFORE 30) ALTER SCHEMA public RENAME TO trail; SET search_path = '';
SELECT trail.insert_audit_event('RENAMED', 'thing', NULL, trail.w(30), trail.w(1)) IS NOT NULL;
SELECT trail.insert_audit_event('NEW', 'thing', NULL, trail.w(31), trail.w(1)) IS NOT NULL;
SELECT count(*) FROM trail.get_audit_trail(trail.w(30)); SELECT count(*) > 0 FROM trail.create_monthly_audit_partition(12);
SELECT last_created_at IS NOT NULL FROM trail.audit_event_sequence WHERE workspace_id = trail.w(30);
UPDATE trail.audit_events SET action_type = 'x'; TRUNCATE trail.audit_events_default; ALTER SCHEMA trail RENAME TO public;
SELECT public.insert_audit_event('BACK', 'thing', NULL, public.w(30), public.w(1)) IS NOT NULL;
SQL
check_equal 'a schema renamed in a live session' 't|t|t|2|t|t|ERROR:  23001|ERROR:  23001|t' "$(paste -sd '|' "$SCRATCH/renamed")"
check_equal '... and every event is there' BEFORE,RENAMED,BACK "$(actions 30)"

database_fresh elsewhere
query 'CREATE SCHEMA "An Audit"; CREATE EXTENSION audit_ext SCHEMA "An Audit"' elsewhere
in_session durability >"$SCRATCH/two" <<SQL
$(record HERE 40)
\\c elsewhere
SELECT "An Audit".insert_audit_event('THERE', 'thing', NULL, gen_random_uuid(), gen_random_uuid()) IS NOT NULL; SELECT count(*) FROM "An Audit".audit_events;
\\c durability
$(record HERE 40) SELECT count(*) FROM audit_events WHERE action_type = 'THERE';
SQL
check_equal 'two databases with different schemas do not meet' 't|t|1|t|0' "$(paste -sd '|' "$SCRATCH/two")"
database_drop elsewhere
database_drop durability
