#!/usr/bin/env bash
# Proves that `make install` for a server without its headers, or of a version that is not supported, says so, and what to install: a compiler's
# errors about a missing postgres.h would tell nobody.
set -euo pipefail
. "$(dirname "$0")/../lib/report.sh"
root=$(cd "$(dirname "$0")/../.." && pwd)

# pg_config_that OPTION ANSWER: the server's pg_config, but for one answer.
pg_config_that() {
    cat >"$SCRATCH/pg_config" <<END
#!/bin/sh
if [ "\$1" = $1 ]; then echo '$2'; else exec '$PGBIN/pg_config' "\$@"; fi
END
    chmod +x "$SCRATCH/pg_config"
}

# says TEXT VERB: whether make VERB fails with this text, and with no word of what builds.
says() {
    if make -s -C "$root" "$2" PG_CONFIG="$SCRATCH/pg_config" >"$SCRATCH/make" 2>&1; then
        echo 'it was built'
    elif grep -qF "$1" "$SCRATCH/make" && ! grep -Eq 'bindgen|panicked|Compiling|cargo' "$SCRATCH/make"; then
        echo 'it says so'
    else
        tail -n 5 "$SCRATCH/make"
    fi
}

pg_config_that --includedir-server /nowhere
for verb in install all package; do
    check_equal "make $verb without headers: Debian's package" 'it says so' "$(says "apt-get install postgresql-server-dev-$PGVERSION" "$verb")"
done
check_equal "... Fedora's package" 'it says so' "$(says 'dnf install postgresql-server-devel' install)"
check_equal "... and that of PostgreSQL's own packages" 'it says so' "$(says "postgresql$PGVERSION-devel" install)"
pg_config_that --version 'PostgreSQL 14.20'
check_equal 'make install for PostgreSQL 14: which versions are supported' 'it says so' "$(says 'audit_ext is for PostgreSQL 15 to 18' install)"
