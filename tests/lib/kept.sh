#!/usr/bin/env bash
# A server that outlives the command that started it, one at a time: for the demo, and to look into what a test did.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/cluster.sh"
. "$(dirname "${BASH_SOURCE[0]}")/install.sh"

# The server lives in /tmp (see server_folder); the files in this folder remember where, and which database is looked into.
KEPT=${AUDIT_EXT_KEPT:-$TOOLCHAIN/kept}

kept_folder() { cat "$KEPT/folder" 2>/dev/null || true; }

kept_running() { [ -n "$(kept_folder)" ] && cluster_running "$(kept_folder)/server"; }

kept_stop() {
    local folder
    folder=$(kept_folder)
    [ -n "$folder" ] || return 0
    cluster_stop "$folder/server"
    rm -rf "$folder" "$KEPT"
}

# kept_start VERSION PROFILE DATABASE: builds what changed, stops the server before, and starts one with an empty database.
kept_start() {
    local folder
    toolchain_setup
    kept_stop
    extension_ensure "$2" "$1"
    say "starting a PostgreSQL $1 server"
    folder=$(server_folder audit_ext-kept)
    mkdir -p "$KEPT"
    echo "$folder" >"$KEPT/folder"
    echo "$3" >"$KEPT/database"
    CLUSTER_TREES=$folder cluster_start "$1" "$folder/server"
    cluster_keep "$folder/server"
    "$PGBIN/createdb" -T template0 "$3"
    export PGDATABASE=$3
}

# Points PGHOST, PGBIN, PGDATABASE … at it.
kept_use() {
    kept_running || die "no server is running: make demo or make debug T=golden/trail starts one"
    cluster_use "$(kept_folder)/server"
    PGDATABASE=$(cat "$KEPT/database")
}
