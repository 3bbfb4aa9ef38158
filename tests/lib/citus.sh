#!/usr/bin/env bash
# A Citus cluster of a coordinator, two workers and a spare, each with audit_ext, for the suite citus.
#
#   citus_missing VERSION     prints why there is none for this version, nothing if there is
#   citus_start               starts the four servers and joins the workers; sets COORDINATOR, WORKER1, WORKER2, SPARE
#   citus_join NODE           adds a node to the cluster
#   on NODE SQL               runs SQL there as the owner
#   code_on NODE SQL          the SQLSTATE of its first error, or "none"
#
# Citus is in none of the registries that the tests fetch from. It is taken from the server of the toolchain, or of the pg_config that AUDIT_EXT_CITUS names, where the tests
# put this build of the extension.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/cluster.sh"
. "$(dirname "${BASH_SOURCE[0]}")/install.sh"

CITUS_DATABASE=app

citus_pg_config() { if [ -n "${AUDIT_EXT_CITUS:-}" ]; then echo "$AUDIT_EXT_CITUS"; else echo "$(pg_bin "$1")/pg_config"; fi; }

citus_missing() {
    local version=$1 pg_config
    pg_config=$(citus_pg_config "$version")
    if [ ! -x "$pg_config" ]; then
        echo "$pg_config is no program"
    elif [ "$(pg_major "$pg_config")" != "$version" ]; then
        echo "citus is there for PostgreSQL $(pg_major "$pg_config"), not $version"
    elif [ ! -f "$("$pg_config" --sharedir)/extension/citus.control" ]; then
        echo "citus is not available for PostgreSQL $version"
    fi
}

on() { PGOPTIONS="-c client_min_messages=warning ${CITUS_OPTIONS:-}" "$PGBIN/psql" -qAtX -h "$1" -p 5432 -U postgres -d "$CITUS_DATABASE" -v ON_ERROR_STOP=1 <<<"$2"; }

code_on() {
    local sqlstate
    sqlstate=$("$PGBIN/psql" -qAtX -h "$1" -p 5432 -U postgres -d "$CITUS_DATABASE" -v VERBOSITY=sqlstate -v ON_ERROR_STOP=1 2>&1 <<<"$2" >/dev/null |
        sed -n 's/.*ERROR:  *\([0-9A-Z]\{5\}\).*/\1/p' | head -n 1)
    echo "${sqlstate:-none}"
}

# Whether the server has pg_cron.
citus_has_cron() { [ -f "$("$(citus_pg_config "$PGVERSION")" --sharedir)/extension/pg_cron.control" ]; }

citus_join() { on "$COORDINATOR" "SELECT citus_add_node('$1', 5432)" >/dev/null; }

# One server with the extension citus; nodes reach each other through their sockets.
citus_node() {
    local preloaded=citus
    ! citus_has_cron || preloaded=citus,pg_cron
    cluster_start "$PGVERSION" "$1" "shared_preload_libraries = '$preloaded'" "cron.host = '$1'" "cron.database_name = '$CITUS_DATABASE'" 'wal_level = logical' 'max_worker_processes = 24' 'max_prepared_transactions = 100' \
        "citus.local_hostname = '$1'" "citus.node_conninfo = 'sslmode=disable'" 'citus.shard_count = 8' 'citus.recover_2pc_interval = 1000' \
        'citus.defer_shard_delete_interval = 1000'
    "$PGBIN/createdb" "$CITUS_DATABASE"
    on "$1" "CREATE EXTENSION citus; ALTER DATABASE $CITUS_DATABASE SET citus.enable_unsafe_triggers = on"
}

citus_start() {
    local node
    if [ -n "${AUDIT_EXT_CITUS:-}" ]; then
        [ -n "${AUDIT_EXT_SKIP_INSTALL:-}" ] || extension_place "$ROOT/target/install/pg$PGVERSION" "$AUDIT_EXT_CITUS"
        CLUSTER_PROGRAMS=$("$AUDIT_EXT_CITUS" --bindir)
        export CLUSTER_PROGRAMS
    fi
    COORDINATOR=$(cluster_dir) WORKER1=$(cluster_dir) WORKER2=$(cluster_dir) SPARE=$(cluster_dir)
    NODES=("$COORDINATOR" "$WORKER1" "$WORKER2")
    for node in "${NODES[@]}" "$SPARE"; do citus_node "$node"; done
    on "$COORDINATOR" "SELECT citus_set_coordinator_host('$COORDINATOR', 5432)" >/dev/null
    citus_join "$WORKER1"
    citus_join "$WORKER2"
}

# citus_trail: CREATE EXTENSION reaches all nodes; w(n) gives workspaces and users by number.
citus_trail() {
    on "$COORDINATOR" 'CREATE EXTENSION audit_ext'
    on "$COORDINATOR" "CREATE FUNCTION w(bigint) RETURNS uuid LANGUAGE sql IMMUTABLE AS \$\$ SELECT ('00000000-0000-4000-8000-' || lpad(\$1::text, 12, '0'))::uuid \$\$"
}

# each SQL: what every node that has joined answers, in one line.
each() {
    local node answers=()
    for node in "${NODES[@]}"; do answers+=("$(on "$node" "$1")"); done
    echo "${answers[*]}"
}

# sum SQL: of the numbers that they answer.
sum() { each "$1" | tr ' ' '+' | bc; }

# as ROLE NODE SQL: as that session user; code_as the same for the SQLSTATE.
as() { PGOPTIONS='-c client_min_messages=warning' "$PGBIN/psql" -qAtX -h "$2" -p 5432 -U "$1" -d "$CITUS_DATABASE" -v ON_ERROR_STOP=1 <<<"$3"; }
code_as() {
    local sqlstate
    sqlstate=$("$PGBIN/psql" -qAtX -h "$2" -p 5432 -U "$1" -d "$CITUS_DATABASE" -v VERBOSITY=sqlstate -v ON_ERROR_STOP=1 2>&1 <<<"$3" >/dev/null |
        sed -n 's/.*ERROR:  *\([0-9A-Z]\{5\}\).*/\1/p' | head -n 1)
    echo "${sqlstate:-none}"
}

# citus_sound: no node's trail was changed, and none has a transaction left prepared.
citus_sound() {
    local node
    for node in "${NODES[@]}"; do
        check_equal 'the trail of a node is sound' 0 "$(on "$node" 'SELECT FROM audit_seal() \g /dev/null
SELECT count(*) FROM audit_verify() WHERE severity = '"'critical'")"
    done
    check_equal 'no transaction is left prepared' "$(printf '0 %.0s' "${NODES[@]}" | sed 's/ $//')" "$(each 'SELECT count(*) FROM pg_prepared_xacts')"
}
