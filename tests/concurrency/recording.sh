#!/usr/bin/env bash
# Proves that honest writers are never refused and never deadlock: 16 clients on one workspace and on 50, transactions of one
# and of several events in any order of workspaces, with pauses and rollbacks, by function, INSERT and bulk function.
set -euo pipefail
. "$(dirname "$0")/../lib/report.sh"

seconds=5
[ -z "${AUDIT_EXT_LONG:-}" ] || seconds=120

choose='\set a random(1, :workspaces)
\set b random(1, :workspaces)
\set c random(1, :workspaces)'
cat >"$SCRATCH/one.sql" <<SQL
$choose
SELECT insert_audit_event('UPDATE', 'thing', w(:c), w(:a), w(:client_id), '{"a": 1}', '{"a": 2}');
SQL
cat >"$SCRATCH/raw.sql" <<SQL
$choose
INSERT INTO audit_events (action_type, resource_type, workspace_id, created_by_user_id) VALUES ('RAW', 'thing', w(:a), w(:b));
SQL
cat >"$SCRATCH/bulk.sql" <<SQL
$choose
SELECT count(*) FROM insert_audit_events((SELECT jsonb_agg(jsonb_build_object('action_type', 'BULK', 'resource_type', 'thing',
  'workspace_id', w(n), 'created_by_user_id', w(n))) FROM unnest(ARRAY[:a, :b, :c]::bigint[]) AS n));
SQL
# Five events: each way of recording, workspaces in any order, the first and last in the same one.
cat >"$SCRATCH/several.sql" <<SQL
$choose
BEGIN;
SELECT insert_audit_event('FIRST', 'thing', NULL, w(:a), w(1));
INSERT INTO audit_events (action_type, resource_type, workspace_id, created_by_user_id) VALUES ('SECOND', 'thing', w(:b), w(1));
SELECT count(*) FROM insert_audit_events(jsonb_build_array(
  jsonb_build_object('action_type', 'THIRD', 'resource_type', 'thing', 'workspace_id', w(:c), 'created_by_user_id', w(1)),
  jsonb_build_object('action_type', 'FOURTH', 'resource_type', 'thing', 'workspace_id', w(:b), 'created_by_user_id', w(1))));
SELECT insert_audit_event('LAST', 'thing', NULL, w(:a), w(1));
END;
SQL
# Two events with a pause between, as an application does that calls somebody else meanwhile.
cat >"$SCRATCH/pause.sql" <<SQL
$choose
BEGIN;
SELECT insert_audit_event('BEFORE', 'thing', NULL, w(:a), w(1));
SELECT pg_sleep(0.001 * :c % 30);
SELECT insert_audit_event('AFTER', 'thing', NULL, w(:b), w(1));
END;
SQL
cat >"$SCRATCH/undone.sql" <<SQL
$choose
BEGIN;
SELECT insert_audit_event('UNDONE', 'thing', NULL, w(:a), w(1));
INSERT INTO audit_events (action_type, resource_type, workspace_id, created_by_user_id) VALUES ('UNDONE', 'thing', w(:b), w(1));
ROLLBACK;
SQL

# The trail of a workspace, page by page as a client reads it.
paging="CREATE FUNCTION read_trail(p_workspace uuid) RETURNS TABLE (id uuid, place bigint) LANGUAGE plpgsql AS \$\$
DECLARE last uuid; page uuid[]; done bigint := 0;
BEGIN
  LOOP
    SELECT array_agg(trail.id ORDER BY n) INTO page
      FROM get_audit_trail(p_workspace, p_limit => 997, p_before_event_id => last) WITH ORDINALITY
        AS trail(id, c2, c3, c4, c5, c6, c7, c8, c9, c10, c11, c12, c13, c14, c15, c16, n);
    EXIT WHEN page IS NULL;
    RETURN QUERY SELECT u.id, done + u.n FROM unnest(page) WITH ORDINALITY AS u(id, n);
    done := done + cardinality(page);
    last := page[cardinality(page)];
  END LOOP;
END \$\$"

run() {
    local workspaces=$1 protocol=$2 name="16 clients, workspaces: $1" acknowledged
    database_with_trail concurrency
    query "$paging" concurrency
    bench "$name" concurrency -c 16 -T "$seconds" -M "$protocol" -D workspaces="$workspaces" \
        -f "$SCRATCH/one.sql@4" -f "$SCRATCH/raw.sql@4" -f "$SCRATCH/bulk.sql@2" -f "$SCRATCH/several.sql@4" \
        -f "$SCRATCH/pause.sql@2" -f "$SCRATCH/undone.sql@1"
    acknowledged=$((
        $(bench_count "$name" one.sql) + $(bench_count "$name" raw.sql) + 3 * $(bench_count "$name" bulk.sql) +
        5 * $(bench_count "$name" several.sql) + 2 * $(bench_count "$name" pause.sql)))
    check_between "$name: enough events to mean something" 1000 1000000000 "$acknowledged"
    check_equal "$name: stored are just the events acknowledged" "$acknowledged" "$(query 'SELECT count(*) FROM audit_events' concurrency)"
    check_equal "$name: no deadlock" 0 "$(query "SELECT deadlocks FROM pg_stat_database WHERE datname = 'concurrency'" concurrency)"
    check_equal "$name: every id is unique" "$acknowledged" "$(query 'SELECT count(DISTINCT id) FROM audit_events' concurrency)"
    # 48 bits of milliseconds, then the microseconds scaled to 12 bits.
    check_equal "$name: every id carries created_at" 0 "$(query "SELECT count(*) FROM audit_events,
        LATERAL (SELECT replace(id::text, '-', '') AS hex) AS digits
        WHERE extract(epoch FROM created_at) * 1000000 <> ('x' || left(hex, 12))::bit(48)::bigint * 1000
            + (('x' || substr(hex, 14, 3))::bit(12)::int * 1000 + 4095) / 4096" concurrency)"
    check_equal "$name: the trail read page by page is the table in order, whole" "$acknowledged|t" "$(query "
        SELECT count(*), bool_and(trail.id = event.id) FROM (
          SELECT id, workspace_id, row_number() OVER (PARTITION BY workspace_id ORDER BY created_at DESC, id DESC) AS place
          FROM audit_events) AS event
        FULL JOIN (SELECT w(n) AS workspace_id, read_trail.* FROM generate_series(1, $workspaces) AS n, read_trail(w(n))) AS trail
          USING (workspace_id, place)" concurrency)"
    check_equal "$name: one policy row per workspace" "$workspaces|$workspaces" \
        "$(query 'SELECT count(*), count(DISTINCT workspace_id) FROM audit_retention_policies' concurrency)"
    database_drop concurrency
}

run 1 simple
run 50 prepared
