#!/usr/bin/env bash
# Proves that whatever time the server's clock tells, every event is recorded, in one total order, and is found: the clock is stepped back and far ahead
# under open sessions, within a transaction, and under writers. Maintenance goes on, and audit_health() tells. The clock is moved with faketime.
set -euo pipefail
. "$(dirname "$0")/../lib/moved_clock.sh"
. "$(dirname "$0")/../lib/report.sh"

version=$PGVERSION cluster=$(cluster_dir) seconds=4
[ -z "${AUDIT_EXT_LONG:-}" ] || seconds=60
cluster_start_with_clock "$version" "$cluster" || exit 0
database_with_trail clock
query "CREATE TABLE thing (id int PRIMARY KEY, workspace_id uuid, name text);
    CREATE TABLE told (n int GENERATED ALWAYS AS IDENTITY, session int, id uuid, at timestamptz DEFAULT clock_timestamp());
    CREATE VIEW stored AS SELECT * FROM audit_events UNION ALL SELECT * FROM audit_events_archive;
    CREATE FUNCTION time_in(uuid) RETURNS timestamptz LANGUAGE sql IMMUTABLE AS \$\$
      SELECT timestamptz 'epoch' + interval '1 microsecond' * (('x' || replace(left(\$1::text, 13), '-', ''))::bit(48)::bigint * 1000
        + (('x' || substr(\$1::text, 16, 3))::bit(12)::int * 1000 + 4095) / 4096) \$\$" clock
query "SELECT audit_track_table('thing')" clock >/dev/null

# Six events by every way there is; the ids that are given back are told. COPY reads a file: a program would have to start under the moved clock as well.
for session in 1 2 3; do
    echo "COPIED,thing,00000000-0000-4000-8000-00000000000$session,00000000-0000-4000-8000-000000000001" >"$cluster/copied.$session"
    chmod a+r "$cluster/copied.$session"
done
record="WITH one AS (SELECT insert_audit_event('CALLED', 'thing', w(7), w(:session), w(1)) AS id) INSERT INTO told (session, id) SELECT :session, id FROM one;
    SELECT count(*) FROM insert_audit_events(jsonb_build_array(jsonb_build_object('action_type', 'BULK', 'resource_type', 'thing', 'workspace_id', w(:session), 'created_by_user_id', w(1))));
    WITH one AS (INSERT INTO audit_events (action_type, resource_type, workspace_id, created_by_user_id) VALUES ('INSERTED', 'thing', w(:session), w(1)) RETURNING id)
      INSERT INTO told (session, id) SELECT :session, id FROM one;
    COPY audit_events (action_type, resource_type, workspace_id, created_by_user_id) FROM '$cluster/copied.:session' (FORMAT csv);
    INSERT INTO thing VALUES (1, w(:session), 'a') ON CONFLICT (id) DO UPDATE SET name = thing.name || 'a';
    UPDATE thing SET name = name || 'b';"

# Two open sessions; what is said to them through their pipes is answered in their files.
for session in 1 2; do
    mkfifo "$SCRATCH/session.$session"
    "$PGBIN/psql" -X -q -A -t -v ON_ERROR_STOP=1 -v VERBOSITY=verbose -d clock <"$SCRATCH/session.$session" >"$SCRATCH/session.$session.log" 2>&1 &
done
exec 11>"$SCRATCH/session.1" 12>"$SCRATCH/session.2"
steps=0
step() {
    local session
    turn "$1"
    steps=$((steps + 1))
    for session in 1 2; do
        echo "${record//:session/$session} SELECT 'step $steps';" >&1$session
        for _ in {1..200}; do grep -q "^step $steps\$" "$SCRATCH/session.$session.log" && break; sleep 0.05; done
    done
    # A new session, of a third workspace.
    query "${record//:session/3}" clock >/dev/null
}
for offset in +0 -1 -1h -40d +0 +1d -10 +400d +3650d +0 -1d +0; do step "$offset"; done
# Within a transaction, and back before it ends.
echo "BEGIN; ${record//:session/1}" >&11
sleep 0.5
turn -2d
echo "${record//:session/1} COMMIT; SELECT 'within';" >&11
for _ in {1..200}; do grep -q '^within$' "$SCRATCH/session.1.log" && break; sleep 0.05; done
exec 11>&- 12>&-
wait
check_equal 'no open session met an error' '' "$(grep -h ERROR "$SCRATCH"/session.?.log || true)"
check_between 'months that the events of one minute lie in' 4 7 "$(query "SELECT count(DISTINCT date_trunc('month', created_at)) FROM stored" clock)"
check_equal "$steps steps of the clock: every event is there, by each way" "$((steps * 3 + 2)) $((steps * 3 + 2)) $((steps * 3 + 2)) $((steps * 3 + 2)) $((steps * 6 + 4))" "$(query "SELECT concat_ws(' ',
    count(*) FILTER (WHERE action_type = 'CALLED'), count(*) FILTER (WHERE action_type = 'BULK'), count(*) FILTER (WHERE action_type = 'INSERTED'),
    count(*) FILTER (WHERE action_type = 'COPIED'), count(*) FILTER (WHERE resource_type = 'thing' AND action_type IN ('INSERT', 'UPDATE'))) FROM stored" clock)"
check_equal 'ids are unique and carry the time of their event' "t|t" "$(query "SELECT count(*) = count(DISTINCT id), bool_and(time_in(id) = created_at) FROM stored" clock)"
check_equal 'an event has the time of the clock at its insertion, also where the session recorded while the clock was ahead' 0 "$(query "SELECT count(*) FROM told
    WHERE time_in(id) NOT BETWEEN at - interval '2 seconds' AND at + interval '1 second'" clock)"
check_equal 'within an open session ids and times grow, but where the clock went back by more than a second' 0 "$(query "SELECT count(*) FROM (SELECT id, at, lag(id) OVER session AS before, lag(at) OVER session AS before_at
    FROM told WHERE session < 3 WINDOW session AS (PARTITION BY session ORDER BY n)) AS told WHERE id <= before AND at > before_at - interval '1 second'" clock)"

turn +0
health="SELECT status FROM audit_health() WHERE check_name = 'clock'"
check_equal 'health warns of events that the clock has not reached' warn "$(query "$health" clock)"
pages="WITH RECURSIVE page AS (
      SELECT 1 AS page, array_agg(id) AS ids FROM get_audit_trail(w(1), p_days_back => 36500, p_limit => 7) UNION ALL
      SELECT page + 1, (SELECT array_agg(id) FROM get_audit_trail(w(1), p_days_back => 36500, p_limit => 7, p_before_event_id => ids[array_length(ids, 1)])) FROM page WHERE array_length(ids, 1) = 7
    ) SELECT id FROM page, unnest(ids) WITH ORDINALITY AS event (id, n) ORDER BY page, n"
check_equal 'the trail gives every event once, newest first, page by page' t "$(query "SELECT array(SELECT id FROM ($pages) AS paged)
    = array(SELECT id FROM stored WHERE workspace_id = w(1) ORDER BY created_at DESC, id DESC)" clock)"
check_equal 'the latest page is what the window leaves open to the future' t "$(query "SELECT array(SELECT id FROM get_audit_trail(w(1)))
    = array(SELECT id FROM stored WHERE workspace_id = w(1) AND created_at >= now() - interval '30 days' ORDER BY created_at DESC, id DESC LIMIT 100)" clock)"
query 'SELECT create_monthly_audit_partition()' clock >/dev/null
check_equal 'months are made for all of them' 0 "$(query 'SELECT count(*) FROM audit_events_default' clock)"
digest="SELECT md5(string_agg(e::text, ',' ORDER BY id)) FROM stored AS e WHERE action_type NOT LIKE 'AUDIT%'"
before=$(query "$digest" clock)
# A clock ten years ahead makes everything due; what was archived by mistake comes back as it was.
turn +3800d
query 'SELECT archive_old_audit_events()' clock >/dev/null
turn +0
check_equal 'nothing is left of those of today, while the clock was ahead' 0 "$(query "SELECT count(*) FROM audit_events WHERE action_type = 'CALLED'" clock)"
check_equal '... of which nothing can be purged now that it is back' 0 "$(query "SELECT sum((purge_expired_audit_events(w(n), 'TEST', 'T-1')).deleted_count) FROM generate_series(1, 3) AS n" clock)"
query "SELECT restore_audit_events(ARRAY(SELECT id FROM audit_events_archive))" clock >/dev/null
check_equal '... and all are restored as they were' "$before 0" "$(query "$digest" clock) $(query 'SELECT count(*) FROM audit_events_archive' clock)"

# A server that knows nothing of all this takes them from a dump.
"$PGBIN/pg_dump" -F custom -f "$SCRATCH/dump" clock
database_fresh copied
check_equal 'a dump is restored whole, events of the future included' "$before|t" "$("$PGBIN/pg_restore" --exit-on-error -d copied "$SCRATCH/dump" 2>"$SCRATCH/restored" || true)$(query "$digest" copied)|$(
    query 'SELECT max(created_at) > now() FROM stored' copied)"
check_equal 'a person is erased in every time' "$(query "SELECT count(*) FROM stored WHERE workspace_id = w(3) AND created_by_user_id = w(1)" clock)|0" "$(
    query "SELECT deleted_count FROM delete_user_audit_events_compliant(w(1), w(3), 'GDPR', 'T-1')" clock)|$(query "SELECT count(*) FROM stored WHERE workspace_id = w(3) AND created_by_user_id = w(1) AND deleted_at IS NULL" clock)"

# Under writers, ten times a second.
echo "SELECT insert_audit_event('LOAD', 'thing', NULL, w(10 + :client_id % 2), w(1));" >"$SCRATCH/load.sql"
(for ((n = 0; n < seconds * 10; n++)); do
    case $((n % 4)) in 0) turn +0 ;; 1) turn -3d ;; 2) turn +70d ;; 3) turn -1 ;; esac
    sleep 0.1
done) &
# So many transactions rather than so many seconds.
bench 'under writers' clock -c 8 -t $((seconds * 100)) -f "$SCRATCH/load.sql"
wait
turn +0
check_equal '... every event is there, with an id of its own' "$((seconds * 800))|$((seconds * 800))" "$(query "SELECT count(*), count(DISTINCT id) FROM stored WHERE action_type = 'LOAD'" clock)"
check_equal '... each with the time that its id carries' t "$(query "SELECT bool_and(time_in(id) = created_at) FROM stored" clock)"
check_equal 'the server met no error' '' "$(grep -E 'ERROR|PANIC|terminated by' "$cluster/log" | grep -v 'canceling autovacuum task' | head -n 3 || true)"
