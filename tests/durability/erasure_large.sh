#!/usr/bin/env bash
# Proves that the memory of an erasure does not grow with the number of events, and reports how fast erasure, second erasure and scrub are:
# 100,000 events of one person, 1,000,000 with AUDIT_EXT_LONG=1, half of them archived, beside those of others.
set -euo pipefail
. "$(dirname "$0")/../lib/report.sh"

events=100000
[ -z "${AUDIT_EXT_LONG:-}" ] || events=1000000
# What the backend may take on top, in kilobytes: work_mem (4 MB) for counting, and caches.
bound=12000

database_with_trail durability
query "INSERT INTO audit_retention_policies (workspace_id, hot_retention_days, warm_archive_days) VALUES (w(1), 2000, 36500);
    CREATE FUNCTION at(n bigint) RETURNS timestamptz LANGUAGE sql STABLE RETURN date_trunc('day', now()) - interval '3000 days' + n * interval '1000 days' / $events;
    INSERT INTO audit_events (created_at, action_type, resource_type, workspace_id, created_by_user_id, old_values, new_values, user_agent)
      SELECT at(n), 'ACT', 'thing', w(1), w(n % 2 + 70), jsonb_build_object('n', 0), jsonb_build_object('n', n, 'text', repeat('x', 200)), 'agent' FROM generate_series(1, 2 * $events) AS n WHERE n % 2 = 0 OR n % 10 = 1;
    INSERT INTO audit_events (created_at, action_type, resource_type, workspace_id, created_by_user_id, new_values) VALUES (at(2 * $events), 'ACT', 'thing', w(1), w(72), jsonb_build_object('n', 1))" durability
query 'SELECT create_past_audit_partitions(make_date(1970, 1, 1), current_date)' durability >/dev/null 2>&1
query 'CALL archive_audit_events()' durability >/dev/null 2>&1
query 'ANALYZE' durability
check_between 'archived events of the person' $((events * 2 / 5)) $((events * 3 / 5)) "$(query 'SELECT count(*) FROM audit_events_archive WHERE created_by_user_id = w(70)' durability)"
others() { query "SELECT count(*), md5(string_agg(e::text, '' ORDER BY id)) FROM (TABLE audit_events UNION ALL TABLE audit_events_archive) AS e WHERE action_type = 'ACT' AND created_by_user_id = w(71)" durability; }
before=$(others)

# One session for all: its memory is looked at while it works.
coproc SESSION { exec "$PGBIN/psql" -XqAt -v ON_ERROR_STOP=1 -d durability 2>&1; }
session_in=${SESSION[1]} session_out=${SESSION[0]} session=$SESSION_PID
ask() {
    printf '%s;\n' "$1" >&"$session_in"
    IFS= read -r answer <&"$session_out"
}
ask 'SELECT pg_backend_pid()'
backend=$answer
ask "SELECT deleted_count FROM delete_user_audit_events_compliant(w(72), w(1), 'GDPR', 'T-1')"
check_equal 'a first erasure warms up' 1 "$answer"
warm=$(private_memory "$backend")

# Milliseconds that the session has had of a processor.
processor() { awk -v tick="$(getconf CLK_TCK)" '{ print int(($14 + $15) * 1000 / tick) }' "/proc/$backend/stat"; }

# measure NAME SQL: the answer is in $answer; what the session took on top of the warm-up, at most, in kilobytes; milliseconds, and how many of a processor.
measure() {
    local began worked peak=$warm now
    : >"$SCRATCH/peaks"
    (while sleep 0.02; do private_memory "$backend" >>"$SCRATCH/peaks"; done) &
    local sampler=$!
    began=$(milliseconds) worked=$(processor)
    ask "$2"
    took=$(($(milliseconds) - began)) used=$(($(processor) - worked))
    private_memory "$backend" >>"$SCRATCH/peaks"
    kill "$sampler"
    wait "$sampler" 2>/dev/null || true
    while read -r now; do [ "$now" -le "$peak" ] || peak=$now; done <"$SCRATCH/peaks"
    check_between "$1 of $events events: kilobytes above the $warm of the warm-up, the most of $(wc -l <"$SCRATCH/peaks") looks" 0 "$bound" $((peak - warm))
}
measure 'erasure' "SELECT deleted_count FROM delete_user_audit_events_compliant(w(70), w(1), 'GDPR', 'T-2')"
check_equal 'all are erased' "$events" "$answer"
echo "# erasure of $events events: $took ms, $((took * 1000 / events)) microseconds each, $((used * 1000 / events)) of a processor"
check_equal '... which holds for the tables' "$events|0" "$(query 'SELECT count(deleted_at), count(new_values) FROM (TABLE audit_events UNION ALL TABLE audit_events_archive) AS e WHERE created_by_user_id = w(70)' durability)"
check_equal '... and for the months of the certificate' "$events" "$(query "SELECT sum(value::bigint) FROM audit_deletion_log, jsonb_each_text(audit_deletion_certificate(id)->'events_by_month') WHERE approval_ticket_id = 'T-2'" durability)"
measure 'second erasure' "SELECT deleted_count FROM delete_user_audit_events_compliant(w(70), w(1), 'GDPR', 'T-3')"
check_equal 'a second one finds nothing' 0 "$answer"
echo "# second erasure: $took ms"
size() { query "SELECT sum(pg_total_relation_size(inhrelid))::bigint / 1000000 FROM pg_inherits" durability; }
large=$(size)
measure 'scrub' "SELECT 'done' || audit_scrub(id) FROM audit_deletion_log WHERE approval_ticket_id = 'T-2'"
check_equal 'it is scrubbed' 'done' "$answer"
echo "# scrub: $took ms, $large MB became $(size) MB"
check_equal "the other person's events are as before" "$before" "$(others)"
printf '\\q\n' >&"$session_in"
wait "$session" 2>/dev/null || true
database_drop durability
