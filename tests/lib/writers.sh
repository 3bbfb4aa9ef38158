#!/usr/bin/env bash
# What writers do while a trail is sealed and maintained: scripts of pgbench in SCRATCH, each NAME.sql.
#
#   writers_prepare DATABASE   makes what the scripts call
#   script NAME STATEMENTS     one more; :a and :b are two of the workspaces 1 to 20
#
# one, bulk, pause, long, undone and savepoint record what happens now, in the workspaces 1 to 20; history a past of its own for each client, from workspace 101 on.
set -euo pipefail

writers_prepare() {
    query "CREATE TABLE begun AS SELECT clock_timestamp() AS at;
    CREATE FUNCTION record(workspace bigint, n int DEFAULT 1) RETURNS void LANGUAGE sql AS \$\$
      SELECT insert_audit_event('A', 'thing', NULL, w(workspace), w(1 + workspace % 3), '{\"a\": 1}', jsonb_build_object('a', i)) FROM generate_series(1, n) AS i \$\$;
    CREATE FUNCTION history(workspace bigint) RETURNS void LANGUAGE sql AS \$\$
      INSERT INTO audit_events (created_at, action_type, resource_type, workspace_id, created_by_user_id)
      SELECT date_trunc('month', now()) - interval '20 months' + extract(epoch FROM clock_timestamp() - at) * interval '10 hours', 'PAST', 'thing', w(workspace), w(1) FROM begun \$\$" "$1"
}

choose='\set a random(1, 20)
\set b random(1, 20)'
script() { printf '%s\n%s\n' "$choose" "$2" >"$SCRATCH/$1.sql"; }
script one 'SELECT record(:a);'
script bulk "SELECT count(*) FROM insert_audit_events((SELECT jsonb_agg(jsonb_build_object('action_type', 'BULK', 'resource_type', 'thing', 'workspace_id', w(1 + (:a + n) % 20), 'created_by_user_id', w(2))) FROM generate_series(1, 40) AS n));"
script pause 'BEGIN; SELECT record(:a); SELECT pg_sleep(0.02 * :b); SELECT record(:b); END;'
script long 'BEGIN; SELECT record(:a); SELECT pg_sleep(2); SELECT record(:b); END;'
script undone 'BEGIN; SELECT record(:a); SELECT pg_sleep(0.01); ROLLBACK;'
script savepoint 'BEGIN; SAVEPOINT a; SELECT record(:a); ROLLBACK TO a; SELECT record(:a); SAVEPOINT b; SELECT record(:b); RELEASE a; END;'
script history 'SELECT history(101 + :client_id);'
