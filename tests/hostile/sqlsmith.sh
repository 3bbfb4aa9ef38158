#!/usr/bin/env bash
# Queries at random over the trail's tables, views and functions, made from the catalog by SQLsmith (https://github.com/anse1/sqlsmith), by somebody who has every
# access level: no process dies, no internal error comes from the extension, and the trail is what it was. SQLSMITH_SEED repeats a run.
set -euo pipefail
. "$(dirname "$0")/../lib/cluster.sh"
. "$(dirname "$0")/../lib/report.sh"

cluster=$(cluster_dir) queries=4000 seed=1
[ -z "${AUDIT_EXT_LONG:-}" ] || queries=100000 seed=$RANDOM
seed=${SQLSMITH_SEED:-$seed}
if ! command -v sqlsmith >/dev/null; then
    not_ok 'random queries are made' 'sqlsmith is needed (Debian: apt-get install sqlsmith)'
    exit
fi
cluster_start "$PGVERSION" "$cluster" "log_line_prefix = '%e '" 'log_error_verbosity = verbose' 'log_min_error_statement = panic' 'wal_level = minimal' 'max_wal_senders = 0'
database_with_trail smith
query "CREATE TABLE thing (id int PRIMARY KEY, workspace_id uuid, name text, data jsonb); CREATE ROLE smith LOGIN; GRANT ALL ON thing TO smith;
    INSERT INTO audit_retention_policies (workspace_id, hot_retention_days, warm_archive_days) SELECT w(n), 30, 36500 FROM generate_series(1, 5) AS n;
    INSERT INTO audit_events (created_at, action_type, resource_type, workspace_id, created_by_user_id, new_values, tags)
      SELECT now() - interval '200 days', 'OLD', 'thing', w(n), w(1), '{\"a\": 1}', '{a}' FROM generate_series(1, 5) AS n" smith
query "SELECT audit_grant('smith', level) FROM unnest(ARRAY['writer', 'reader', 'operator', 'compliance']) AS level; SELECT audit_track_table('thing'), archive_old_audit_events();
    SELECT delete_user_audit_events_compliant(w(1), w(5), 'GDPR', 'T-1'); SELECT place_audit_hold(w(4), 'case');
    SELECT insert_audit_event('NEW', 'thing', w(n), w(n % 5), w(n % 3), '{\"a\": 1}', '{\"a\": 2}') FROM generate_series(1, 200) AS n;
    INSERT INTO thing SELECT n, w(n), 'name', '{}' FROM generate_series(1, 20) AS n" smith >/dev/null
digest="SELECT (SELECT md5(string_agg(e::text, ',' ORDER BY id)) FROM (TABLE audit_events UNION ALL TABLE audit_events_archive) AS e),
    (SELECT md5(string_agg(l::text, ',' ORDER BY id)) FROM audit_deletion_log AS l), (SELECT md5(string_agg(p::text, ',' ORDER BY workspace_id)) FROM audit_retention_policies AS p), (SELECT count(*) FROM audit_health() WHERE status = 'fail')"
before=$(query "$digest" smith)

# Each query is rolled back. One that takes long has found a large product, not a fault.
PGOPTIONS='-c statement_timeout=500ms -c client_min_messages=error' sqlsmith --target="host=$PGHOST port=$PGPORT user=smith dbname=smith" --exclude-catalog --seed="$seed" --max-queries="$queries" --dump-all-queries \
    >"$SCRATCH/queries" 2>"$SCRATCH/sqlsmith" || true
made=$(grep -c ';$' "$SCRATCH/queries" || true)
check_between 'queries were made' "$queries" 1000000000 "$made"
check_between '... of which so many call the extension' 50 1000000000 "$(grep -cE 'public\.(get_audit_trail|insert_audit_event|audit_|purge_|restore_audit|delete_user|explain_audit|[a-z]+_audit_)' "$SCRATCH/queries" || true)"
check_equal 'no process died' '' "$(grep -E 'terminated by signal|PANIC|was terminated' "$cluster/log" | head -n 3 || true)"
check_equal 'no internal error comes from the extension' '' "$(awk '/^XX[0-9A-Z]{3} ERROR/ {error = $0} /LOCATION:/ {if (error && /\.rs:/) print error, $0; error = ""}' "$cluster/log" | head -n 5)"
check_equal 'the trail is what it was' "$before" "$(query "$digest" smith)"
check_equal 'guards hold' 23001 "$(error_of smith 'DELETE FROM audit_events')"
echo "# $made queries, seed $seed; errors by code: $(sed -nE 's/^([0-9A-Z]{5}) ERROR.*/\1/p' "$cluster/log" | sort | uniq -c | sort -rn | awk '{printf "%s %s, ", $1, $2}')"
