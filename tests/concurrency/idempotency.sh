#!/usr/bin/env bash
# Proves that one idempotency key records one event: 64 clients with the same keys, some of which roll back, while the tables of keys change
# places beside them; and after kill -9 whatever was acknowledged is answered again.
set -euo pipefail
. "$(dirname "$0")/../lib/cluster.sh"
. "$(dirname "$0")/../lib/report.sh"

seconds=5 cluster=$(cluster_dir)
[ -z "${AUDIT_EXT_LONG:-}" ] || seconds=120
cluster_start "$PGVERSION" "$cluster" 'max_connections = 120' 'fsync = on' 'synchronous_commit = on' 'max_wal_size = 128MB'
database_with_trail concurrency

# 64 clients, one key, one event.
cat >"$SCRATCH/one.sql" <<'SQL'
INSERT INTO answers SELECT insert_audit_event('ONE', 'thing', NULL, w(1), w(1), p_idempotency_key => 'one');
SQL
query 'CREATE TABLE answers (id uuid); CREATE TABLE keyed (key text, id uuid)' concurrency
bench 'one key' concurrency -c 64 -j 4 -t 10 -f "$SCRATCH/one.sql"
check_equal 'one key: 640 answers of 64 clients are one event' '640|1|1' "$(query "SELECT count(*), count(DISTINCT id), (SELECT count(*) FROM audit_events WHERE action_type = 'ONE') FROM answers" concurrency)"

# Many keys at once, with rollbacks, savepoints and batches, while the tables change places all the time: a superuser ages the marks.
cat >"$SCRATCH/keyed.sql" <<'SQL'
\set k random(1, 3000)
INSERT INTO keyed SELECT 'k' || :k, insert_audit_event('KEYED', 'thing', NULL, w(1 + :k % 5), w(1), p_new_values => jsonb_build_object('k', :k), p_idempotency_key => 'k' || :k);
SQL
cat >"$SCRATCH/undone.sql" <<'SQL'
\set k random(1, 3000)
BEGIN;
SELECT insert_audit_event('KEYED', 'thing', NULL, w(1 + :k % 5), w(1), p_new_values => jsonb_build_object('k', :k), p_idempotency_key => 'k' || :k);
SELECT pg_sleep(0.01);
ROLLBACK;
SQL
cat >"$SCRATCH/savepoint.sql" <<'SQL'
\set k random(1, 3000)
BEGIN;
SAVEPOINT s;
SELECT insert_audit_event('KEYED', 'thing', NULL, w(1 + :k % 5), w(1), p_new_values => jsonb_build_object('k', :k), p_idempotency_key => 'k' || :k);
ROLLBACK TO s;
INSERT INTO keyed SELECT 'k' || :k, insert_audit_event('KEYED', 'thing', NULL, w(1 + :k % 5), w(1), p_new_values => jsonb_build_object('k', :k), p_idempotency_key => 'k' || :k);
COMMIT;
SQL
cat >"$SCRATCH/batch.sql" <<'SQL'
\set k random(1, 2990)
INSERT INTO keyed SELECT 'k' || n, id FROM ROWS FROM (insert_audit_events((SELECT jsonb_agg(jsonb_build_object('action_type', 'KEYED', 'resource_type', 'thing', 'workspace_id', w(1 + n % 5), 'created_by_user_id', w(1),
  'new_values', jsonb_build_object('k', n), 'idempotency_key', 'k' || n) ORDER BY n) FROM generate_series(:k, :k + 9) AS n)), generate_series(:k, :k + 9)) AS made (id, n);
SQL
query "$(cat "$(dirname "$0")/../lib/a_day_passes.sql")" concurrency
newest() { query "SELECT max(key_hash::text) FROM (TABLE audit_idempotency_keys_1 UNION ALL TABLE audit_idempotency_keys_2) AS k WHERE key_hash::text LIKE '00000000-0000-0000-%'" concurrency; }
# One swap under load: a second one would forget the keys of this test.
(
    sleep 2
    query 'SET allow_system_table_mods = on; CALL a_day_passes()' concurrency
    newest >"$SCRATCH/aged"
    for _ in {1..50}; do query 'SELECT audit_seal()' concurrency >/dev/null; [ "$(newest)" = "$(cat "$SCRATCH/aged")" ] || break; done
    # Where all keys of the load are known already.
    query "SELECT insert_audit_event('LATE', 'thing', NULL, w(1), w(1), p_idempotency_key => 'late')" concurrency >/dev/null
) &
swapper=$!
bench 'many keys beside a swap' concurrency -c 32 -j 4 -T "$seconds" -f "$SCRATCH/keyed.sql@10" -f "$SCRATCH/undone.sql@3" -f "$SCRATCH/savepoint.sql@3" -f "$SCRATCH/batch.sql@1"
wait "$swapper"
check_equal 'beside writers the tables have changed places' t "$(query "SELECT '$(cat "$SCRATCH/aged")' < '$(newest)'" concurrency)"
check_between 'keys in both tables' 2 2 "$(query "SELECT count(*) FROM (SELECT 1 FROM (SELECT FROM audit_idempotency_keys_1 WHERE key_hash::text NOT LIKE '00000000-0000-0000-%' LIMIT 1) AS a UNION ALL SELECT 2 FROM (SELECT FROM audit_idempotency_keys_2 WHERE key_hash::text NOT LIKE '00000000-0000-0000-%' LIMIT 1) AS b) AS c" concurrency)"
one_each="SELECT count(*) FROM (SELECT key FROM keyed GROUP BY key HAVING count(DISTINCT id) <> 1) AS k"
events_each="SELECT count(*) FROM (SELECT new_values FROM audit_events WHERE action_type = 'KEYED' GROUP BY new_values HAVING count(*) <> 1) AS e"
check_equal 'each key has one answer, and one event' '0 0' "$(query "$one_each" concurrency) $(query "$events_each" concurrency)"
check_equal 'whatever was answered is stored' 0 "$(query "SELECT count(*) FROM keyed AS k WHERE NOT EXISTS (SELECT FROM audit_events AS e WHERE e.id = k.id AND e.new_values = jsonb_build_object('k', substr(k.key, 2)::int))" concurrency)"

# kill -9: what was acknowledged is known, what was not is recorded by the next attempt.
"$PGBIN/pgbench" -n -d concurrency -c 16 -j 2 -T 30 -f "$SCRATCH/keyed.sql" -f "$SCRATCH/undone.sql" >"$SCRATCH/killed.log" 2>&1 &
load=$!
query 'DELETE FROM keyed' concurrency
sleep 2
cluster_kill "$cluster"
wait "$load" || true
rm -f "$cluster/data/postmaster.pid"
cluster_start "$PGVERSION" "$cluster"
bench 'the same keys after a crash' concurrency -c 16 -j 2 -T 2 -f "$SCRATCH/keyed.sql"
check_equal 'after kill -9: each key has one answer, and one event' '0 0' "$(query "$one_each" concurrency) $(query "$events_each" concurrency)"
check_equal 'no deadlock, no error but that of the crash' '' "$(grep -E 'PANIC|panicked|XX000|23505' "$cluster/log" || true)"
