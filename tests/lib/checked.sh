#!/usr/bin/env bash
# A server that checks itself: built from source with its assertions on, what is freed overwritten, and told to valgrind. In .toolchain, once.
#
# Its second program postgres.releasing also gives back what it knows of a relation or a row of the catalog as soon as nobody holds it.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/source.sh"
. "$(dirname "${BASH_SOURCE[0]}")/install.sh"
. "$(dirname "${BASH_SOURCE[0]}")/cluster.sh"

# Of this version: the distribution has its source, with the scanner and the parser made.
CHECKED_VERSION=15
# What golden tests create besides.
CHECKED_MODULES=(amcheck citext pg_trgm postgres_fdw)
CHECKED_OPTIONS=(--enable-cassert --enable-debug --disable-rpath --without-readline --without-zlib CFLAGS='-O1 -fno-omit-frame-pointer'
    CPPFLAGS=-DUSE_VALGRIND LDFLAGS="-Wl,-rpath,'\$\$ORIGIN/../lib'")

# Laid out as the copies of the distribution's servers are, but that all of it is in lib.
checked_tree() { echo "$TOOLCHAIN/checked$CHECKED_VERSION"; }

# Builds it unless it is there, nothing in it that the tests do not need; its programs find their library relative to themselves.
checked_server() {
    local tree source build=$TOOLCHAIN/checked-build made="${CHECKED_OPTIONS[*]} ${CHECKED_MODULES[*]}"
    tree=$(checked_tree)
    [ "$(cat "$tree/stamp" 2>/dev/null)" != "$made" ] || return 0
    source=$(source_tree "$CHECKED_VERSION")
    say "building PostgreSQL $CHECKED_VERSION with assertions into $tree (some minutes, once)"
    rm -rf "$build" "$tree"
    mkdir -p "$build"
    (
        cd "$build" && "$source/configure" --quiet --prefix="$tree/lib/postgresql/$CHECKED_VERSION" "${CHECKED_OPTIONS[@]}" &&
            make -s -j "$(nproc)" && make -s install && for module in "${CHECKED_MODULES[@]}"; do make -s -C "contrib/$module" install || exit; done &&
            rm src/backend/utils/cache/{relcache,catcache}.o src/backend/postgres &&
            make -s -C src/backend/utils/cache COPT='-DRELCACHE_FORCE_RELEASE -DCATCACHE_FORCE_RELEASE' relcache.o catcache.o &&
            make -s -C src/backend postgres && ! cmp -s src/backend/postgres "$(pg_bin "$CHECKED_VERSION" "$tree")/postgres" &&
            install src/backend/postgres "$(pg_bin "$CHECKED_VERSION" "$tree")/postgres.releasing"
    ) >"$TOOLCHAIN/checked-build.log" 2>&1 || {
        tail -n 20 "$TOOLCHAIN/checked-build.log" >&2
        return 1
    }
    rm -rf "$build"
    mkdir -p "$tree/share"
    echo "$made" >"$tree/stamp"
}

# Builds the extension for it, with debug assertions and in a folder of its own, since the headers are others than those of the distribution's server.
checked_extension() {
    local pg_config folder=$ROOT/target/checked/install stamp=$TOOLCHAIN/installed/checked$CHECKED_VERSION
    [ -z "${AUDIT_EXT_SKIP_INSTALL:-}" ] || return 0
    pg_config=$(pg_bin "$CHECKED_VERSION" "$(checked_tree)")/pg_config
    [ "$(extension_fingerprint dev "$pg_config")" != "$(cat "$stamp" 2>/dev/null)" ] || return 0
    say "building audit_ext (dev) for PostgreSQL $CHECKED_VERSION with assertions"
    rm -rf "$folder" "$stamp"
    CARGO_TARGET_DIR=$ROOT/target/checked extension_cargo package dev "$pg_config" --out-dir "$folder" >&2 || return
    extension_place "$folder" "$pg_config"
    mkdir -p "$(dirname "$stamp")"
    extension_fingerprint dev "$pg_config" >"$stamp"
}

# checked_start PROGRAM [CONFIGURATION…]: builds what is missing and starts such a server (postgres or postgres.releasing), in the folder $CHECKED.
checked_start() {
    local program=$1
    shift
    toolchain_setup
    checked_server || die "the server does not build"
    checked_extension || die "the extension does not build"
    CHECKED=$(cluster_dir) CLUSTER_OWN_TREE=$CLUSTER_TMP/checked
    cluster_copy_programs "$CHECKED_VERSION" "$(checked_tree)" "$CLUSTER_OWN_TREE"
    cluster_programs "$CHECKED_VERSION"
    [ "$program" = postgres ] || mv "$PGBIN/$program" "$PGBIN/postgres"
    cluster_start "$CHECKED_VERSION" "$CHECKED" "$@"
}

# checked_golden [NAME…]: golden tests there, all of them without a name, each line under the name of this test.
checked_golden() {
    OUT=$SCRATCH THROWAWAY=1 "$ROOT/tests/suites/golden" "$@" </dev/null | sed -u -E "s#^(not )?ok golden/#\1ok $TEST: golden/#"
}

# No process of it died, however the tests ended.
checked_stop() {
    local deaths
    cluster_stop "$CHECKED"
    cp "$CHECKED/log" "$SCRATCH/server.log"
    deaths=$(grep -E 'TRAP:|PANIC|terminated by signal|panicked at|WARNING:  (problem in alloc set|detected write past)|WARNING:  .*leak' "$CHECKED/log" | head -n 20 || true)
    if [ -z "$deaths" ]; then ok "no assertion failed and no process died"; else not_ok "no assertion failed and no process died" "$deaths"; fi
}
