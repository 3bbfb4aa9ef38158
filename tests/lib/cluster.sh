#!/usr/bin/env bash
# Throw-away clusters of any major version, as root or not: socket only, trust, no fsync, gone when the script ends.
#
#   cluster_start 18 "$(cluster_dir)" "max_connections = 50"    initdb (first time) and start; points PGHOST, PGBIN … at it
#   cluster_own_programs VERSION     a copy of the server's programs for this script alone, for cluster_start to start from here on
#   cluster_use DIR      points PGHOST, PGBIN … at a cluster started before
#   cluster_stop DIR [smart|fast|immediate]      cluster_kill DIR (SIGKILL to every process of it)
#   as_server CMD …      runs a program the server's user must run (initdb, pg_ctl, pg_upgrade); absolute paths, cwd is /
#
# A cluster's folder holds data/, log and the socket. For pg_cron pass "shared_preload_libraries = 'pg_cron'" and "cron.host = 'DIR'".
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/postgres.sh"

CLUSTERS=()

server_user() {
    if [ "$(id -u)" -ne 0 ]; then id -un; elif id postgres >/dev/null 2>&1; then echo postgres; else echo nobody; fi
}

as_server() {
    local user
    user=$(server_user)
    (
        cd /
        if [ "$(id -u)" -eq 0 ]; then
            exec setpriv --reuid="$user" --regid="$(id -g "$user")" --clear-groups env -u RUST_BACKTRACE HOME=/ "$@"
        fi
        exec env -u RUST_BACKTRACE "$@"
    )
}

# A folder of the server's user in /tmp: a checkout can be unreadable for that user, and its path too long for a socket.
server_folder() {
    local folder
    folder=$(mktemp -d "/tmp/$1.XXXXXX")
    chown "$(server_user)" "$folder"
    echo "$folder"
}

CLUSTER_TMP=$(server_folder audit_ext)
cluster_dir() { mktemp -u "$CLUSTER_TMP/c.XXXX"; }

# Sets PGBIN: the private tree, or a copy of it where the server's user cannot reach that; with CLUSTER_PROGRAMS, programs of somebody else's server.
cluster_programs() {
    local version=$1 tree copy
    if [ -n "${CLUSTER_PROGRAMS:-}" ]; then
        PGBIN=$CLUSTER_PROGRAMS
        return
    fi
    tree=$(pg_tree "$version")
    if [ -n "${CLUSTER_OWN_TREE:-}" ]; then
        PGBIN=$(pg_bin "$version" "$CLUSTER_OWN_TREE")
        return
    fi
    PGBIN=$(pg_bin "$version")
    local library control
    library=$("$PGBIN/pg_config" --pkglibdir)/audit_ext.so
    control=$("$PGBIN/pg_config" --sharedir)/extension/audit_ext.control
    if as_server test -x "$PGBIN/postgres"; then
        { [ ! -e "$library" ] || as_server test -r "$library"; } && { [ ! -e "$control" ] || as_server test -r "$control"; } && return
    fi
    copy=${CLUSTER_TREES:-$CLUSTER_TMP}/pg$version
    PGBIN=$(pg_bin "$version" "$copy")
    [ -d "$copy" ] || cluster_copy_programs "$version" "$tree" "$copy"
}

cluster_copy_programs() {
    local version=$1 tree=$2 copy=$3 folder
    mkdir -p "$copy"
    for folder in $(pg_folders "$version"); do cp -R "$tree/$folder" "$copy"; done
    chmod -R a+rX "$copy"
}

cluster_own_programs() {
    CLUSTER_OWN_TREE=$CLUSTER_TMP/own
    cluster_copy_programs "$1" "$(pg_tree "$1")" "$CLUSTER_OWN_TREE"
    cluster_programs "$1"
}

cluster_use() {
    export PGHOST=$1 PGPORT=5432 PGUSER=postgres PGDATABASE=postgres PGBIN PGVERSION
    PGBIN=$(cat "$1/programs")
    PGVERSION=$(cat "$1/data/PG_VERSION")
}

cluster_init() {
    local dir=$1
    mkdir -p "$dir"
    chown "$(server_user)" "$dir"
    as_server "$PGBIN/initdb" -D "$dir/data" -U postgres -A trust --no-sync -E UTF8 --locale=C.UTF-8 >/dev/null
    cat >>"$dir/data/postgresql.conf" <<CONF
listen_addresses = ''
unix_socket_directories = '$dir'
port = 5432
fsync = off
timezone = 'UTC'
log_timezone = 'UTC'
max_connections = 200
max_prepared_transactions = 20
# Debian's servers would compile for seconds what a test runs once.
jit = off
CONF
}

cluster_start() {
    local version=$1 dir=$2 line
    shift 2
    cluster_programs "$version"
    [ -d "$dir/data" ] || cluster_init "$dir"
    echo "$PGBIN" >"$dir/programs"
    for line in "$@"; do echo "$line" >>"$dir/data/postgresql.conf"; done
    CLUSTERS+=("$dir")
    if ! as_server "$PGBIN/pg_ctl" start -w -s -D "$dir/data" -l "$dir/log"; then
        tail -n 20 "$dir/log" >&2
        return 1
    fi
    cluster_use "$dir"
}

# A process that ended and waits to be reaped is gone.
process_alive() { [ -r "/proc/$1/status" ] && ! grep -q '^State:[[:space:]]*Z' "/proc/$1/status" 2>/dev/null; }

cluster_running() { [ -f "$1/data/postmaster.pid" ] && process_alive "$(head -n 1 "$1/data/postmaster.pid")"; }

cluster_stop() {
    cluster_running "$1" || return 0
    as_server "$(cat "$1/programs")/pg_ctl" stop -w -s -D "$1/data" -m "${2:-fast}"
}

cluster_kill() {
    local postmaster pid processes
    postmaster=$(head -n 1 "$1/data/postmaster.pid")
    # The postmaster stands still first, so that it cannot start a process after the list is taken.
    kill -STOP "$postmaster"
    mapfile -t processes < <(grep -ls "^PPid:[[:space:]]*$postmaster$" /proc/[0-9]*/status | cut -d / -f 3)
    kill -KILL "$postmaster" "${processes[@]}"
    for pid in "$postmaster" "${processes[@]}"; do
        while process_alive "$pid"; do sleep 0.05; done
    done
    # In a container nobody may reap the postmaster; its lock files would then look like those of a running server.
    [ ! -e "/proc/$postmaster" ] || rm -f "$1/data/postmaster.pid" "$1"/.s.PGSQL.*
}

# Lets a cluster outlive the script.
cluster_keep() {
    local dir kept=()
    for dir in "${CLUSTERS[@]}"; do [ "$dir" = "$1" ] || kept+=("$dir"); done
    CLUSTERS=("${kept[@]}")
}

cluster_cleanup() {
    local dir
    for dir in "${CLUSTERS[@]}"; do cluster_stop "$dir" immediate || true; done
    rm -rf "$CLUSTER_TMP"
}
trap cluster_cleanup EXIT
trap 'exit 130' INT TERM
