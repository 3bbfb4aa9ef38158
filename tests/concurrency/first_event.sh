#!/usr/bin/env bash
# Proves that the first event of a workspace waits for nobody's first event, and that each workspace ends with one policy row.
set -euo pipefail
. "$(dirname "$0")/../lib/report.sh"

seconds=5
[ -z "${AUDIT_EXT_LONG:-}" ] || seconds=60
# A wait for another transaction (they last a second) becomes an error.
impatient='-c lock_timeout=800ms -c statement_timeout=4s'

policies="SELECT count(*), count(DISTINCT policy.workspace_id) FROM audit_retention_policies AS policy
    JOIN (SELECT DISTINCT workspace_id FROM audit_events) AS event USING (workspace_id)"
workspaces_with_next_event="SELECT count(insert_audit_event('NEXT', 'thing', NULL, workspace_id, workspace_id)) FROM (
    SELECT DISTINCT workspace_id FROM audit_events) AS event"

database_with_trail concurrency

# One at a time, deterministic: what session A wrote first and has not committed, session B writes at once.
for ending in COMMIT ROLLBACK; do
    first=$([ "$ending" = COMMIT ] && echo 1 || echo 101)
    range="generate_series($first, $first + 99) AS n"
    in_background holder concurrency "BEGIN;
        SELECT count(insert_audit_event('HELD', 'thing', NULL, w(n), w(n))) FROM $range; SELECT pg_sleep(5); $ending;"
    holder=$!
    await concurrency "$(asleep holder)"
    began=$(milliseconds)
    check_equal "100 first events beside an open transaction's are recorded (it ends with $ending)" 100 "$(PGOPTIONS=$impatient "$PGBIN/psql" -XqAt -d concurrency -c \
        "SELECT count(insert_audit_event('BESIDE', 'thing', NULL, w(n), w(n))) FROM $range" 2>&1)"
    check_between "... and wait for nothing: milliseconds" 0 4000 $(($(milliseconds) - began))
    wait "$holder"
    query "SELECT count(insert_audit_event('NEXT', 'thing', NULL, w(n), w(n))) FROM $range" concurrency >/dev/null
    check_equal "... and after the next event each has one policy row ($ending)" "100|100" "$(query "$policies WHERE workspace_id IN (SELECT w(n) FROM $range)" concurrency)"
done

# Many at once: new workspaces all the time, transactions that hold a first event for a second or undo it.
cat >"$SCRATCH/single.sql" <<'SQL'
\set a random(1000, 6000)
SELECT insert_audit_event('SINGLE', 'thing', NULL, w(:a), w(1));
SQL
cat >"$SCRATCH/held.sql" <<'SQL'
\set a random(1000, 6000)
\set b random(1000, 6000)
BEGIN;
INSERT INTO audit_events (action_type, resource_type, workspace_id, created_by_user_id) VALUES ('HELD', 'thing', w(:a), w(1));
SELECT pg_sleep(1);
SELECT insert_audit_event('HELD', 'thing', NULL, w(:b), w(1));
END;
SQL
cat >"$SCRATCH/undone.sql" <<'SQL'
\set a random(1000, 6000)
BEGIN;
SELECT insert_audit_event('UNDONE', 'thing', NULL, w(:a), w(1));
SELECT pg_sleep(0.02);
ROLLBACK;
SQL
PGOPTIONS=$impatient bench 'new workspaces' concurrency -c 16 -T "$seconds" -f "$SCRATCH/single.sql@60" -f "$SCRATCH/held.sql@1" -f "$SCRATCH/undone.sql@9"
check_equal 'no deadlock' 0 "$(query "SELECT deadlocks FROM pg_stat_database WHERE datname = 'concurrency'" concurrency)"
touched=$(query 'SELECT count(DISTINCT workspace_id) FROM audit_events' concurrency)
check_between 'workspaces touched' 1000 5200 "$touched"
check_equal 'every workspace has its next event' "$touched" "$(query "$workspaces_with_next_event" concurrency)"
check_equal 'and then one policy row' "$touched|$touched" "$(query "$policies" concurrency)"
check_equal 'and no row belongs to a workspace without events' "$touched" "$(query 'SELECT count(*) FROM audit_retention_policies' concurrency)"
database_drop concurrency
