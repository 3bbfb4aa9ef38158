#!/usr/bin/env bash
# Proves that sessions can live long: under a mixed load their memory does not grow once they are warm, nor do catalogs; locks and snapshots are given
# back, nothing fails, and every event is there. AUDIT_EXT_LONG=1 takes 28 minutes, for a test has 30; SOAK_SECONDS as long as it says.
set -euo pipefail
. "$(dirname "$0")/../lib/report.sh"

seconds=30
[ -z "${AUDIT_EXT_LONG:-}" ] || seconds=1680
seconds=${SOAK_SECONDS:-$seconds}
allowance=10240

database_with_trail soak
query "CREATE TABLE thing (id int PRIMARY KEY, workspace_id uuid, name text, data jsonb);
    CREATE TABLE other (id int PRIMARY KEY, workspace_id uuid, name text);
    CREATE FUNCTION payload(bigint) RETURNS jsonb LANGUAGE sql IMMUTABLE RETURN jsonb_build_object('n', \$1, 'text', repeat('x', (\$1 % 500)::int));
    INSERT INTO audit_retention_policies (workspace_id, hot_retention_days, warm_archive_days) SELECT w(n), 30, 60 FROM generate_series(100, 107) AS n" soak
query "SELECT audit_track_table('thing')" soak >/dev/null

script() { cat >"$SCRATCH/$1.sql"; }
script call <<<"\\set n random(1, 1000000)
SELECT insert_audit_event('CALL', 'thing', w(:n), w(:client_id), w(:n % 10), payload(:n), payload(:n + 1), '203.0.113.7', 'Mozilla/5.0', ARRAY['a'], payload(3));"
script bulk <<<"\\set n random(1, 1000000)
SELECT count(*) FROM insert_audit_events((SELECT jsonb_agg(jsonb_build_object('action_type', 'BULK', 'resource_type', 'thing', 'workspace_id', w(:client_id), 'created_by_user_id', w(n % 10), 'new_values', payload(n)))
    FROM generate_series(:n, :n + 9) AS n));"
script raw <<<"\\set n random(1, 1000000)
INSERT INTO audit_events (action_type, resource_type, workspace_id, created_by_user_id, old_values, new_values) VALUES ('RAW', 'thing', w(:client_id), w(:n % 10), payload(:n), payload(:n + 1));"
script past <<<"INSERT INTO audit_events (created_at, action_type, resource_type, workspace_id, created_by_user_id, new_values)
    SELECT date_trunc('day', now()) - interval '40 days' + (extract(epoch FROM clock_timestamp() - date_trunc('day', now())) * interval '1 second'), 'PAST', 'thing', w(100 + :client_id), w(1), payload(1);"
script trail <<<"SELECT count(*) FROM get_audit_trail(w(:client_id), p_limit => 200, p_days_back => 100);"
script table <<<"\\set n random(1, 50)
INSERT INTO thing VALUES (:client_id * 100 + :n, w(:client_id), 'a', payload(:n)) ON CONFLICT (id) DO UPDATE SET name = md5(random()::text);
DELETE FROM thing WHERE id = :client_id * 100 + 51 - :n;"
script refused <<<"DO \$\$ BEGIN PERFORM public.insert_audit_event('', 'thing', NULL, public.w(1), public.w(1)); EXCEPTION WHEN check_violation THEN NULL; END \$\$;"
script context <<<"BEGIN;
SELECT set_config('audit_ext.user_id', w(3)::text, true), set_config('request.headers', '{\"user-agent\": \"soak ' || random() || '\"}', true);
SET LOCAL search_path = pg_temp, pg_catalog;
SELECT public.insert_audit_event('CONTEXT', 'thing', NULL, public.w(:client_id));
SAVEPOINT a;
SELECT public.insert_audit_event('UNDONE', 'thing', NULL, public.w(:client_id));
ROLLBACK TO a;
CREATE TEMP TABLE passing (n int) ON COMMIT DROP;
COMMIT;"
script months <<<"SELECT create_monthly_audit_partition();"
script archive <<<"SELECT archive_old_audit_events();"
script restore <<<"SELECT restore_audit_events(ARRAY(SELECT id FROM audit_events_archive LIMIT 20), '0');"
script erase <<<"\\set n random(0, 7)
SELECT delete_user_audit_events_compliant(w(9), w(:n), 'GDPR', 'T-1');"
script health <<<"SELECT count(*) FROM audit_health();"
script hold <<<"SELECT release_audit_hold(place_audit_hold(w(500), 'reason'), 'over');"
script track <<<"SELECT audit_track_table('other');
UPDATE other SET name = 'b';
SELECT audit_untrack_table('other');"

catalogs() {
    query "SELECT format('%s rows of %s', count, name) FROM (SELECT 'pg_class' AS name, count(*) FROM pg_class UNION ALL SELECT 'pg_attribute', count(*) FROM pg_attribute UNION ALL SELECT 'pg_depend', count(*) FROM pg_depend
        UNION ALL SELECT 'pg_proc', count(*) FROM pg_proc UNION ALL SELECT 'pg_type', count(*) FROM pg_type UNION ALL SELECT 'pg_constraint', count(*) FROM pg_constraint) AS counted
        WHERE count > 0 ORDER BY name" soak
}
# memory FILE: pid and private kB of each long-lived backend.
memory() {
    local pid
    query "SELECT pid FROM pg_stat_activity WHERE application_name IN ('writers', 'maintenance')" soak | while read -r pid; do
        echo "$pid $(private_memory "$pid")"
    done | sort >"$1"
}

# What comes with the first use is there before it is counted.
query "SELECT create_monthly_audit_partition(); INSERT INTO other VALUES (1, w(1), 'a'); SELECT audit_track_table('other'); SELECT audit_untrack_table('other');
    INSERT INTO audit_events (created_at, action_type, resource_type, workspace_id, created_by_user_id) VALUES (now() - interval '41 days', 'OLD', 'thing', w(99), w(1))" soak >/dev/null
query 'SELECT create_monthly_audit_partition()' soak >/dev/null
catalogs >"$SCRATCH/catalogs.before"
(PGAPPNAME=writers bench writers soak -c 8 -j 1 -T "$seconds" -M prepared -f "$SCRATCH/call.sql@10" -f "$SCRATCH/bulk.sql@3" -f "$SCRATCH/raw.sql@3" -f "$SCRATCH/past.sql@2" -f "$SCRATCH/trail.sql@3" \
    -f "$SCRATCH/table.sql@5" -f "$SCRATCH/refused.sql@2" -f "$SCRATCH/context.sql@2") &
(PGAPPNAME=maintenance bench maintenance soak -c 1 -R 20 -T "$seconds" -f "$SCRATCH/months.sql" -f "$SCRATCH/archive.sql" -f "$SCRATCH/restore.sql" -f "$SCRATCH/erase.sql" -f "$SCRATCH/health.sql" -f "$SCRATCH/hold.sql" \
    -f "$SCRATCH/track.sql") &
sleep $((seconds * 3 / 10))
memory "$SCRATCH/memory.warm"
sleep $((seconds * 6 / 10))
memory "$SCRATCH/memory.end"
wait
growth=$(join "$SCRATCH/memory.warm" "$SCRATCH/memory.end" | awk '{print $3 - $2}' | sort -n | tail -n 1)
check_equal 'sessions measured' 9 "$(join "$SCRATCH/memory.warm" "$SCRATCH/memory.end" | wc -l)"
check_between 'kB that the session grew by that grew most, once warm' -1000000 "$allowance" "$growth"
catalogs >"$SCRATCH/catalogs.after"
check_same_file 'catalogs have as many rows as before' "$SCRATCH/catalogs.before" "$SCRATCH/catalogs.after"
check_equal 'no lock is left, and no transaction' '0|0' "$(query "SELECT (SELECT count(*) FROM pg_locks WHERE pid <> pg_backend_pid() AND database = (SELECT oid FROM pg_database WHERE datname = current_database())),
    (SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND xact_start IS NOT NULL AND backend_type = 'client backend')" soak)"
counted() { bench_count writers "$1.sql"; }
check_equal 'every event is there, by each way' "$(counted call)|$(($(counted bulk) * 10))|$(counted raw)|$(counted past)|$(counted context)|0" "$(query "SELECT count(*) FILTER (WHERE action_type = 'CALL'), count(*) FILTER (WHERE action_type = 'BULK'),
    count(*) FILTER (WHERE action_type = 'RAW'), count(*) FILTER (WHERE action_type = 'PAST'), count(*) FILTER (WHERE action_type = 'CONTEXT'), count(*) FILTER (WHERE action_type = 'UNDONE')
    FROM (SELECT action_type FROM audit_events UNION ALL SELECT action_type FROM audit_events_archive) AS event" soak)"
echo "# $seconds seconds, $(query 'SELECT count(*) FROM audit_events' soak) events hot, largest session $(awk '{print $2}' "$SCRATCH/memory.end" | sort -n | tail -n 1) kB"
query 'DROP DATABASE soak'
