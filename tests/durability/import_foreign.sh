#!/usr/bin/env bash
# The history of another database is imported through a foreign table: in batches, once, and after the other server was gone in between.
. "$(dirname "$0")/../lib/report.sh"

database_with_trail durability
database_fresh durability_old
query "CREATE TABLE log (no bigint PRIMARY KEY, happened timestamptz, op text, kind text, actor uuid, tenant uuid, after jsonb);
    INSERT INTO log SELECT n, timestamptz '2023-01-01Z' + n * interval '7 minutes', 'EDIT', 'ticket', md5('actor ' || n % 7)::uuid, md5('tenant ' || n % 3)::uuid, jsonb_build_object('n', n) FROM generate_series(1, 100000) AS n" durability_old
query "CREATE EXTENSION postgres_fdw; CREATE SERVER old FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host '$PGHOST', port '$PGPORT', dbname 'durability_old', fetch_size '1000');
    CREATE USER MAPPING FOR postgres SERVER old OPTIONS (user 'postgres'); IMPORT FOREIGN SCHEMA public FROM SERVER old INTO public" durability
mapping='{"source_id": "no", "created_at": "happened", "action_type": "op", "resource_type": "kind", "created_by_user_id": "actor", "workspace_id": "tenant", "new_values": "after"}'
import() { query "CALL import_audit_events('log', 'old log', '$mapping', 500)" durability; }
state() { query "SELECT state, imported_count, skipped_count FROM audit_imports" durability; }
imported() { query "SELECT count(*), count(DISTINCT new_values ->> 'n') FROM audit_events WHERE action_type = 'EDIT'" durability; }

# Cut off: the other server ends our session while its rows are read.
import >"$SCRATCH/cut" 2>&1 &
await postgres "EXISTS (SELECT FROM pg_stat_activity WHERE datname = 'durability_old' AND query ~ 'FETCH')"
query "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = 'durability_old'" >/dev/null
wait $! || true
cut=$(imported)
check_equal 'the import that was cut off says so' failed "$(state | cut -d '|' -f 1)"
check_equal '... and only whole batches are there' "$(state | cut -d '|' -f 2) 0" "${cut#*|} $((${cut%|*} % 500))"
import >/dev/null
check_equal 'the next run imports the rest' "finished|100000|${cut%|*}" "$(state)"
check_equal '... each row once' '100000|100000' "$(imported)"
import >/dev/null
check_equal 'a run more imports nothing' '100000|100000' "$(imported)"
query "INSERT INTO log SELECT 100001, now() - interval '1 hour', 'EDIT', 'ticket', md5('a')::uuid, md5('tenant 0')::uuid, '{\"n\": 100001}'" durability_old
import >/dev/null
check_equal 'a row that came later is imported' '100001|100001' "$(imported)"
check_equal 'values are those of the other server' 0 "$(query "SELECT count(*) FROM log JOIN audit_events AS e ON (e.new_values ->> 'n')::bigint = log.no WHERE e.created_at <> happened OR e.created_by_user_id <> actor OR e.workspace_id <> tenant" durability)"
query 'DROP DATABASE durability_old WITH (FORCE)'
check_equal 'a source that is gone is an error of that server, not of ours' t "$(error_of durability "CALL import_audit_events('log', 'old log', '$mapping')" | grep -x '08001\|3D000' >/dev/null && echo t)"
