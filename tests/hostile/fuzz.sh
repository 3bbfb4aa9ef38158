#!/usr/bin/env bash
# Throws values that nobody would think of at every function of the extension and at its tables, as a superuser and as each access level: only errors
# that are documented come back, the backends live, and what was recorded is what was given. FUZZ_SEED (0 to 1) repeats a run.
set -euo pipefail
. "$(dirname "$0")/../lib/report.sh"

statements=4000 seed=0.5
[ -z "${AUDIT_EXT_LONG:-}" ] || statements=100000 seed=0.$RANDOM
seed=${FUZZ_SEED:-$seed}
here=$(cd "$(dirname "$0")" && pwd)

# Every code that the reference documents: the extension's own, and those of PostgreSQL; 22xxx is a class. 57014 comes of statement_timeout.
expected=$(sed -nE 's/^\| ([0-9A-Z]{2}[0-9A-Zx]{3}) \|.*/\1/p' "$here/../../docs/reference/errors.md" | sed 's/xxx/.../' | paste -s -d '|')'|57014'

database_with_trail hostile
query "CREATE TABLE thing (id int PRIMARY KEY, workspace_id uuid, name text, data jsonb);
    CREATE VIEW thing_view AS SELECT * FROM thing;
    CREATE TABLE thing_tree (id int) PARTITION BY LIST (id);
    CREATE SEQUENCE thing_sequence;
    CREATE TABLE told (id uuid, action_type text, resource_type text, resource_id uuid, workspace_id uuid, created_by_user_id uuid, old_values jsonb, new_values jsonb, ip_address inet, user_agent text,
      tags text[], metadata jsonb, request_id text, idempotency_key text);
    CREATE ROLE f_nobody;
    INSERT INTO audit_events (created_at, action_type, resource_type, workspace_id, created_by_user_id) SELECT now() - interval '200 days', 'OLD', 'r', w(n), w(1) FROM generate_series(1, 5) AS n" hostile
query "SELECT audit_track_table('thing'); SELECT archive_old_audit_events(); SELECT delete_user_audit_events_compliant(w(1), w(5), 'GDPR', 'T-1'); SELECT audit_seal()" hostile >/dev/null
levels=(writer reader operator compliance gateway none)
for level in "${levels[@]}"; do
    query "CREATE ROLE f_$level LOGIN; GRANT ALL ON told, thing TO f_$level; GRANT CREATE ON SCHEMA public TO f_$level" hostile
    [ "$level" = none ] || query "SELECT audit_grant('f_$level', '$level')" hostile >/dev/null
done

tried=0 part=$((statements / 10))
# assault USER SEED COUNT: in one session; errors are told by their codes.
assault() {
    "$PGBIN/psql" -X -q -A -t -v ON_ERROR_STOP=1 -v seed="$2" -v statements="$3" -d hostile -f "$here/fuzz.sql" >"$SCRATCH/$1.sql" 2>"$SCRATCH/$1.generator" || {
        not_ok "$1: statements are made" "$(head -n 5 "$SCRATCH/$1.generator")"
        return
    }
    {
        # Some functions wait as long as they are told to, and a procedure seals until it is cancelled.
        echo "SET client_min_messages = error; SET statement_timeout = '1s'; SELECT pg_backend_pid();"
        cat "$SCRATCH/$1.sql"
        echo 'ROLLBACK; SELECT pg_backend_pid();'
    } | "$PGBIN/psql" -X -q -A -t -v VERBOSITY=sqlstate -U "$1" -d hostile >"$SCRATCH/$1.out" 2>"$SCRATCH/$1.errors" || true
    tried=$((tried + $3))
    check_equal "$1: the backend lives" "$(head -n 1 "$SCRATCH/$1.out")" "$(tail -n 1 "$SCRATCH/$1.out")"
    check_equal "$1: every error is documented" '' "$(grep -E '^(ERROR|FATAL|PANIC)|server closed' "$SCRATCH/$1.errors" | grep -Ev "^ERROR:  ($expected)\$" | sort | uniq -c)"
}
assault postgres "$seed" $((statements - part * ${#levels[@]}))
for level in "${levels[@]}"; do assault "f_$level" "$seed" "$part"; done

check_between 'events recorded and told' 20 100000000 "$(query 'SELECT count(*) FROM told' hostile)"
check_equal 'every event that was told is stored once' 0 "$(query "SELECT count(*) FROM told, LATERAL (SELECT count(*) AS stored FROM (SELECT id FROM audit_events UNION ALL SELECT id FROM audit_events_archive) AS event WHERE event.id = told.id) AS found
    WHERE stored <> 1" hostile)"
check_equal '... with the values that were given, unless it was erased' 0 "$(query "SELECT count(*) FROM told JOIN (TABLE audit_events UNION ALL TABLE audit_events_archive) AS event USING (id) WHERE event.deleted_at IS NULL AND (
    (told.action_type, told.resource_type, told.resource_id, told.old_values, told.new_values, told.tags, told.metadata) IS DISTINCT FROM
    (event.action_type, event.resource_type, event.resource_id, event.old_values, event.new_values, event.tags, event.metadata)
    OR told.workspace_id <> event.workspace_id OR told.created_by_user_id <> event.created_by_user_id OR told.ip_address <> event.ip_address OR told.user_agent <> event.user_agent OR told.request_id <> event.request_id)" hostile)"
check_equal '... and keys in changed_fields that a plain query finds' 0 "$(query "SELECT count(*) FROM told JOIN audit_events AS event USING (id) WHERE event.deleted_at IS NULL AND event.changed_fields IS DISTINCT FROM CASE
    WHEN jsonb_typeof(told.old_values) = 'object' AND jsonb_typeof(told.new_values) = 'object' THEN ARRAY(SELECT key COLLATE \"C\" FROM jsonb_each(told.old_values) AS o FULL JOIN jsonb_each(told.new_values) AS n USING (key)
      WHERE o.value IS DISTINCT FROM n.value ORDER BY 1) END" hostile)"
check_equal 'no event breaks a rule' 0 "$(query "SELECT count(*) FROM (TABLE audit_events UNION ALL TABLE audit_events_archive) AS event WHERE btrim(action_type, E' \\t\\n\\r') = '' OR btrim(resource_type, E' \\t\\n\\r') = ''
    OR action_type IS NULL OR resource_type IS NULL OR workspace_id IS NULL OR created_by_user_id IS NULL OR old_values = '{}' OR new_values = '{}' OR created_at > clock_timestamp() OR created_at < timestamptz 'epoch'" hostile)"
check_equal 'guards hold' 23001 "$(error_of hostile 'DELETE FROM audit_events')"
# Some of what was restored or told with a time of its own is due for long; the daily job is what ends that.
query 'SELECT archive_old_audit_events()' hostile >/dev/null
check_equal 'nothing fails in audit_health' '' "$(query "SELECT check_name, detail FROM audit_health() WHERE status = 'fail'" hostile)"
refused=$(cat "$SCRATCH"/*.errors | grep -c '^ERROR' || true)
echo "# $tried statements tried, $refused refused, seed $seed"
database_drop hostile
