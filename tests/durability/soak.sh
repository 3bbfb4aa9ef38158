#!/usr/bin/env bash
# Proves that sessions may live long: under a mixed load of recording, reading, capture, failing calls and maintenance no backend, catalog or lock
# table grows, nothing leaks, and at the end just what was acknowledged is there. AUDIT_EXT_LONG=1 takes 30
# minutes, SOAK_SECONDS as long as it says.
#
# After a fifth of the time, which is for warming up, and shortly before its end the clients are stopped (SIGSTOP), so that their sessions are at rest.
set -euo pipefail
. "$(dirname "$0")/../lib/cluster.sh"
. "$(dirname "$0")/../lib/report.sh"

cluster=$(cluster_dir) seconds=60
[ -z "${AUDIT_EXT_LONG:-}" ] || seconds=1800
# Memory contexts more than after warm-up; where a short warm-up meets a busy machine, some objects are met later.
contexts=150
[ -z "${AUDIT_EXT_LONG:-}" ] || contexts=60
seconds=${SOAK_SECONDS:-$seconds}
# Kilobytes that a backend's private memory may grow by once it is warm, and what its memory contexts use. An application takes 800 for temporary tables; what
# operators freed is not given back at once.
declare -A growth=([recorders]=2048 [importers]=2048 [console]=2048 [applications]=4096 [operators]=10240)
used=2048
# What is freed goes back to the system, so that what stays is in use.
export MALLOC_TRIM_THRESHOLD_=131072 MALLOC_MMAP_THRESHOLD_=131072

cluster_start "$PGVERSION" "$cluster" "log_line_prefix = '%a %e '" 'temp_buffers = 100'
database_with_trail soak
query "CREATE ROLE soak_writer; CREATE ROLE soak_reader; SELECT audit_grant('soak_writer', 'writer'), audit_grant('soak_reader', 'reader');
    CREATE SCHEMA elsewhere; CREATE FUNCTION elsewhere.w(bigint) RETURNS uuid LANGUAGE sql AS 'SELECT NULL::uuid';
    CREATE TABLE thing (id bigint PRIMARY KEY, workspace_id uuid, name text, data jsonb);
    CREATE TABLE branch (id bigint, side int, workspace_id uuid, PRIMARY KEY (id, side)) PARTITION BY LIST (side);
    CREATE TABLE branch_1 PARTITION OF branch FOR VALUES IN (1); CREATE TABLE branch_2 PARTITION OF branch FOR VALUES IN (2);
    CREATE TABLE at_times_0 (id bigint PRIMARY KEY, workspace_id uuid); CREATE TABLE at_times_1 (LIKE at_times_0 INCLUDING ALL);
    SELECT audit_track_table('thing', p_masked_columns => '{name}'), audit_track_table('branch');
    CREATE TABLE looked (kind text, backend int, at timestamptz, contexts int, used bigint, prepared int, cursors int);
    INSERT INTO audit_retention_policies (workspace_id, hot_retention_days, warm_archive_days, archive_by) VALUES (w(60), 30, 400, 'event'), (w(61), 30, 400, 'month'), (w(62), 30, 36500, 'event');
    INSERT INTO audit_events (action_type, resource_type, workspace_id, created_by_user_id) SELECT 'FIRST', 'document', w(n), w(1) FROM generate_series(1, 50) AS n;
    INSERT INTO audit_events (created_at, action_type, resource_type, workspace_id, created_by_user_id) VALUES ('2020-01-01Z', 'FIRST', 'document', w(62), w(1));
    SELECT create_past_audit_partitions(make_date(1970, 1, 1), make_date(2025, 1, 1)), archive_old_audit_events()" soak >/dev/null

look="INSERT INTO looked SELECT current_setting('application_name'), pg_backend_pid(), clock_timestamp(), count(*), sum(used_bytes) FILTER (WHERE name <> 'LocalBufferContext'),
  (SELECT count(*) FROM pg_prepared_statements), (SELECT count(*) FROM pg_cursors) FROM pg_backend_memory_contexts;"
# script NAME FREQUENCY: what is read is one run of it; one in so many begins with a look at the backend's own memory.
script() {
    {
        printf '\\set a random(1, 50)\n\\set b random(1, 9)\n\\set look random(1, %s)\n' "$2"
        printf '\\if :look = 1\n%s\n\\endif\n' "$look"
        cat
    } >"$SCRATCH/$1.sql"
}

# Recording and reading, all of it prepared.
script called 100 <<'SQL'
SELECT insert_audit_event('CALLED', 'document', w(:b), w(:a), w(:b), '{"a": 1, "b": [1, 2]}', '{"a": 2, "b": [1, 2]}', '203.0.113.7', 'Mozilla/5.0', ARRAY['a', 'b'], '{"n": 1}');
SQL
script bulk 100 <<'SQL'
SELECT count(*) FROM insert_audit_events((SELECT jsonb_agg(jsonb_build_object('action_type', 'BULK', 'resource_type', 'document', 'workspace_id', w((:a + n) % 50 + 1),
  'created_by_user_id', w(:b), 'new_values', jsonb_build_object('n', n))) FROM generate_series(1, 3) AS n));
SQL
script inserted 100 <<'SQL'
INSERT INTO audit_events (action_type, resource_type, workspace_id, created_by_user_id, old_values, new_values) VALUES ('INSERTED', 'document', w(:a), w(:b), '{"a": 1}', '{"a": 2}');
SQL
script reading 20 <<'SQL'
WITH page AS (SELECT id FROM get_audit_trail(w(:a), p_limit => 20))
SELECT count(*) FROM get_audit_trail(w(:a), p_limit => 20, p_before_event_id => (SELECT id FROM page ORDER BY id LIMIT 1));
SELECT count(*) FROM get_audit_trail(w(60 + :b % 2), p_days_back => 36500, p_limit => 30);
SELECT count(*) FROM get_audit_trail(w(:a), 'document', w(:b), p_limit => 5);
SELECT last_event_id FROM audit_event_sequence WHERE workspace_id = w(:a);
SQL

# What applications do besides: capture, settings, roles, paths, temporary tables, savepoints, errors.
script tracked 50 <<'SQL'
\set id random(1, 1000000000000)
BEGIN;
INSERT INTO thing VALUES (:id, w(:a), 'one', '{"n": [1, 2, 3]}');
UPDATE thing SET name = 'two' WHERE id = :id;
SAVEPOINT a;
UPDATE thing SET data = '{"n": 2}' WHERE id = :id;
ROLLBACK TO a;
DELETE FROM thing WHERE id = :id;
INSERT INTO branch SELECT :id, 1 + n % 2, w(:a) FROM generate_series(1, 2) AS n;
DELETE FROM branch WHERE id = :id;
END;
SQL
script context 50 <<'SQL'
BEGIN;
SELECT set_config('audit_ext.user_id', w(:b)::text, true), set_config('audit_ext.workspace_id', w(:a)::text, true), set_config('request.headers', '{"user-agent": "x", "x-forwarded-for": "203.0.113.9"}', true);
SELECT insert_audit_event('CONTEXT', 'document');
INSERT INTO audit_events (action_type, resource_type, workspace_id, created_by_user_id) VALUES ('CONTEXT', 'document', w(:a), w(:b));
END;
SQL
script roles 50 <<'SQL'
SET ROLE soak_writer;
SELECT insert_audit_event('ROLES', 'document', NULL, w(:a), w(:b));
SET ROLE soak_reader;
SELECT count(*) FROM get_audit_trail(w(:a), p_limit => 3);
SELECT count(*) FROM (SELECT FROM vw_security_audit LIMIT 3) AS few;
RESET ROLE;
SQL
script paths 50 <<'SQL'
SET search_path = elsewhere;
SELECT public.insert_audit_event('PATHS', 'document', NULL, public.w(:a), public.w(:b));
SET search_path = '';
SELECT public.insert_audit_event('PATHS', 'document', NULL, public.w(:a), public.w(:b));
RESET search_path;
SQL
script temporary 50 <<'SQL'
BEGIN;
CREATE TEMP TABLE scratch (id int PRIMARY KEY, workspace uuid, name text) ON COMMIT DROP;
INSERT INTO scratch SELECT n, w(:a), 'name' FROM generate_series(1, 3) AS n;
INSERT INTO audit_events (action_type, resource_type, workspace_id, created_by_user_id) SELECT 'TEMPORARY', 'document', workspace, w(:b) FROM scratch;
END;
SQL
script savepoints 50 <<'SQL'
BEGIN;
SELECT insert_audit_event('SAVEPOINTS', 'document', NULL, w(:a), w(:b));
SAVEPOINT a;
SELECT insert_audit_event('UNDONE', 'document', NULL, w(:b), w(:b));
INSERT INTO audit_events (action_type, resource_type, workspace_id, created_by_user_id) VALUES ('UNDONE', 'document', w(:a), w(:b));
ROLLBACK TO a;
SAVEPOINT b;
INSERT INTO audit_events (action_type, resource_type, workspace_id, created_by_user_id) VALUES ('SAVEPOINTS', 'document', w(:a), w(:b));
RELEASE b;
END;
SQL
script failing 50 <<'SQL'
DO $$ DECLARE command text; BEGIN
  FOREACH command IN ARRAY ARRAY[
    'SELECT insert_audit_event('''', ''document'', NULL, w(:a), w(:b))',
    'SELECT insert_audit_events(''[{"action_type": "UNDONE", "resource_type": "document"}, {"action": 1}]'')',
    'INSERT INTO audit_events (id, action_type, resource_type, workspace_id, created_by_user_id) VALUES (w(1), ''UNDONE'', ''document'', w(:a), w(:b))',
    'INSERT INTO audit_events (created_at, action_type, resource_type, workspace_id, created_by_user_id) VALUES (''2020-01-01Z'', ''UNDONE'', ''document'', w(1), w(:b))',
    'UPDATE audit_events SET action_type = ''UNDONE'' WHERE workspace_id = w(:a)', 'DELETE FROM audit_events_archive WHERE workspace_id = w(62)', 'ALTER TABLE audit_events ADD x int',
    'SELECT get_audit_trail(w(1), p_limit => 0)', 'INSERT INTO thing VALUES (1, w(1), ''x'', NULL), (1, w(1), ''x'', NULL)'
  ] LOOP
    BEGIN
      EXECUTE command;
      RAISE EXCEPTION 'not refused: %', command USING ERRCODE = 'XX000';
    EXCEPTION WHEN check_violation OR restrict_violation OR invalid_parameter_value OR unique_violation OR generated_always THEN
      NULL;
    END;
  END LOOP;
  PERFORM insert_audit_event('FAILING', 'document', NULL, w(:a), w(:b));
END $$;
SQL

# History, in the order of time, from the last hours of a month on; of two workspaces, one of which is archived by months.
script past 50 <<'SQL'
\set n :n + 1
INSERT INTO audit_events (created_at, action_type, resource_type, workspace_id, created_by_user_id, new_values)
SELECT date_trunc('month', now(), 'UTC') - interval '2 years 3 hours' + :n * interval '1 minute' + i * interval '1 second', 'PAST', 'document', w(60 + :client_id), w(:b), '{"n": 1}' FROM generate_series(1, 2) AS i;
SQL

# What operators do. Refused are erasures under a hold, and maintenance that found a lock taken.
script months 1 <<'SQL'
DO $$ BEGIN PERFORM create_past_audit_partitions(make_date(1970, 1, 1), make_date(2025, 1, 1)); EXCEPTION WHEN raise_exception THEN NULL; END $$;
SQL
script archive 1 <<<'SELECT archive_old_audit_events();'
script batches 1 <<<'CALL archive_audit_events();'
script restore 1 <<'SQL'
DO $$ BEGIN
  PERFORM restore_audit_events(ARRAY(SELECT id FROM audit_events_archive WHERE workspace_id = w(60 + :b % 2) ORDER BY id DESC LIMIT 50), '1 second');
EXCEPTION WHEN raise_exception THEN NULL; END $$;
SQL
script purge 1 <<'SQL'
DO $$ BEGIN PERFORM purge_expired_audit_events(w(60 + :b % 2), 'SOAK', 'T-1'); EXCEPTION WHEN restrict_violation OR raise_exception THEN NULL; END $$;
SQL
script erase 1 <<'SQL'
DO $$ BEGIN PERFORM delete_user_audit_events_compliant(w(:b), w((ARRAY[:a, 60, 61])[1 + :a % 3]), 'GDPR', 'T-2'); EXCEPTION WHEN restrict_violation OR raise_exception THEN NULL; END $$;
SQL
script hold 1 <<'SQL'
SELECT place_audit_hold(w(:a), 'soak', w(:b)) AS hold \gset
SELECT release_audit_hold(':hold', 'soak');
SQL
script policy 1 <<'SQL'
UPDATE audit_retention_policies SET hot_retention_days = 20 + :b WHERE workspace_id = w(60 + :b % 2);
SELECT count(*) FROM explain_audit_retention(w(60 + :b % 2));
SQL
script health 1 <<'SQL'
SELECT count(*) FROM audit_health(); SELECT * FROM partition_schedule;
SQL
script track 1 <<'SQL'
SELECT audit_track_table('at_times_:client_id');
INSERT INTO at_times_:client_id VALUES (1, w(:a));
SELECT audit_untrack_table('at_times_:client_id');
DELETE FROM at_times_:client_id;
SQL
script vacuum 1 <<'SQL'
VACUUM audit_events; ANALYZE audit_events; VACUUM audit_events_archive; VACUUM thing, branch;
SQL

# Errors that end transactions, COPY and two-phase commit, which pgbench has no way to do.
cat >"$SCRATCH/console.sql" <<SQL
\echo round
COPY audit_events (action_type, resource_type, workspace_id, created_by_user_id, new_values) FROM STDIN (FORMAT csv);
COPIED,document,00000000-0000-4000-8000-000000000001,00000000-0000-4000-8000-000000000001,"{""n"": 1}"
COPIED,document,00000000-0000-4000-8000-000000000002,00000000-0000-4000-8000-000000000001,
\.
SELECT insert_audit_event('UNDONE', ' ', NULL, w(1), w(1)) \g /dev/null
UPDATE audit_events SET action_type = 'UNDONE' WHERE workspace_id = w(1);
COPY audit_events (action_type, resource_type, workspace_id, created_by_user_id) FROM STDIN (FORMAT csv);
UNDONE,document,00000000-0000-4000-8000-000000000001,00000000-0000-4000-8000-000000000001
UNDONE,,00000000-0000-4000-8000-000000000002,00000000-0000-4000-8000-000000000001
\.
BEGIN;
SELECT insert_audit_event('UNDONE', 'document', NULL, w(3), w(1)) \g /dev/null
DECLARE trail CURSOR WITH HOLD FOR SELECT * FROM get_audit_trail(w(1));
FETCH 3 FROM trail \g /dev/null
SELECT get_audit_trail(w(1), p_days_back => 0);
COMMIT;
BEGIN;
SET LOCAL statement_timeout = '20ms';
SELECT insert_audit_event('UNDONE', 'document', NULL, w(4), w(1)), pg_sleep(10);
ROLLBACK;
BEGIN;
INSERT INTO thing VALUES (-1, w(1), 'x', NULL);
SELECT insert_audit_event('PREPARED', 'document', NULL, w(5), w(1)) \g /dev/null
PREPARE TRANSACTION 'soak';
COMMIT PREPARED 'soak';
DELETE FROM thing WHERE id = -1;
PREPARE record AS SELECT insert_audit_event('EXECUTED', 'document', NULL, w(\$1), w(1));
EXECUTE record(6) \g /dev/null
EXECUTE record(NULL) \g /dev/null
DEALLOCATE record;
$look
SQL

# How many sessions of each kind, their transactions a second, what they run how often, and how many events of its name a script records.
declare -A clients=([recorders]=4 [applications]=3 [importers]=2 [operators]=2) rate=([recorders]=600 [applications]=250 [importers]=50 [operators]=20)
declare -A runs=(
    [recorders]='called@4 bulk@2 inserted@3 reading@1' [importers]='past@1'
    [applications]='tracked@30 context@20 roles@20 paths@20 savepoints@20 failing@10 temporary@1'
    [operators]='months@2 archive@4 batches@2 restore@4 purge@1 erase@3 hold@3 policy@3 health@2 track@3 vacuum@1')
declare -A events=([called]=1 [bulk]=3 [inserted]=1 [context]=2 [roles]=1 [paths]=2 [temporary]=3 [savepoints]=2 [failing]=1)
sessions=12 ours="application_name IN ('recorders', 'applications', 'importers', 'operators', 'console')"
export PGOPTIONS='-c client_min_messages=warning'

declare -A pids=()
start() {
    local kind=$1 files=() run protocol=simple
    for run in ${runs[$kind]}; do files+=(-f "$SCRATCH/${run/@/.sql@}"); done
    [ "$kind" != recorders ] || protocol=prepared
    PGAPPNAME=$kind "$PGBIN/pgbench" -n -M "$protocol" -c "${clients[$kind]}" -R "${rate[$kind]}" -T "$seconds" -D n=0 "${files[@]}" soak >"$SCRATCH/$kind.pgbench" 2>&1 &
    pids[$kind]=$!
}

# at_rest WHEN: stops the clients, again where a busy machine has none between transactions, and looks for locks of sessions that are.
at_rest() {
    local idle=0
    for _ in {1..50}; do
        kill -STOP "${pids[@]}"
        idle=$(query "SELECT count(*) FROM pg_stat_activity WHERE $ours AND state = 'idle'" soak)
        [ "$idle" -eq 0 ] || break
        kill -CONT "${pids[@]}"
        sleep 0.1
    done
    check_between "$1: sessions between transactions" 1 "$sessions" "$idle"
    # A message on its way makes a session look idle with locks for a moment; what was left behind stays.
    if await soak "NOT EXISTS (SELECT FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE $ours AND state = 'idle')"; then ok '... hold no lock'; fi
    kill -CONT "${pids[@]}"
}

# weigh: notes the private memory of each backend, in kB, and how much of the time has passed, in per cent.
weigh() {
    local kind backend
    while IFS='|' read -r kind backend; do
        echo "$backend $kind $(((SECONDS - began) * 100 / seconds)) $(sed -n 's/^RssAnon:[^0-9]*\([0-9]*\).*/\1/p' "/proc/$backend/status")"
    done <"$SCRATCH/sessions" >>"$SCRATCH/weights"
}

began=$SECONDS
for kind in "${!clients[@]}"; do start "$kind"; done
mkfifo "$SCRATCH/commands"
touch "$SCRATCH/working"
PGAPPNAME=console "$PGBIN/psql" -X -q -A -t -v VERBOSITY=sqlstate -d soak <"$SCRATCH/commands" >"$SCRATCH/console.log" 2>&1 &
pids[console]=$!
while [ -e "$SCRATCH/working" ]; do cat "$SCRATCH/console.sql"; done >"$SCRATCH/commands" &
feeder=$!
trap 'kill -CONT "${pids[@]}" 2>/dev/null || true; rm -f "$SCRATCH/working"; cluster_cleanup' EXIT
sleep $((seconds / 5))
at_rest 'after warm-up'
warm=$(query 'SELECT clock_timestamp()')
query "SELECT application_name, pid FROM pg_stat_activity WHERE $ours" soak >"$SCRATCH/sessions"
while [ $((SECONDS - began)) -lt $((seconds - 3)) ]; do
    weigh
    sleep "0.$((seconds < 100 ? 2 : 9))"
done
at_rest 'before the end'
rm "$SCRATCH/working"
wait "$feeder" "${pids[@]}" || true
trap cluster_cleanup EXIT

for kind in "${!clients[@]}"; do
    failures=$(grep -E 'ERROR|FATAL|aborted|failed transactions: [1-9]' "$SCRATCH/$kind.pgbench" | head -n 8 || true)
    if [ -z "$failures" ]; then ok "$kind: $(bench_transactions "$kind") transactions, none failed"; else not_ok "$kind: no transaction fails" "$failures"; fi
done
rounds=$(grep -c '^round$' "$SCRATCH/console.log" || true)
check_equal "console: in each of $rounds rounds is refused what should be" "$rounds 22023, $rounds 23001, $((rounds * 3)) 23514, $rounds 57014" \
    "$(sed -n 's/^ERROR:  //p' "$SCRATCH/console.log" | sort | uniq -c | awk '{print $1, $2}' | paste -sd , | sed 's/,/, /g')"

# Memory: of the process, which is more than its memory contexts tell, at its lowest in the second fifth of the time and in the last, since work takes some for a
# while; then of the contexts, by a backend's first look after warm-up and its last.
awk '{part = $3 < 40 ? 1 : $3 < 80 ? 0 : 2; kind[$1] = $2; if (!(($1, part) in lowest) || $4 < lowest[$1, part]) lowest[$1, part] = $4}
    END {for (pid in kind) print kind[pid], lowest[pid, 1], lowest[pid, 2]}' "$SCRATCH/weights" | sort >"$SCRATCH/lowest"
check_equal 'sessions that lived from the first to the last' "$sessions" "$(grep -cE '^[a-z]+ [0-9]+ [0-9]+$' "$SCRATCH/lowest")"
for kind in "${!clients[@]}" console; do
    check_between "$kind: a backend's memory grew by kB, at most" -1000000 "${growth[$kind]}" "$(awk -v kind="$kind" '$1 == kind {print $3 - $2}' "$SCRATCH/lowest" | sort -n | tail -n 1)"
    echo "# kB before and after: $(awk -v kind="$kind" '$1 == kind {printf "%s%d-%d", sep, $2, $3; sep = ", "}' "$SCRATCH/lowest")"
done
query "CREATE VIEW growth AS SELECT kind, backend, count(*) AS looks, (array_agg(contexts ORDER BY at DESC))[1] - (array_agg(contexts ORDER BY at))[1] AS contexts,
      ((array_agg(used ORDER BY at DESC))[1] - (array_agg(used ORDER BY at))[1]) / 1024 AS used, max(prepared) AS prepared, max(cursors) AS cursors
    FROM looked WHERE at > '$warm' GROUP BY kind, backend" soak
check_equal 'each backend looked at its memory contexts again and again' "$sessions" "$(query 'SELECT count(*) FROM growth WHERE looks > 1' soak)"
check_between '... what they use grew by kB, at most' -1000000 "$used" "$(query 'SELECT max(used) FROM growth' soak)"
# One for each object that is met the first time, never one for each round.
check_equal '... their number does not grow with the rounds' '' "$(query "SELECT kind, contexts, looks FROM growth WHERE contexts > least(60 + looks / 5, $contexts)" soak)"
echo "# kind, looks, contexts more, kB more: $(query 'SELECT kind, looks, contexts, used FROM growth ORDER BY kind, backend' soak | paste -sd ' ')"
# pgbench prepares each statement of a script once; its look is an open portal.
check_equal '... no plan and no cursor is left behind' 0 "$(query "SELECT count(*) FROM growth WHERE prepared > CASE kind WHEN 'recorders' THEN 11 ELSE 0 END
    OR cursors > CASE kind WHEN 'recorders' THEN 1 ELSE 0 END" soak)"

# Events, each kind by what pgbench and psql counted.
query "CREATE VIEW stored AS SELECT action_type, resource_type FROM audit_events UNION ALL SELECT action_type, resource_type FROM audit_events_archive" soak
for kind in recorders applications; do
    for run in ${runs[$kind]}; do
        script=${run%@*}
        [ -z "${events[$script]:-}" ] || echo "${script^^} document $((events[$script] * $(bench_count "$kind" "$script.sql")))"
    done
done >"$SCRATCH/acknowledged"
tracked=$(bench_count applications tracked.sql) holds=$(bench_count operators hold.sql)
sort -o "$SCRATCH/acknowledged" - "$SCRATCH/acknowledged" <<LIST
PAST document $(($(bench_transactions importers) * 2))
COPIED document $((rounds * 2))
PREPARED document $rounds
EXECUTED document $rounds
INSERT thing $((tracked + rounds))
UPDATE thing $tracked
DELETE thing $((tracked + rounds))
INSERT branch $((tracked * 2))
DELETE branch $((tracked * 2))
INSERT at_times $(bench_count operators track.sql)
AUDIT_HOLD_PLACED audit_legal_holds $holds
AUDIT_HOLD_RELEASED audit_legal_holds $holds
LIST
query "SELECT action_type || ' ' || resource || ' ' || count(*) + CASE action_type WHEN 'PAST' THEN (SELECT coalesce(sum(event_count), 0) FROM audit_deletion_log WHERE deletion_authority = 'SOAK') ELSE 0 END
    FROM (SELECT action_type, regexp_replace(resource_type, '_[0-9]\$', '') FROM stored) AS stored (action_type, resource)
    WHERE action_type <> 'FIRST' AND action_type !~ '^AUDIT_(ACCESS|EVENTS|RETENTION|TRACKING)' GROUP BY action_type, resource" soak | sort >"$SCRATCH/stored"
check_same_file 'stored and purged is just what was acknowledged' "$SCRATCH/acknowledged" "$SCRATCH/stored"
echo "# $(query 'SELECT count(*) FROM stored' soak) events, $(query "SELECT string_agg(format('%s by %s (%s times)', events, deletion_authority, times), ', ')
    FROM (SELECT deletion_authority, count(*) AS times, sum(event_count) AS events FROM audit_deletion_log GROUP BY 1) AS log" soak)"

# What is left behind.
check_equal 'no session, lock or prepared transaction is left' '0 0 0' "$(query "SELECT concat_ws(' ', (SELECT count(*) FROM pg_stat_activity WHERE $ours),
    (SELECT count(*) FROM pg_locks LEFT JOIN pg_stat_activity USING (pid) WHERE (locktype = 'advisory' OR database = (SELECT oid FROM pg_database WHERE datname = 'soak')) AND backend_type IS DISTINCT FROM 'autovacuum worker'), (SELECT count(*) FROM pg_prepared_xacts))")"
# What was restored last is due again after a second, and autovacuum may keep a month from one run.
for _ in {1..20}; do
    query 'SELECT pg_sleep(0.5), create_past_audit_partitions(make_date(1970, 1, 1), make_date(2025, 1, 1)); SELECT archive_old_audit_events()' soak >/dev/null
    failing=$(query "SELECT check_name, detail FROM audit_health() WHERE status = 'fail'" soak)
    [ -n "$failing" ] || break
done
check_equal 'health finds nothing that fails' '' "$failing"
database_fresh copied
"$PGBIN/pg_dump" --schema-only soak | "$PGBIN/psql" -X -q -v ON_ERROR_STOP=1 -d copied >"$SCRATCH/restored" 2>&1
for database in soak copied; do
    # Every session's schema for temporary tables stays; statistics come and go.
    query "$(query "SELECT string_agg(format('SELECT %L, count(*) FROM %s WHERE %s', relname, oid::regclass, CASE relname WHEN 'pg_namespace' THEN 'nspname !~ ''_temp_''' ELSE 'true' END), '; ' ORDER BY relname)
        FROM pg_class WHERE relnamespace = 'pg_catalog'::regnamespace AND relkind = 'r' AND NOT relisshared AND relname <> 'pg_statistic'")" $database >"$SCRATCH/$database.catalogs"
done
check_same_file 'the catalogs hold as many rows as those of a restored dump' "$SCRATCH/copied.catalogs" "$SCRATCH/soak.catalogs"
query CHECKPOINT
check_equal 'no file is left without its table' '' "$(query "SELECT file FROM pg_ls_dir('base/' || (SELECT oid FROM pg_database WHERE datname = 'soak')) AS file
    WHERE file ~ '^t?[0-9]' AND NOT EXISTS (SELECT FROM pg_class WHERE pg_relation_filenode(oid)::text = substring(file FROM '^[0-9]+'))" soak)"
check_equal 'no temporary file is left' '' "$(find "$cluster/data/base" -path '*/pgsql_tmp/*')"
check_equal 'the server met no error but those provoked' '' "$(grep -E '(ERROR|FATAL|PANIC):' "$cluster/log" | grep -vE '^console |canceling autovacuum' | head -n 5 || true)"
check_equal '... and warned of nothing but locks that maintenance did not get' '' "$(grep 'WARNING:' "$cluster/log" | grep -vE '^operators P0001 WARNING:  making the partitions of .* gave up waiting for a lock|a dump is being restored' | head -n 5 || true)"
