#!/usr/bin/env bash
# Proves that archive and restore keep to the transactions they are called in: the procedure commits batch by batch and keeps that when it is
# cancelled, savepoints and rollbacks undo all of it or nothing, any isolation level and search_path will do, and what somebody else (or an
# open cursor of the same session) keeps locked is left to the next run, which says so.
set -euo pipefail
. "$(dirname "$0")/../lib/archive.sh"

# in_session DATABASE: runs standard input in one session and prints what it returns; errors as "ERROR:  SQLSTATE".
in_session() { PGOPTIONS='-c client_min_messages=error' "$PGBIN/psql" -X -q -A -t -v VERBOSITY=sqlstate -d "$1" 2>&1; }
counts() { query "SELECT (SELECT count(*) FROM audit_events WHERE action_type = 'PAST'), (SELECT count(*) FROM audit_events_archive WHERE action_type = 'PAST')" durability; }
archive='SELECT archived_count FROM archive_old_audit_events();'
restore='SELECT restore_all();'

database_with_book durability
query "SELECT past(1, '2022-01-02Z', '5 minutes', 7997), past(2, '2022-02-02Z', '1 day', 3); SELECT create_past_audit_partitions(make_date(1970, 1, 1), make_date(2025, 1, 1))" durability >/dev/null 2>&1
# Here nobody shall come in between.
for month in audit_events_2022_0{1,2} audit_events_archive_2022_0{1,2}; do query "ALTER TABLE $month SET (autovacuum_enabled = off)" durability; done

# Savepoints, exception blocks and rollbacks. 8000 events, all of them due.
in_session durability >"$SCRATCH/savepoints" <<SQL
BEGIN; SAVEPOINT a; $archive ROLLBACK TO a; COMMIT; SELECT count(*) FROM audit_events_archive;
BEGIN; SAVEPOINT a; $archive SAVEPOINT b; $restore ROLLBACK TO b; RELEASE a; COMMIT; SELECT count(*) FROM audit_events_archive;
BEGIN; $restore ROLLBACK; SELECT count(*) FROM audit_events_archive;
BEGIN; SAVEPOINT a; $restore RELEASE a; SAVEPOINT b; $archive ROLLBACK TO b; COMMIT; SELECT count(*) FROM audit_events_archive;
DO \$\$ BEGIN
  BEGIN PERFORM archive_old_audit_events(); RAISE division_by_zero; EXCEPTION WHEN division_by_zero THEN NULL; END;
  BEGIN PERFORM archive_old_audit_events(), restore_all(); EXCEPTION WHEN OTHERS THEN RAISE; END;
END \$\$;
SELECT count(*) FROM audit_events_archive; $archive
BEGIN; $restore $archive $restore $archive COMMIT; SELECT count(*) FROM audit_events_archive;
BEGIN; $restore PREPARE TRANSACTION 'restored'; SELECT count(*) FROM audit_events_archive; COMMIT PREPARED 'restored'; SELECT count(*) FROM audit_events_archive; $archive
SQL
check_equal 'savepoints, exceptions, rollback, two-phase commit: each undoes all of it or nothing' \
    '8000|0|8000|8000|8000|8000|8000|8000|8000|0|0|8000|8000|8000|8000|8000|8000|8000|8000|0|8000' "$(paste -sd '|' "$SCRATCH/savepoints")"
check_conserved 'savepoints' durability

# Isolation levels; months are moved row by row where the snapshot is fixed.
for level in 'REPEATABLE READ' SERIALIZABLE; do
    query "$restore UPDATE audit_retention_policies SET archive_by = 'month'" durability >/dev/null
    check_equal "$level: archive, restore and archive" '8000|8000|8000' "$(in_session durability <<SQL | paste -sd '|'
BEGIN ISOLATION LEVEL $level; $archive $restore $archive COMMIT;
SQL
)"
    query "$restore" durability >/dev/null
    PGOPTIONS="-c default_transaction_isolation=${level/ /\\ }" "$PGBIN/psql" -XqAt -d durability -c 'CALL archive_audit_events()' >"$SCRATCH/level" 2>&1
    check_equal "$level: the procedure" '|0|8000' "$(cat "$SCRATCH/level")|$(counts)"
done
check_conserved 'isolation levels' durability
query "UPDATE audit_retention_policies SET archive_by = 'event'" durability

# Look-alikes first on the path, of everything the statements of a run may call by name.
query "$restore CREATE SCHEMA evil; CREATE TABLE evil.called (what text);
    CREATE FUNCTION evil.note(text) RETURNS void LANGUAGE sql AS 'INSERT INTO evil.called VALUES (\$1)';
    CREATE FUNCTION evil.same(uuid, uuid) RETURNS boolean LANGUAGE plpgsql AS 'BEGIN PERFORM evil.note(''=''); RETURN true; END';
    CREATE OPERATOR evil.= (LEFTARG = uuid, RIGHTARG = uuid, FUNCTION = evil.same);
    CREATE OPERATOR evil.> (LEFTARG = uuid, RIGHTARG = uuid, FUNCTION = evil.same);
    CREATE OPERATOR evil.<> (LEFTARG = uuid, RIGHTARG = uuid, FUNCTION = evil.same);
    CREATE FUNCTION evil.before(timestamptz, timestamptz) RETURNS boolean LANGUAGE plpgsql AS 'BEGIN PERFORM evil.note(''<''); RETURN true; END';
    CREATE OPERATOR evil.< (LEFTARG = timestamptz, RIGHTARG = timestamptz, FUNCTION = evil.before);
    CREATE OPERATOR evil.<= (LEFTARG = timestamptz, RIGHTARG = timestamptz, FUNCTION = evil.before);
    CREATE OPERATOR evil.>= (LEFTARG = timestamptz, RIGHTARG = timestamptz, FUNCTION = evil.before);
    CREATE FUNCTION evil.now() RETURNS timestamptz LANGUAGE plpgsql AS 'BEGIN PERFORM evil.note(''now''); RETURN ''infinity''; END';
    CREATE FUNCTION evil.clock_timestamp() RETURNS timestamptz LANGUAGE plpgsql AS 'BEGIN PERFORM evil.note(''clock''); RETURN ''infinity''; END';
    CREATE FUNCTION evil.setval(regclass, bigint) RETURNS bigint LANGUAGE plpgsql AS 'BEGIN PERFORM evil.note(''setval''); RETURN 1; END';
    CREATE FUNCTION evil.gen_random_uuid() RETURNS uuid LANGUAGE plpgsql AS 'BEGIN PERFORM evil.note(''uuid''); RETURN NULL; END';
    CREATE AGGREGATE evil.count(*) (SFUNC = int8inc, STYPE = bigint, INITCOND = '1000');
    CREATE TABLE evil.audit_events (LIKE audit_events); CREATE TABLE evil.audit_events_archive (LIKE audit_events); CREATE TABLE evil.audit_retention_policies (LIKE audit_retention_policies);
    CREATE TABLE evil.audit_deletion_log (LIKE audit_deletion_log); CREATE TABLE evil.audit_archive_runs (LIKE audit_archive_runs)" durability >/dev/null
for kind in event month; do
    query "$restore UPDATE audit_retention_policies SET archive_by = '$kind'" durability >/dev/null
    PGOPTIONS='-c search_path=evil,pg_catalog,public' "$PGBIN/psql" -XqAt -d durability -c 'CALL public.archive_audit_events()' >"$SCRATCH/hostile" 2>&1
    check_equal "a hostile search_path changes nothing (by $kind)" '|0|8000|0|0' "$(cat "$SCRATCH/hostile")|$(counts)|$(query 'SELECT (SELECT count(*) FROM evil.called),
        (SELECT count(*) FROM evil.audit_events_archive) + (SELECT count(*) FROM evil.audit_deletion_log) + (SELECT count(*) FROM evil.audit_archive_runs)' durability)"
done
check_conserved 'a hostile search_path' durability
query 'DROP SCHEMA evil CASCADE' durability 2>/dev/null

# Locks of others. What is locked stays hot, the rest of the run is done, and the next run takes what was left.
left() { query "SELECT detail FROM audit_archive_runs ORDER BY started_at DESC LIMIT 1" durability; }
while read -r kind seconds months what; do
    query "$restore UPDATE audit_retention_policies SET archive_by = '$kind'" durability >/dev/null
    in_background holder durability "BEGIN; $what; SELECT pg_sleep($seconds); COMMIT"
    holder=$!
    await durability "$(asleep holder)"
    began=$(milliseconds)
    "$PGBIN/psql" -XqAt -d durability -c 'SELECT archived_count FROM archive_old_audit_events()' >"$SCRATCH/run" 2>&1
    took=$(($(milliseconds) - began))
    check_equal "by $kind, beside \"$what\": $months is left" "NOTICE:  public.audit_events_$months is in use and stays hot until the next run 3 public.audit_events_$months is in use and stays hot until the next run warn" \
        "$(paste -sd ' ' "$SCRATCH/run") $(left) $(health durability archive_run)"
    # For whole months, the locks on the tables are waited for with some patience.
    [ "$kind" = month ] || [ "$took" -lt 3500 ] || check_between '... at once: milliseconds' 0 3500 "$took"
    wait "$holder"
    query "$archive" durability >/dev/null
    check_equal '... and the next run takes it' "0|8000 ok" "$(counts) $(health durability archive_run)"
done <<'CASES'
event 4 2022_01 LOCK TABLE audit_events_2022_01 IN ACCESS EXCLUSIVE MODE
event 4 2022_01 LOCK TABLE audit_events_2022_01 IN SHARE MODE
event 4 2022_01 LOCK TABLE audit_events_archive_2022_01 IN ACCESS EXCLUSIVE MODE
event 4 2022_01 SELECT count(*) FROM (SELECT FROM audit_events_2022_01 LIMIT 3 FOR KEY SHARE) AS locked
month 12 2022_01 LOCK TABLE audit_events_2022_01 IN SHARE UPDATE EXCLUSIVE MODE
month 4 2022_01 INSERT INTO audit_events (created_at, action_type, resource_type, workspace_id, created_by_user_id) VALUES ('2022-01-30Z', 'UNTOLD', 'thing', w(9), w(1)) RETURNING 1
CASES
check_conserved 'locks of others' durability

# However many months others are at work on, the run waits for all of them together.
query "$restore UPDATE audit_retention_policies SET archive_by = 'month'" durability >/dev/null
in_background holder durability 'BEGIN; LOCK TABLE audit_events_2022_01, audit_events_2022_02 IN SHARE UPDATE EXCLUSIVE MODE; SELECT pg_sleep(60)'
holder=$!
await durability "$(asleep holder)"
began=$(milliseconds)
in_background run durability "$archive"
run=$!
await durability "(SELECT wait_event_type = 'Lock' FROM pg_stat_activity WHERE application_name = 'run')"
check_equal 'an erasure beside a run that waits for both months is done' none "$(error_of durability "SELECT delete_user_audit_events_compliant(w(77), w(1), 'GDPR', 'T-1')")"
wait "$run"
check_between '... and the run ends soon, milliseconds' 4000 8500 $(($(milliseconds) - began))
check_equal '... with both months left' 'audit_events_2022_01 audit_events_2022_02' "$(left | grep -o 'audit_events_2022_0[12]' | sort -u | paste -sd ' ')"
query "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'holder'" durability >/dev/null
wait "$holder" || true
query "$archive" durability >/dev/null
check_equal '... and the next run takes them' '0|8000' "$(counts)"

# Many events that are kept hot cost a run no more than others: they are looked up by their key, whatever old statistics say.
query 'VACUUM ANALYZE audit_restored_events' durability
query "SELECT restore_audit_events(ARRAY(SELECT id FROM audit_events_archive), '1 day')" durability >/dev/null
began=$(milliseconds)
check_equal 'restored events stay hot' 0 "$(query "$archive" durability)"
check_between '... and 8000 of them are passed over in no time, milliseconds' 0 3500 $(($(milliseconds) - began))
query 'CALL keep_none_hot()' durability

# A cursor of the same session: no lock stands in the way, but the months cannot change sides under it.
query "$restore UPDATE audit_retention_policies SET archive_by = 'month'" durability >/dev/null
check_equal 'an open cursor of the session: the months are left, the cursor goes on' '1|0|1' "$(in_session durability <<SQL | paste -sd '|'
BEGIN; DECLARE events CURSOR FOR SELECT 1 FROM audit_events WHERE action_type = 'PAST'; FETCH events; $archive FETCH events; COMMIT;
SQL
)"
check_equal '... also in a loop over the events' '' "$(in_session durability <<SQL
DO \$\$ DECLARE event record; BEGIN FOR event IN SELECT * FROM audit_events LIMIT 3 LOOP PERFORM archive_old_audit_events(); END LOOP; END \$\$;
SQL
)"
query "$archive" durability >/dev/null
check_equal '... and the next run takes them' '0|8000' "$(counts)"

# A period beyond reckoning is for ever.
query "$restore UPDATE audit_retention_policies SET hot_retention_days = 999999999, warm_archive_days = 999999999, archive_by = 'event'" durability >/dev/null
check_equal 'hot_retention_days = 999999999 keeps everything hot' 0 "$(query "$archive" durability)"
check_equal 'warm_archive_days = 999999999 keeps everything' 0 "$(query "SELECT purge(1)" durability)"
check_conserved 'for ever' durability
database_drop durability

# The procedure, with more than a batch to do: another session sees it get on; cancelled, it keeps what it has committed.
database_with_book durability
query "SET session_replication_role = replica; INSERT INTO audit_retention_policies (workspace_id) VALUES (w(1));
    INSERT INTO audit_events (id, created_at, action_type, resource_type, workspace_id, created_by_user_id)
    SELECT (lpad(to_hex(ms), 12, '0') || '70008000' || lpad(to_hex(n), 12, '0'))::uuid, timestamptz 'epoch' + ms * interval '1 millisecond', 'PAST', 'thing', w(1), w(2)
    FROM generate_series(1, 300000) AS n, LATERAL (SELECT 1640995200000 + n * 20000::bigint AS ms) AS time;
    INSERT INTO told SELECT id, workspace_id, created_at, '{}', md5(event::text) FROM audit_events AS event WHERE action_type = 'PAST'" durability
in_background caller durability 'CALL archive_audit_events()'
caller=$!
await durability "(SELECT count(*) >= 50000 FROM audit_events_archive)"
IFS='|' read -r hot archived <<<"$(counts)"
check_equal 'the procedure has committed a batch while it goes on' '300000 in the middle' "$((hot + archived)) $([ "$archived" -ge 50000 ] && [ "$archived" -lt 300000 ] && echo 'in the middle')"
query "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE application_name = 'caller'" durability >/dev/null
wait "$caller" || true
check_equal 'cancelled, it ends' 'ERROR:  canceling statement due to user request' "$(grep -h ERROR "$SCRATCH/caller.log")"
committed=$(query "SELECT sum(archived_count) FROM audit_archive_runs" durability)
check_equal '... and keeps what was committed' "$((300000 - committed))|$committed fail" "$(counts) $(health durability archive_run)"
check_conserved '... and' durability
query 'CALL archive_audit_events()' durability
check_equal 'the next call does the rest, each batch a run with its entry in the log' '0|300000 ok 300000' "$(counts) $(health durability archive_run) $(
    query "SELECT sum(event_count) FROM audit_deletion_log JOIN audit_archive_runs ON archived_count = event_count AND deleted_at BETWEEN started_at AND finished_at" durability)"
check_conserved '... and then' durability
check_equal 'in a transaction block it is refused' 2D000 "$(error_of durability 'BEGIN; CALL archive_audit_events()')"
check_equal '... and in a function' 2D000 "$(error_of durability 'DO $$ BEGIN PERFORM 1; BEGIN CALL archive_audit_events(); EXCEPTION WHEN division_by_zero THEN NULL; END; END $$')"
database_drop durability
