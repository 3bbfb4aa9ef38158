#!/usr/bin/env bash
# Proves that nobody with an access level keeps others from recording: a session takes every lock that its level lets it take, and leaves
# a transaction open in which it has called every function that it may call; meanwhile fresh sessions record on every path, each within a bound.
set -euo pipefail
. "$(dirname "$0")/../lib/report.sh"

golden=$(cd "$(dirname "$0")/../golden" && pwd)
database_with_trail locks
query 'CREATE SCHEMA app; CREATE TABLE app.members (workspace_id uuid, user_id uuid); CREATE TABLE app.things (id uuid PRIMARY KEY, workspace_id uuid);
  CREATE SEQUENCE app.n START 1000; GRANT USAGE ON SCHEMA app TO PUBLIC; GRANT ALL ON ALL TABLES IN SCHEMA app TO PUBLIC; GRANT ALL ON SEQUENCE app.n TO PUBLIC' locks
levels='writer reader operator compliance'
for level in $levels streamer; do
    query "CREATE ROLE l_$level" locks
    query "SELECT audit_grant('l_$level', '$level')" locks >/dev/null
done
query "CREATE TABLE app.own (id uuid PRIMARY KEY); ALTER TABLE app.own OWNER TO l_operator; SELECT audit_track_table('app.things')" locks >/dev/null
insert='INSERT INTO audit_events (created_at, action_type, resource_type, workspace_id, created_by_user_id, new_values)'

# A past month in which all is archived and can be purged, one that can change sides, and an event that waits for its month.
query "INSERT INTO audit_retention_policies (workspace_id, hot_retention_days, warm_archive_days, archive_by) VALUES (w(1), 10, 20, 'event'), (w(2), 10, 20, 'month')" locks
query "$insert SELECT now() - interval '65 days' + n * interval '1 minute', 'OLD', 'thing', w(1), w(n), '{\"a\": 1}' FROM generate_series(1, 4) AS n" locks
query 'SELECT create_monthly_audit_partition(), archive_old_audit_events()' locks >/dev/null
query "$insert SELECT now() - interval '125 days', 'OLD', 'thing', w(2), w(1), NULL" locks
query 'SELECT create_monthly_audit_partition()' locks >/dev/null
query "$insert SELECT now() - interval '185 days', 'STRAY', 'thing', w(3), w(1), NULL" locks
query 'INSERT INTO app.members VALUES (w(5), w(1))' locks
query "SELECT audit_set_membership_source('app.members', 'workspace_id', 'user_id')" locks >/dev/null
query "SELECT delete_user_audit_events_compliant(w(4), w(1), 'TEST', 'T-0')" locks >/dev/null
log=$(query "SELECT id FROM audit_deletion_log WHERE is_irrevocable" locks)
hold=$(query "SELECT place_audit_hold(w(9), 'case')" locks)
query 'SELECT audit_seal()' locks >/dev/null
sealed=$(query 'SELECT id FROM audit_events WHERE workspace_id = w(3)' locks)
request() { query "SET SESSION AUTHORIZATION $1" locks; query "SELECT request_audit_deletion(w(3), w(1), 'TEST')" locks; }
requests=("$(request postgres)" "$(request postgres)")

# Objects of cold storage in every state: of workspace 6 a month whose events are in a file and one of them on loan, one whose file is known, two that are begun, one to be removed and
# one that is not begun; of workspace 7 two whose files have events of an erased person, and a successor for one of them.
{
    echo "\\set ON_ERROR_STOP 1"
    cat "$golden/prelude.sql" "$golden/cold_files.sql"
    cat <<'SQL'
INSERT INTO audit_retention_policies (workspace_id, hot_retention_days, warm_archive_days, cold_retention_days) VALUES (w(6), 30, 60, 36500), (w(7), 30, 60, 36500);
INSERT INTO app.members SELECT w(workspace), w(person) FROM generate_series(6, 7) AS workspace, generate_series(71, 72) AS person;
SELECT create_past_audit_partitions('2020-01-01', '2020-06-30');
INSERT INTO audit_events (created_at, action_type, resource_type, workspace_id, created_by_user_id, new_values)
SELECT timestamptz '2020-01-05Z' + n * interval '2 days', 'OLD', 'thing', w(workspace), w(71 + n % 2), '{"a": 1}' FROM generate_series(1, 80) AS n, generate_series(6, 7) AS workspace;
SELECT archive_old_audit_events();
SELECT audit_seal();
SELECT test.export(w(6), '2020-01-01') AS lent \gset
SELECT release_audit_cold_object(:'lent', 'TEST', 'T-1');
SELECT restore_audit_cold_events(object_id, chunk, bytes, (SELECT array_agg(first_id) FROM audit_cold_objects WHERE object_id = :'lent')) FROM test.chunks;
SELECT test.export(w(6), '2020-02-01');
SELECT begin_audit_cold_object(w(6), '2020-03-01', 'file:///cold');
SELECT begin_audit_cold_object(w(6), '2020-04-01', 'file:///cold');
INSERT INTO test.chunks SELECT object_id, cut.* FROM audit_cold_objects AS object, test.cut(object.workspace_id, object.month) AS cut WHERE state = 'open' AND month = '2020-03-01';
SELECT discard_audit_cold_object(test.export(w(6), '2020-05-01'), 'test');
SELECT test.export(w(7), '2020-01-01') AS replaced \gset
SELECT test.export(w(7), '2020-02-01') AS erased \gset
SELECT release_audit_cold_object(:'replaced', 'TEST', 'T-1'), release_audit_cold_object(:'erased', 'TEST', 'T-1');
SELECT delete_user_audit_events_compliant(w(71), w(7), 'TEST', 'T-1');
SELECT test.erase(:'replaced');
SQL
} | "$PGBIN/psql" -X -q -A -t -d locks >"$SCRATCH/cold" 2>&1 || not_ok 'months went cold' "$(tail -n 5 "$SCRATCH/cold")"
object() { query "SELECT object_id FROM audit_cold_objects WHERE workspace_id = w($1) AND month = '$2' AND replaces IS NULL" locks; }
successor=$(query 'SELECT object_id FROM audit_cold_objects WHERE replaces IS NOT NULL' locks)
lent=$(object 6 2020-01-01) stored=$(object 6 2020-02-01) begun=$(object 6 2020-03-01) useless=$(object 6 2020-04-01) condemned=$(object 6 2020-05-01) replaced=$(object 7 2020-01-01) erased=$(object 7 2020-02-01)
chunk_of() { query "SELECT bytes FROM test.chunks WHERE object_id = '$1'" locks; }
manifest_of_begun=$(query "SELECT test.manifest('$begun', (keys)[1], keys[cardinality(keys)]) FROM (SELECT array_agg(test.key(id, created_at) ORDER BY created_at, id) AS keys FROM audit_events_archive
  WHERE workspace_id = w(6) AND created_at >= '2020-03-01Z' AND created_at < '2020-04-01Z') AS march" locks)
manifest_of_successor=$(query "SELECT test.successor('$successor')" locks)

# records SECONDS: a fresh session records into a new workspace on every path, each statement within so many seconds; prints what failed.
records() {
    "$PGBIN/psql" -X -q -A -t -d locks 2>&1 <<SQL | grep -E 'ERROR|FATAL' || true
SET statement_timeout = '$1s';
SELECT nextval('app.n') AS n \gset
INSERT INTO app.members VALUES (w(:n), w(1));
SET ROLE l_writer;
SELECT insert_audit_event('A', 'thing', NULL, w(:n), w(1)) \g /dev/null
SELECT insert_audit_events(jsonb_build_array(jsonb_build_object('action_type', 'B', 'resource_type', 'thing', 'workspace_id', w(:n), 'created_by_user_id', w(1)))) \g /dev/null
INSERT INTO audit_events (action_type, resource_type, workspace_id, created_by_user_id) VALUES ('C', 'thing', w(:n), w(1));
RESET ROLE;
SELECT nextval('app.n') AS n \gset
INSERT INTO app.members VALUES (w(:n), w(1));
SET ROLE l_writer;
$insert VALUES ('1999-05-05Z', 'WITHOUT A MONTH', 'thing', w(:n), w(1), NULL);
$insert VALUES (now() - interval '185 days', 'STRAY', 'thing', w(:n), w(1), NULL);
$insert VALUES (now() - interval '125 days', 'PAST', 'thing', w(:n), w(1), NULL);
$insert VALUES (now(), 'NOW', 'thing', w(:n), w(1), NULL);
INSERT INTO app.things VALUES (gen_random_uuid(), w(:n));
SQL
}

# holding NAME SQL: a session that does this and then leaves its transaction open, idle; ended by release.
holding() {
    mkfifo "$SCRATCH/$1.in"
    PGAPPNAME=$1 "$PGBIN/psql" -X -q -A -t -d locks <"$SCRATCH/$1.in" >"$SCRATCH/$1.log" 2>&1 &
    holder=$!
    exec 9>"$SCRATCH/$1.in"
    printf '%s\n' "$2" >&9
    await locks "EXISTS (SELECT FROM pg_stat_activity WHERE application_name = '$1' AND state = 'idle in transaction' AND query ~ 'this is all')"
}
release() {
    exec 9>&-
    wait "$holder" || true
}

# Every lock in every mode that LOCK TABLE gives to a role, as the statements that take them.
query "CREATE FUNCTION app.locks() RETURNS SETOF text LANGUAGE plpgsql AS \$\$
DECLARE statement text;
BEGIN
  FOR statement IN SELECT format('LOCK TABLE %s IN %s MODE', c.oid::regclass, mode) FROM pg_class AS c, unnest(ARRAY['ACCESS SHARE', 'ROW SHARE',
      'ROW EXCLUSIVE', 'SHARE UPDATE EXCLUSIVE', 'SHARE', 'SHARE ROW EXCLUSIVE', 'EXCLUSIVE', 'ACCESS EXCLUSIVE']) AS mode
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v') ORDER BY c.oid, mode LOOP
    BEGIN EXECUTE statement; RETURN NEXT statement; EXCEPTION WHEN insufficient_privilege OR wrong_object_type THEN NULL; END;
  END LOOP;
END \$\$; GRANT EXECUTE ON FUNCTION app.locks() TO PUBLIC" locks
for level in $levels; do
    holding "locks_$level" "BEGIN; SET ROLE l_$level; SELECT app.locks(); SELECT 'this is all';"
    taken=$(grep -c 'LOCK TABLE' "$SCRATCH/locks_$level.log" || true)
    check_equal "beside all $taken locks that a $level may take, a fresh session records" '' "$(records 3)"
    release
done
check_equal '... and a lock of the strongest kind was among them' 1 "$(cat "$SCRATCH"/locks_*.log | grep -c 'audit_retention_policies IN ACCESS EXCLUSIVE MODE' || true)"

search='SELECT count(*) FROM get_audit_trail_here(w(1)); SELECT count(*) FROM search_audit_events(w(1)); SELECT * FROM count_audit_events(w(1)); SELECT count(*) FROM export_audit_events(w(1));'
# What whoever reads can have proven, and what shows more than one workspace.
proofs="SELECT audit_checkpoint(), audit_consistency_proof(1), audit_event_proof('$sealed'), audit_await_seal('$sealed', '0');
  SELECT count(*) FROM audit_export_log(w(3));"
whole_log='SELECT count(*) FROM audit_log_files(); SELECT count(*) FROM audit_verify();'
erasing="SELECT erase_audit_cold_chunk('$erased', 0, '$(chunk_of "$erased")'); SELECT replace_audit_cold_object('$replaced', '$manifest_of_successor');
  SELECT count(*) FROM audit_cold_due(); SELECT count(*) FROM audit_cold_coverage(w(6));"
# What each level calls; a function of the level that is not called here is told below. An erasure in all workspaces gives up files that are being written, so it comes last.
declare -A calls=(
    [writer]="SELECT audit_event_id(), audit_event_time(), audit_resource_id('a', 'b'), audit_await_seal('$sealed', '0');
      SELECT insert_audit_event('A', 'thing', NULL, w(5), w(1));
      SELECT insert_audit_events('[{\"action_type\": \"A\", \"resource_type\": \"thing\", \"workspace_id\": \"00000000-0000-4000-8000-000000000005\", \"created_by_user_id\": \"00000000-0000-4000-8000-000000000001\"}]');"
    [reader]="SELECT count(*) FROM get_audit_trail(w(1)); $search
      SELECT audit_may_read(w(1)), audit_resource_id('a', 'b'); SELECT count(*) FROM audit_cold_coverage(w(6));
      $proofs"
    [operator]="SELECT create_monthly_audit_partition(); SELECT archive_old_audit_events();
      SELECT restore_audit_events(ARRAY(SELECT id FROM audit_events_archive WHERE workspace_id = w(1)));
      SELECT count(*) FROM get_audit_trail(w(1)); $search SELECT count(*) FROM explain_audit_search(w(1)); SELECT audit_may_read(w(1)), audit_newest_event(w(1)), audit_resource_id('a', 'b');
      SELECT count(*) FROM audit_health(); SELECT count(*) FROM explain_audit_retention(w(1));
      SELECT audit_track_table('app.own', NULL); SELECT audit_untrack_table('app.own'); SELECT count(*) FROM audit_metrics();
      SELECT begin_audit_cold_object(w(6), '2020-06-01', 'file:///cold'); SELECT store_audit_cold_object('$begun', '$manifest_of_begun'); SELECT report_audit_cold_check('$stored', 'ok');
      SELECT discard_audit_cold_object('$useless', 'test'); SELECT confirm_audit_cold_removed('$condemned'); SELECT restore_audit_cold_events('$lent', 0, '$(chunk_of "$lent")'); $erasing
      SELECT create_audit_stream('locks', 'l_streamer'), resume_audit_stream('locks', '-infinity'), drop_audit_stream('locks');
      SELECT audit_seal(); $proofs $whole_log
      SELECT audit_add_signatures(audit_checkpoint() || E'\n\u2014 witness AAAAAAAA\n'), audit_add_timestamp(NULL, '\x3000');"
    [compliance]="UPDATE audit_retention_policies SET cooling_off_days = 1; UPDATE audit_retention_policies SET cooling_off_days = 0;
      INSERT INTO audit_retention_policies (workspace_id) SELECT w(n) FROM generate_series(2000, 3000) AS n;
      SELECT count(*) FROM get_audit_trail(w(1)); $search SELECT count(*) FROM explain_audit_search(w(1)); SELECT audit_may_read(w(1)), audit_newest_event(w(1)), audit_resource_id('a', 'b');
      SELECT place_audit_hold(w(8), 'case'); SELECT release_audit_hold('$hold', 'over'); SELECT request_audit_deletion(w(1), w(1), 'TEST'); SELECT request_audit_purge(w(1), 'TEST');
      SELECT reject_audit_deletion('${requests[1]}', 'no'); SELECT delete_user_audit_events_compliant(w(1), w(1), 'TEST', 'T-1');
      SELECT purge_expired_audit_events(w(1), 'TEST', 'T-2'); SELECT audit_deletion_certificate('$log'); SELECT audit_scrub('$log');
      SELECT release_audit_cold_object('$stored', 'TEST', 'T-3'); SELECT return_audit_cold_loans(w(6), 'TEST', 'T-4', '0'); SELECT request_audit_cold_release(w(6), 'TEST'); $erasing
      SELECT count(*) FROM explain_audit_retention(w(1)); $proofs $whole_log
      SELECT count(*) FROM export_person_audit_events(w(1), 'TEST', 'T-7'); SELECT count(*) FROM export_audit_deletions(); SELECT count(*) FROM reapply_audit_deletions((SELECT jsonb_agg(line::jsonb) FROM export_audit_deletions() AS line), 'TEST', 'T-6');
      SELECT request_audit_person_deletion(w(1), 'TEST'); SELECT request_audit_offboarding(w(1), 'TEST'); SELECT delete_person_audit_events(w(1), 'TEST', 'T-5', p_skip_held := true);"
)
# They commit, do nothing without pg_cron, need somebody else's request, or nodes of a Citus cluster.
elsewhere="'archive_audit_events', 'audit_keep_sealing', 'audit_schedule_jobs', 'approve_audit_deletion', 'execute_audit_deletion', 'audit_cluster_catch_up', 'audit_cluster_health', 'audit_cluster_retire'"
for level in $levels; do
    holding "calls_$level" "BEGIN; SET ROLE l_$level; ${calls[$level]} SELECT 'this is all';"
    check_equal "all that a $level calls is done" '' "$(grep -E 'ERROR|FATAL' "$SCRATCH/calls_$level.log" || true)"
    check_equal '... and that is every function it may call' '' "$(query "SELECT string_agg(proname, ' ') FROM pg_proc WHERE pronamespace = 'public'::regnamespace
      AND proname <> 'w' AND proname NOT LIKE 'audit_ticket%' AND has_function_privilege('l_$level', oid, 'EXECUTE') AND prorettype NOT IN ('trigger'::regtype, 'event_trigger'::regtype)
      AND proname NOT IN ($elsewhere) AND strpos(\$calls\$${calls[$level]}\$calls\$, proname || '(') = 0" locks)"
    check_equal '... and beside its open transaction a fresh session records' '' "$(records 15)"
    release
done

# What needs somebody else's request, in an open transaction too.
holding approval "BEGIN; SET SESSION AUTHORIZATION l_compliance; SELECT approve_audit_deletion('${requests[0]}', 'T-3'); SELECT 'this is all';"
check_equal 'beside an approval that is carried out a fresh session records' '|' "$(grep -E 'ERROR' "$SCRATCH/approval.log" || true)|$(records 3)"
release
check_equal 'the owner may take longer' t "$(query 'BEGIN; SELECT create_monthly_audit_partition(9); SELECT pg_sleep(11); COMMIT; SELECT true' locks | tail -n 1)"
check_equal 'nobody else leaves such a transaction prepared' 0A000 "$(error_of locks "BEGIN; SET ROLE l_operator; SELECT create_monthly_audit_partition(10); SAVEPOINT s; RELEASE s; PREPARE TRANSACTION 'left'")"
check_equal '... and what was undone to a savepoint counts no more' t "$(query 'BEGIN; SET ROLE l_operator; SAVEPOINT s; SELECT create_monthly_audit_partition(10); ROLLBACK TO s; SELECT pg_sleep(11); COMMIT; SELECT true' locks | tail -n 1)"
"$PGBIN/psql" -XqAt -d locks >"$SCRATCH/longer.log" 2>&1 <<'SQL' || true
BEGIN;
SET ROLE l_operator;
SELECT create_monthly_audit_partition(11);
SAVEPOINT s;
SELECT 1 / 0;
ROLLBACK TO s;
SELECT pg_sleep(6);
SELECT create_monthly_audit_partition(12);
SELECT pg_sleep(6);
SELECT 'still here';
SQL
check_equal 'neither an error nor one more month gives a session more time' '1|0' "$(grep -c 'division by zero' "$SCRATCH/longer.log")|$(grep -c 'still here' "$SCRATCH/longer.log" || true)"
query 'DROP FUNCTION app.locks()' locks
database_drop locks
