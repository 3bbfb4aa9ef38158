#!/usr/bin/env bash
# Proves that pg_cron runs the jobs that audit_schedule_jobs() schedules, whoever called it and however often, and that audit_health() tells
# how they ended. Needs pg_cron, in a cluster of its own; before 1.5 it takes up to a minute, the shortest that pg_cron waits. Elsewhere: the error says
# what to do.
set -euo pipefail
. "$(dirname "$0")/../lib/cluster.sh"
. "$(dirname "$0")/../lib/archive.sh"

jobs='SELECT job_name, schedule FROM audit_schedule_jobs() ORDER BY 1'
if [ ! -e "$("$PGBIN/pg_config" --sharedir)/extension/pg_cron.control" ]; then
    database_with_trail durability
    check_equal 'without pg_cron: the error' 0A000 "$(error_of durability "$jobs")"
    check_equal '... its hint has the calls to schedule by other means' 1 "$("$PGBIN/psql" -X -d durability -c "$jobs" 2>&1 |
        grep -c '^HINT: .*archive_old_audit_events().*create_monthly_audit_partition()')"
    check_equal '... and health warns' warn "$(health durability scheduled_jobs)"
    database_drop durability
    echo '# pg_cron is not there: its runs were not tested'
    exit
fi

version=$PGVERSION cluster=$(cluster_dir)
cluster_start "$version" "$cluster" "shared_preload_libraries = 'pg_cron'" "cron.host = '$cluster'" "cron.database_name = 'durability'" 'cron.use_background_workers = off'
database_with_book durability
check_equal 'before CREATE EXTENSION pg_cron: the error' 0A000 "$(error_of durability "$jobs")"
query "CREATE EXTENSION pg_cron; CREATE ROLE night_shift LOGIN; SELECT audit_grant('night_shift', 'operator');
    SELECT past(1, '2022-01-02Z', '1 hour', 500); SELECT create_past_audit_partitions(make_date(1970, 1, 1), make_date(2025, 1, 1))" durability >/dev/null 2>&1

seconds=$(query "SELECT CASE WHEN extversion IN ('1.3', '1.4', '1.4-1') THEN '* * * * *' ELSE '10 seconds' END FROM pg_extension WHERE extname = 'pg_cron'" durability)
scheduled='archive_old_audit_events|0 2 * * *,audit_seal|'$seconds',create_monthly_audit_partition|0 1 1 * *,create_monthly_audit_partition_daily|30 1 * * *'
stored() { query "SELECT string_agg(concat_ws('|', jobname, schedule, command, username, database, active), ',' ORDER BY jobname) FROM cron.job" durability; }
# Whoever may use pg_cron can give a job any name: one that does something else, or as somebody who may not, is none of the four.
query "CREATE ROLE stranger LOGIN; GRANT USAGE ON SCHEMA cron TO stranger" durability
PGUSER=stranger query "SELECT cron.schedule('audit_seal', '0 0 1 1 *', 'SELECT 1'), cron.schedule('archive_old_audit_events', '0 0 1 1 *', 'SELECT archive_old_audit_events()')" durability >/dev/null
check_equal 'jobs of a stranger do not count: health' 3 "$(query "SELECT count(*) FROM audit_health() WHERE check_name = 'scheduled_jobs' AND status = 'warn' AND detail LIKE 'there is no job%'" durability)"
check_equal 'four jobs are scheduled' "$scheduled" "$(query "$jobs" durability | paste -sd ,)"
query "DELETE FROM cron.job WHERE username = 'stranger'" durability
first=$(stored)
check_equal '... to be run as the owner of the extension' 4 "$(query "SELECT count(*) FROM cron.job WHERE username = 'postgres' AND database = 'durability' AND active" durability)"
check_equal 'a second time nothing is different' "$scheduled $first" "$(query "$jobs" durability | paste -sd ,) $(stored)"
check_equal '... nor when an operator calls it' "$scheduled $first" "$(PGUSER=night_shift query "$jobs" durability | paste -sd ,) $(stored)"
check_equal 'health: scheduled, and not yet run' 'ok,ok,ok,ok' "$(health durability scheduled_jobs)"

# One job that will do its work, one that will fail, one that stays as it is.
soon=$(query "SELECT CASE WHEN extversion IN ('1.3', '1.4', '1.4-1') THEN '* * * * *' ELSE '2 seconds' END FROM pg_extension WHERE extname = 'pg_cron'" durability)
query "SELECT cron.schedule('archive_old_audit_events', '$soon', (SELECT command FROM cron.job WHERE jobname = 'archive_old_audit_events'));
    SELECT cron.unschedule('audit_seal');
    SELECT cron.schedule('create_monthly_audit_partition', '$soon', 'SELECT create_monthly_audit_partition(1000)')" durability >/dev/null
began=$(milliseconds)
ended="(SELECT count(DISTINCT jobid) = 2 FROM cron.job_run_details WHERE status IN ('succeeded', 'failed') AND command NOT LIKE '%audit_seal%')"
while [ "$(query "SELECT $ended" durability)" != t ] && [ $(($(milliseconds) - began)) -lt 100000 ]; do sleep 0.5; done
# Once is enough.
query "UPDATE cron.job SET schedule = '0 0 1 1 *' WHERE schedule = '$soon'" durability
await durability "NOT EXISTS (SELECT FROM cron.job_run_details WHERE status NOT IN ('succeeded', 'failed'))"
echo "# they ran after $((($(milliseconds) - began) / 1000)) seconds"
runs="SELECT string_agg(DISTINCT jobname || ' ' || status, ', ' ORDER BY jobname || ' ' || status) FROM cron.job JOIN cron.job_run_details USING (jobid) WHERE jobname IN ('archive_old_audit_events', 'create_monthly_audit_partition')"
check_equal 'pg_cron tells how they ended' 'archive_old_audit_events succeeded, create_monthly_audit_partition failed' "$(query "$runs" durability)"
check_equal 'the archive has done its work' '0 500 ok' "$(query 'SELECT due(), (SELECT count(*) FROM audit_events_archive)' durability | tr '|' ' ') $(health durability archive_run)"
check_conserved '... and' durability
check_equal 'health: one succeeded, one failed, with its message' 'ok,fail,ok 1' "$(health durability scheduled_jobs) $(
    query "SELECT count(*) FROM audit_health() WHERE status = 'fail' AND detail LIKE '%create_monthly_audit_partition failed%p_months_ahead%'" durability)"
check_equal 'scheduling again puts both back' "$scheduled $first" "$(query "$jobs" durability | paste -sd ,) $(stored)"
query "SELECT cron.unschedule(name) FROM unnest(ARRAY['create_monthly_audit_partition_daily', 'audit_seal']) AS name; UPDATE cron.job SET active = false WHERE jobname = 'archive_old_audit_events'" durability >/dev/null
check_equal 'health: a job that is not active, one that failed, one that is not there' 'warn,fail,warn' "$(health durability scheduled_jobs)"
