#!/usr/bin/env bash
# Builds the extension for one PostgreSQL and installs it there.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/postgres.sh"

pg_major() { "$1" --version | sed -E 's/^PostgreSQL ([0-9]+).*/\1/'; }

pg_config_program() { command -v "$1" || die "no program $1: set PG_CONFIG to the pg_config of the server"; }

# Runs cargo-pgrx for a pg_config: extension_cargo <install|package> <profile> <pg_config> [options]
extension_cargo() {
    local verb=$1 profile=$2 pg_config version
    pg_config=$(pg_config_program "$3")
    version=$(pg_major "$pg_config")
    shift 3
    (
        cd "$ROOT"
        # The headers have to be those of this very server; a version from config.toml is left alone, or pgrx would be rebuilt.
        case $pg_config in
        "$(pg_bin "$version")/pg_config") ;;
        *) grep -qF "\"$pg_config\"" "$PGRX_HOME/config.toml" || export PGRX_PG_CONFIG_PATH=$pg_config ;;
        esac
        "$PGRX_TOOL" pgrx "$verb" --profile "$profile" --no-default-features --features "pg$version" --pg-config "$pg_config" "$@"
    )
}

extension_install() {
    local profile=$1 pg_config folder options=()
    pg_config=$(pg_config_program "$2")
    for folder in "$("$pg_config" --pkglibdir)" "$("$pg_config" --sharedir)/extension"; do
        [ -w "$folder" ] && continue
        [ -n "${SUDO:-}" ] || die "cannot write to $folder: run as root, or with SUDO=1 to build as yourself and copy with sudo"
        options=(--sudo)
    done
    extension_cargo install "$profile" "$pg_config" "${options[@]}"
}

# What an installation was made of, and that nobody replaced the library since.
extension_fingerprint() {
    local profile=$1 pg_config=$2
    echo "$profile"
    (cd "$ROOT" && find src sql Cargo.toml Cargo.lock audit_ext.control -type f -print0 | sort -z | xargs -0 cksum)
    cksum 2>/dev/null <"$("$pg_config" --pkglibdir)/audit_ext.so" || echo missing
}

# Installs into the private server of a version unless exactly this is there already; AUDIT_EXT_SKIP_INSTALL=1 takes what is there.
extension_ensure() {
    local profile=$1 version=$2 pg_config stamp
    pg_prepare "$version"
    pg_config=$(pg_bin "$version")/pg_config
    stamp=$TOOLCHAIN/installed/pg$version
    [ -n "${AUDIT_EXT_SKIP_INSTALL:-}" ] && return
    [ "$(extension_fingerprint "$profile" "$pg_config")" = "$(cat "$stamp" 2>/dev/null)" ] && return
    say "building audit_ext ($profile) for PostgreSQL $version"
    # Upgrade scripts that no longer exist must not stay behind.
    rm -f "$("$pg_config" --sharedir)"/extension/audit_ext* "$stamp"
    extension_install "$profile" "$pg_config" || return
    mkdir -p "$(dirname "$stamp")"
    extension_fingerprint "$profile" "$pg_config" >"$stamp"
}
