#!/usr/bin/env bash
# Builds the extension for one PostgreSQL and installs it there.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/postgres.sh"

# With AUDIT_EXT_LINTED=1 clippy compiles our own crates, and what it finds is an error: it is the compiler that says more. Checking alone would read all that others
# wrote a second time.
if [ -n "${AUDIT_EXT_LINTED:-}" ]; then
    export RUSTC_WORKSPACE_WRAPPER=clippy-driver CLIPPY_ARGS=-D__CLIPPY_HACKERY__warnings__CLIPPY_HACKERY__
fi

pg_major() { "$1" --version | sed -E 's/^PostgreSQL ([0-9]+).*/\1/'; }

pg_config_program() { realpath -s "$(command -v "$1")" 2>/dev/null || die "no program $1: set PG_CONFIG to the pg_config of the server"; }

# Dies unless an extension can be built for the server: distributions ship its headers apart from it.
extension_buildable() {
    local version headers
    version=$(pg_major "$1")
    [[ " ${PG_VERSIONS[*]} " == *" $version "* ]] || die "$1 is of PostgreSQL $version; audit_ext is for PostgreSQL 15 to 18"
    headers=$("$1" --includedir-server)
    [ -f "$headers/postgres.h" ] || die "the server headers of PostgreSQL $version are missing (no $headers/postgres.h). Install them:
  Debian, Ubuntu:  apt-get install postgresql-server-dev-$version
  Fedora, RHEL:    dnf install postgresql-server-devel, or postgresql$version-devel if the server is postgresql$version-server"
}

# Takes the headers of this very server. Those that config.toml names are the same for its private copy, and pgrx would be rebuilt for another name.
extension_headers() {
    local version
    version=$(pg_major "$1")
    grep -qF "\"$1\"" "$PGRX_HOME/config.toml" && return
    [ "$(realpath "$1")" = "$(realpath -m "$(pg_bin "$version")/pg_config")" ] && grep -q "^pg$version = " "$PGRX_HOME/config.toml" && return
    extension_buildable "$1"
    export PGRX_PG_CONFIG_PATH=$1
}

# The same for the commands of cargo that know no pg_config: extension_headers_of VERSION.
extension_headers_of() { extension_headers "$(pg_bin "$1")/pg_config"; }

# alone COMMAND…: while nobody else builds in this checkout. cargo waits for its own turn only: cargo-pgrx takes the library away after it, and builds for two
# versions have one place for theirs.
alone() {
    if [ -n "${BUILDS_ALONE:-}" ] || [ -z "$(command -v flock)" ]; then
        "$@"
    else
        mkdir -p "$TOOLCHAIN"
        (
            flock 9
            BUILDS_ALONE=1 "$@"
        ) 9>"$TOOLCHAIN/build.lock"
    fi
}

# Runs cargo-pgrx for a pg_config: extension_cargo <verb> <profile> <pg_config> [options]
extension_cargo() {
    local verb=$1 profile=$2 pg_config version
    pg_config=$(pg_config_program "$3")
    version=$(pg_major "$pg_config")
    shift 3
    (
        cd "$ROOT"
        extension_headers "$pg_config"
        alone "$PGRX_TOOL" pgrx "$verb" --profile "$profile" --no-default-features --features "pg$version" --pg-config "$pg_config" "$@"
    )
}

extension_build() {
    local profile=$1 pg_config version
    pg_config=$(pg_config_program "$2")
    version=$(pg_major "$pg_config")
    (
        cd "$ROOT"
        extension_headers "$pg_config"
        "$CARGO" build --profile "$profile" --no-default-features --features "pg$version"
    )
    extension_programs "$profile"
}

# The programs for people without a server, or beside one: they are the same for each version. Made at once, so that what both need is compiled once.
EXTENSION_PROGRAMS=(audit-verify audit-cold)
# What cargo works on for the programs; and for the extension, which asks other features of the same crates, so that these are compiled once for each.
PROGRAM_PACKAGES=(--package audit_evidence --package audit_cold --features audit_evidence/cold)
EXTENSION_PACKAGES=(--workspace --exclude audit_evidence --exclude audit_cold)
extension_programs() {
    (cd "$ROOT" && "$CARGO" build --profile "$1" "${PROGRAM_PACKAGES[@]}" --bin audit-verify --bin audit-cold)
}

# extension_files PROFILE PG_CONFIG FOLDER: all that is installed, each file where it belongs under the folder: what cargo-pgrx makes, and the programs
# among those of the server.
extension_files() {
    local profile=$1 pg_config=$2 folder=$3 programs program
    programs=$folder$("$pg_config" --bindir)
    rm -rf "$folder"
    extension_cargo package "$profile" "$pg_config" --out-dir "$folder" || return
    # What the profile dev looks for, faults of memory in the server, programs without unsafe code do not have.
    [ "$profile" != dev ] || profile=ci
    extension_programs "$profile" || return
    mkdir -p "$programs"
    for program in "${EXTENSION_PROGRAMS[@]}"; do cp "${CARGO_TARGET_DIR:-$ROOT/target}/$profile/$program" "$programs/"; done
}

# Puts a file in the place of another in one step: running servers have the library mapped, and what they have mapped must not change.
extension_replace() {
    local file=$1 destination=$2
    "${3:-env}" install -m "$(stat -c %a "$file")" "$file" "$destination.new"
    "${3:-env}" mv -f "$destination.new" "$destination"
}

# extension_place FOLDER PG_CONFIG: what extension_cargo package, or extension_files, made in a folder, into the server; the library first, for it serves
# old SQL.
extension_place() {
    local folder=$1 libraries sql programs file program with=env
    libraries=$("$2" --pkglibdir) sql=$("$2" --sharedir)/extension programs=$("$2" --bindir)
    [ -w "$libraries" ] && [ -w "$sql" ] && [ -w "$programs" ] || with=sudo
    extension_replace "$(find "$folder" -name audit_ext.so)" "$libraries/audit_ext.so" $with
    while read -r file; do extension_replace "$file" "$sql/$(basename "$file")" $with; done < <(find "$folder" -name '*.sql')
    extension_replace "$(find "$folder" -name audit_ext.control)" "$sql/audit_ext.control" $with
    for program in "${EXTENSION_PROGRAMS[@]}"; do
        while read -r file; do extension_replace "$file" "$programs/$program" $with; done < <(find "$folder" -type f -name "$program")
    done
}

extension_install() {
    local profile=$1 pg_config folder
    pg_config=$(pg_config_program "$2")
    (extension_headers "$pg_config") || return
    for folder in "$("$pg_config" --pkglibdir)" "$("$pg_config" --sharedir)/extension" "$("$pg_config" --bindir)"; do
        [ -w "$folder" ] || [ -n "${SUDO:-}" ] || die "cannot write to $folder: run as root, or with SUDO=1 to build as yourself and copy with sudo"
    done
    folder=$ROOT/target/install/pg$(pg_major "$pg_config")
    extension_files "$profile" "$pg_config" "$folder" || return
    extension_place "$folder" "$pg_config"
    say "installed into $("$pg_config" --pkglibdir), $("$pg_config" --sharedir)/extension and $("$pg_config" --bindir)"
}

# extension_sources PROFILE: what an installation is made of.
extension_sources() {
    echo "$1"
    (cd "$ROOT" && find src sql crates Cargo.toml Cargo.lock rust-toolchain.toml audit_ext.control -type f ! -name '*.md' ! -name '*.txt' -print0 | sort -z | xargs -0 cksum)
}

# extension_installed PG_CONFIG: what there is, so that it shows when somebody replaces it.
extension_installed() {
    local program
    cksum 2>/dev/null <"$("$1" --pkglibdir)/audit_ext.so" || echo missing
    cksum 2>/dev/null <"$("$1" --sharedir)/extension/audit_ext.control" || echo missing
    for program in "${EXTENSION_PROGRAMS[@]}"; do cksum 2>/dev/null <"$("$1" --bindir)/$program" || echo missing; done
}

# extension_fingerprint PROFILE PG_CONFIG: both.
extension_fingerprint() {
    extension_sources "$1"
    extension_installed "$2"
}

# Installs into the private server of a version unless exactly this is there already; AUDIT_EXT_SKIP_INSTALL=1 takes what is there. Tests may run on that
# server meanwhile: each file is there at any time.
extension_ensure() {
    local profile=$1 version=$2 pg_config stamp sources file
    pg_prepare "$version"
    pg_config=$(pg_bin "$version")/pg_config
    stamp=$TOOLCHAIN/installed/pg$version
    [ -n "${AUDIT_EXT_SKIP_INSTALL:-}" ] && return
    # Taken before the build: what is changed meanwhile is not in it.
    sources=$(extension_sources "$profile")
    [ "$(extension_fingerprint "$profile" "$pg_config")" = "$(cat "$stamp" 2>/dev/null)" ] && return
    say "building audit_ext ($profile) for PostgreSQL $version"
    rm -f "$stamp"
    extension_install "$profile" "$pg_config" || return
    # Upgrade scripts that no longer exist must not stay behind.
    for file in "$("$pg_config" --sharedir)"/extension/audit_ext--*.sql; do
        [ -n "$(find "$ROOT/target/install/pg$version" -name "$(basename "$file")")" ] || rm -f "$file"
    done
    mkdir -p "$(dirname "$stamp")"
    printf '%s\n' "$sources" "$(extension_installed "$pg_config")" >"$stamp"
}
