#!/usr/bin/env bash
# Measures what other ways of keeping an audit trail cost, beside this one and in the same run: tests/bench/peers.sh [PART…]
#
# Parts: bulk (a statement that changes many rows), single (one row a transaction), clients (4, 16, 64 of them, and through PgBouncer), calls (latencies of
# recording by hand). The peers come from PyPI and Debian as they are, with the defaults of their own packages, into .toolchain/peers; nothing of theirs is
# kept here. All run on PostgreSQL 15, for which Debian has those written in C, with a release build. BENCH_ROUNDS (5), BENCH_SECONDS (2, per pgbench run).
#
#   pghistory         PyPI, BSD: row triggers of django-pghistory that write whole rows into a table of their own
#   postgresql_audit  PyPI, BSD: statement triggers of PostgreSQL-Audit that write documents
#   table_log         Debian, in C: row trigger that writes the old and the new row into a table of their own
#   periods           Debian, in C: system versioning, which keeps the old rows of UPDATE and DELETE
#   pgaudit           Debian, in C: writes the statement and its parameters to the server's log, not into a table
set -euo pipefail
. "$(dirname "$0")/../lib/cluster.sh"
. "$(dirname "$0")/../lib/install.sh"
. "$(dirname "$0")/../lib/database.sh"
here=$ROOT/tests/bench version=15 peers=$TOOLCHAIN/peers
DEBIAN_PEERS=(postgresql-15-pgaudit postgresql-15-tablelog postgresql-15-periods)
PYTHON_PEERS=(django==5.2.19 django-pghistory==3.9.2 django-pgtrigger==4.17.0 PostgreSQL-Audit==0.18.0 SQLAlchemy==2.0.36 psycopg2-binary==2.9.13)

command -v pgbouncer >/dev/null || die 'pgbouncer is needed (Debian: apt-get install pgbouncer)'
toolchain_setup
extension_ensure release "$version"
if [ ! -e "$peers/fetched" ]; then
    rm -rf "$peers"
    mkdir -p "$peers/packages" "$peers/debian"
    say "fetching ${PYTHON_PEERS[*]} from PyPI and ${DEBIAN_PEERS[*]} from Debian into $peers"
    python3 -m pip install --quiet --disable-pip-version-check --root-user-action ignore --only-binary :all: --target "$peers/python" "${PYTHON_PEERS[@]}"
    (cd "$peers/packages" && apt-get -qq -o APT::Sandbox::User= download "${DEBIAN_PEERS[@]}")
    for package in "$peers"/packages/*.deb; do dpkg-deb --extract "$package" "$peers/debian"; done
    touch "$peers/fetched"
fi
cluster_own_programs "$version"
cp -R "$peers/debian/usr/lib/postgresql" "$CLUSTER_OWN_TREE/lib/"
cp -R "$peers/debian/usr/share/postgresql" "$CLUSTER_OWN_TREE/share/"
chmod -R a+rX "$CLUSTER_OWN_TREE"

settings=("fsync = on" "shared_buffers = '1GB'" "max_wal_size = '8GB'" "checkpoint_timeout = '1h'" "autovacuum = off" "pgaudit.log = 'none'")
# pgaudit alone has to be loaded at the start, and is then in the way of every statement: it has a server of its own, and a baseline there.
cluster_start "$version" "$(cluster_dir)" "${settings[@]}" "shared_preload_libraries = 'pgaudit'"
export LOGGED_SERVER=$PGHOST
cluster_start "$version" "$(cluster_dir)" "${settings[@]}"
folder=$(server_folder audit_ext-bouncer)
cat >"$folder/bouncer.ini" <<INI
[databases]
bench = host=$PGHOST port=$PGPORT dbname=bench user=$PGUSER
[pgbouncer]
unix_socket_dir = $folder
listen_port = 6543
auth_type = any
pool_mode = transaction
default_pool_size = 8
max_client_conn = 200
pidfile = $folder/pid
INI
as_server "$(command -v pgbouncer)" -q "$folder/bouncer.ini" >"$folder/log" 2>&1 &
trap '[ ! -s "$folder/pid" ] || kill "$(cat "$folder/pid")"; rm -rf "$folder"; cluster_cleanup' EXIT

export PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=$peers/python BOUNCER=$folder BENCH_SCRATCH=$CLUSTER_TMP BENCH_ROUNDS=${BENCH_ROUNDS:-5}
chmod a+rx "$CLUSTER_TMP"
python3 "$here/peers/run.py" "$@"
