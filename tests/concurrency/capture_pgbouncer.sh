#!/usr/bin/env bash
# Behind PgBouncer in transaction mode, with many clients on few server connections, every captured change is the deed of the request that
# made it: what one transaction sets never shows in the next client's. Needs Debian's pgbouncer.
set -euo pipefail
. "$(dirname "$0")/../lib/cluster.sh"
. "$(dirname "$0")/../lib/report.sh"

command -v pgbouncer >/dev/null || { not_ok 'pgbouncer is installed (Debian: apt-get install pgbouncer)'; exit; }
seconds=4
[ -z "${AUDIT_EXT_LONG:-}" ] || seconds=30

database_with_trail bouncer
query "CREATE TABLE job (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, asked_by uuid, workspace_id uuid, state text)" bouncer
query "SELECT audit_track_table('job')" bouncer >/dev/null

folder=$(server_folder audit_ext-bouncer)
cat >"$folder/bouncer.ini" <<INI
[databases]
bouncer = host=$PGHOST port=$PGPORT dbname=bouncer user=$PGUSER
[pgbouncer]
unix_socket_dir = $folder
listen_port = 6543
auth_type = any
pool_mode = transaction
default_pool_size = 2
max_client_conn = 100
pidfile = $folder/pid
INI
as_server "$(command -v pgbouncer)" -q "$folder/bouncer.ini" >"$SCRATCH/bouncer.log" 2>&1 &
bouncer_stop() { [ ! -s "$folder/pid" ] || kill "$(cat "$folder/pid")"; }
trap 'bouncer_stop; rm -rf "$folder"; cluster_cleanup' EXIT
for _ in {1..100}; do [ -S "$folder/.s.PGSQL.6543" ] && break; sleep 0.05; done

# A request says who it is, by our settings or by PostgREST's, or nothing; the row repeats it, so each event can be checked.
cat >"$SCRATCH/settings.sql" <<'SQL'
\set user random(1, 50)
BEGIN;
SELECT set_config('audit_ext.user_id', w(:user)::text, true), set_config('audit_ext.workspace_id', w(1000 + :user)::text, true), set_config('audit_ext.request_id', 'request ' || :user, true);
INSERT INTO job (asked_by, state) VALUES (w(:user), 'new');
UPDATE job SET state = 'done' WHERE id = currval('job_id_seq');
END;
SQL
cat >"$SCRATCH/postgrest.sql" <<'SQL'
\set user random(51, 99)
BEGIN;
SELECT set_config('request.jwt.claims', json_build_object('sub', w(:user))::text, true), set_config('request.headers', json_build_object('x-request-id', 'request ' || :user)::text, true);
INSERT INTO job (asked_by, workspace_id, state) VALUES (w(:user), w(1000 + :user), 'new');
END;
SQL
cat >"$SCRATCH/nobody.sql" <<'SQL'
INSERT INTO job (state) VALUES ('new');
SQL
cat >"$SCRATCH/undone.sql" <<'SQL'
BEGIN;
SELECT set_config('audit_ext.user_id', w(777)::text, true), set_config('request.headers', '{"x-request-id": "undone"', true);
INSERT INTO job (state) VALUES ('undone');
ROLLBACK;
SQL
PGHOST=$folder PGPORT=6543 bench load bouncer -c 12 -T "$seconds" -f "$SCRATCH/settings.sql" -f "$SCRATCH/postgrest.sql" -f "$SCRATCH/nobody.sql" -f "$SCRATCH/undone.sql"

job="FROM audit_events AS e JOIN job ON job.id = (e.metadata #>> '{key,id}')::bigint WHERE e.resource_type = 'job'"
check_between 'twelve clients shared connections' 1 2 "$(query "SELECT count(*) FROM pg_stat_activity WHERE datname = 'bouncer' AND backend_type = 'client backend' AND pid <> pg_backend_pid()" bouncer)"
check_equal 'each change of a request is its user'"'"'s' "$(query "SELECT count(*) $job AND asked_by IS NOT NULL" bouncer)" \
    "$(query "SELECT count(*) $job AND e.created_by_user_id = asked_by" bouncer)"
check_equal 'and is filed in its workspace, with its id' 0 "$(query "SELECT count(*) $job AND asked_by IS NOT NULL
    AND (e.workspace_id <> w(1000 + right(asked_by::text, 4)::int) OR e.request_id IS DISTINCT FROM 'request ' || right(asked_by::text, 4)::int)" bouncer)"
check_equal 'changes without a request are the role'"'"'s, in no workspace' "$(query "SELECT count(*) $job AND asked_by IS NULL" bouncer)" \
    "$(query "SELECT count(*) $job AND asked_by IS NULL AND e.created_by_user_id = audit_resource_id('db_role', '$PGUSER')
        AND e.workspace_id = '00000000-0000-0000-0000-000000000000' AND e.request_id IS NULL" bouncer)"
check_equal 'each row was one event per change' t "$(query "SELECT count(*) = (SELECT count(*) + count(*) FILTER (WHERE state = 'done') FROM job) FROM audit_events WHERE resource_type = 'job'" bouncer)"
bouncer_stop
wait
query 'DROP DATABASE bouncer WITH (FORCE)'
