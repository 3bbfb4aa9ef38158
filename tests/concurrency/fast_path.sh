#!/usr/bin/env bash
# Proves that recording goes on, on its short way past the executor, while everything that it remembers changes under it: months change sides and are made, indexes are built
# and rebuilt, guards are put in place again, policies appear. 16 writers get no error and every event is there as it was given; then the extension itself is dropped and made
# anew under them, and what was acknowledged is there.
set -euo pipefail
. "$(dirname "$0")/../lib/report.sh"

seconds=10
[ -z "${AUDIT_EXT_LONG:-}" ] || seconds=300

database_with_trail concurrency
query "CREATE TABLE told (id uuid, n bigint, client int, way text);
    CREATE INDEX ON told (id);
    INSERT INTO audit_retention_policies (workspace_id, hot_retention_days, warm_archive_days, archive_by) SELECT w(n), 30, 36500, 'month' FROM generate_series(900, 907) AS n" concurrency

# What a new backend evaluates again before it stores an event directly, as it says itself: nothing that is decided before, however the session prints; but what a DBA added.
evaluated() {
    PGOPTIONS="-c client_min_messages=debug1 -c TimeZone=Asia/Kathmandu -c IntervalStyle=iso_8601 -c DateStyle=German -c quote_all_identifiers=on" \
        "$PGBIN/psql" -X -q -d concurrency -c "SELECT insert_audit_event('FIRST', 'thing', NULL, w(1), w(1))" 2>&1 | sed -n 's/.*audit_ext evaluates CHECK \([^ ]*\) .*/\1/p' | paste -sd ' '
}
check_equal 'a CHECK of ours is not evaluated again' '' "$(evaluated)"
guards='audit_ddl_command_start audit_ddl_command_end audit_sql_drop'
for guard in $guards; do query "ALTER EVENT TRIGGER $guard DISABLE" concurrency; done
query 'ALTER TABLE audit_events ADD CONSTRAINT mine CHECK (length(user_agent) < 1000)' concurrency
check_equal '... and one that a DBA added is' mine "$(evaluated)"
query 'ALTER TABLE audit_events DROP CONSTRAINT mine' concurrency
for guard in $guards; do query "ALTER EVENT TRIGGER $guard ENABLE ALWAYS" concurrency; done

# What is told is stored in the transaction of the event, so it is what the writer was told.
told() { printf 'INSERT INTO told SELECT id, :n::bigint, :client_id::int, %s FROM recorded;\n' "'$1'"; }
{
    printf '\\set n :n + 1\nWITH recorded AS (SELECT insert_audit_event(%s) AS id)\n' "'CALLED', 'thing', w(:n), w(:client_id), w(:n % 9), '{\"n\": 0}', jsonb_build_object('n', :n::bigint), '203.0.113.7', 'agent', ARRAY['a']"
    told CALLED
} >"$SCRATCH/called.sql"
{
    printf '\\set n :n + 1\nWITH recorded AS (INSERT INTO audit_events (action_type, resource_type, resource_id, workspace_id, created_by_user_id, old_values, new_values, ip_address, user_agent, tags)\n  VALUES (%s) RETURNING id)\n' \
        "'INSERTED', 'thing', w(:n), w(:client_id), w(:n % 9), '{\"n\": 0}', jsonb_build_object('n', :n::bigint), '203.0.113.7', 'agent', ARRAY['a']"
    told INSERTED
} >"$SCRATCH/inserted.sql"
{
    printf '\\set n :n + 1\nWITH recorded AS (SELECT insert_audit_events((SELECT jsonb_agg(jsonb_build_object(%s)) FROM generate_series(1, 3))) AS id)\n' \
        "'action_type', 'BULK', 'resource_type', 'thing', 'resource_id', w(:n), 'workspace_id', w(:client_id), 'created_by_user_id', w(:n % 9), 'old_values', '{\"n\": 0}'::jsonb, 'new_values', jsonb_build_object('n', :n::bigint), 'ip_address', '203.0.113.7', 'user_agent', 'agent', 'tags', '[\"a\"]'::jsonb"
    told BULK
} >"$SCRATCH/bulk.sql"
# Each of a workspace of its own, whose policy the event makes.
printf '\\set n :n + 1\nSELECT insert_audit_event(%s);\n' "'FIRST', 'thing', w(:n), w(1000000 * (:client_id + 1) + :n), w(1)" >"$SCRATCH/first.sql"

touch "$SCRATCH/working"
# over_and_over NAME SQL…: each a command of its own; errors are kept.
over_and_over() {
    local name=$1 sql
    shift
    while [ -e "$SCRATCH/working" ]; do
        for sql in "$@"; do query "$sql" concurrency >/dev/null 2>>"$SCRATCH/$name.errors" || true; done
        echo round >>"$SCRATCH/$name.rounds"
    done
}
leaf=$(query "SELECT 'audit_events_' || to_char(now() AT TIME ZONE 'UTC', 'YYYY_MM')" concurrency)
beside=()
begin_beside() {
    over_and_over "$@" &
    beside+=($!)
}
# History comes, gets a month of its own, and the month changes sides.
begin_beside months "INSERT INTO audit_events (created_at, action_type, resource_type, workspace_id, created_by_user_id)
      SELECT coalesce(max(created_at) + interval '1 month', '2001-01-01Z'), 'PAST', 'thing', w(900), w(1) FROM (TABLE audit_events UNION ALL TABLE audit_events_archive) AS e WHERE action_type = 'PAST'" \
    'SELECT create_past_audit_partitions(make_date(1970, 1, 1), make_date(2025, 1, 1))' 'SELECT archive_old_audit_events()'
begin_beside indexes "CREATE INDEX CONCURRENTLY mine ON $leaf (created_by_user_id)" "REINDEX INDEX CONCURRENTLY ${leaf}_pkey" 'DROP INDEX mine' "VACUUM $leaf"
begin_beside setup 'SELECT audit_setup()' "UPDATE audit_retention_policies SET hot_retention_days = 30 + (random() * 300)::int WHERE workspace_id = w(901)"
bench writers concurrency -c 16 -M prepared -T "$seconds" -D n=0 -f "$SCRATCH/called.sql@4" -f "$SCRATCH/inserted.sql@2" -f "$SCRATCH/bulk.sql@2" -f "$SCRATCH/first.sql@1"
rm "$SCRATCH/working"
wait "${beside[@]}"
beside=()
for name in months indexes setup; do
    check_between "$name: rounds beside the writers" 1 1000000 "$(grep -c . "$SCRATCH/$name.rounds" || true)"
    check_equal "$name: no command failed" '' "$(grep -h ERROR "$SCRATCH/$name.errors" | sort | uniq -c | head -n 5 || true)"
done

# Every event that was told is there once and as it was given, and no other.
check_told() {
    check_equal "$1: every event that was told is there, once, as it was given" '0|t' "$(query "SELECT count(*) FILTER (WHERE (e.action_type, e.resource_id, e.workspace_id, e.created_by_user_id, e.old_values, e.new_values, e.changed_fields, host(e.ip_address), e.user_agent, e.tags)
          IS DISTINCT FROM (t.way, w(t.n), w(t.client), w(t.n % 9), '{\"n\": 0}'::jsonb, jsonb_build_object('n', t.n), '{n}'::text[], '203.0.113.7'::text, 'agent'::text, '{a}'::text[])),
          count(*) = (SELECT count(*) FROM audit_events WHERE action_type IN ('CALLED', 'INSERTED', 'BULK')) AND count(*) = count(DISTINCT id)
        FROM told AS t LEFT JOIN audit_events AS e USING (id)" concurrency)"
}
check_told 'while what is remembered changes'

# The extension is dropped and made in one transaction; who records meanwhile may be refused and goes on.
touch "$SCRATCH/working"
for client in {0..7}; do
    case $((client % 3)) in 0) script=called ;; 1) script=inserted ;; 2) script=bulk ;; esac
    {
        n=$((client * 10000000))
        while [ -e "$SCRATCH/working" ]; do
            for _ in {1..20}; do
                n=$((n + 1))
                sed "1d; s/:n\b/$n/g; s/:client_id/$client/g" "$SCRATCH/$script.sql"
            done
            sleep 0.05
        done
    } | PGAPPNAME=persistent "$PGBIN/psql" -X -q -A -t -v VERBOSITY=verbose -d concurrency >"$SCRATCH/client.$client.log" 2>&1 &
    beside+=($!)
done
for ((round = 1; round <= (seconds + 5) / 2; round++)); do
    sleep 0.3
    query 'BEGIN; DROP EXTENSION audit_ext CASCADE; CREATE EXTENSION audit_ext; COMMIT' concurrency >/dev/null 2>>"$SCRATCH/recreate.errors" && echo round >>"$SCRATCH/recreate.rounds"
done
sleep 0.3
rm "$SCRATCH/working"
wait "${beside[@]}"
check_between 'times that the extension was made anew' 2 1000000 "$(grep -c . "$SCRATCH/recreate.rounds" || true)"
check_told 'while the extension is made anew'
check_between '... events after that' 100 100000000 "$(query 'SELECT count(*) FROM told WHERE n >= 10000000' concurrency)"
check_equal '... what was refused is told to try again, or that the trail is not there' '' "$(cat "$SCRATCH"/client.*.log | sed -nE 's/^(.*: )?(ERROR|FATAL|PANIC):  ([0-9A-Z]{5}).*/\3/p' | grep -Ev '^(42P01|40P01|42883)$' | sort | uniq -c || true)"
echo "# errors meanwhile: $(cat "$SCRATCH"/client.*.log "$SCRATCH/recreate.errors" | sed -nE 's/^(.*: )?(ERROR|FATAL|PANIC):  (.*)/\3/p' | sed -E 's/[0-9]{3,}/N/g' | sort | uniq -c | sort -rn | head -n 5 | paste -sd ';')"
check_equal 'health finds nothing that fails' '' "$(query "SELECT check_name, detail FROM audit_health() WHERE status = 'fail' AND check_name <> 'archive_lag'" concurrency)"
database_drop concurrency
