#!/usr/bin/env bash
# What the tests of examples/saas share: its programs, built; a cluster with the extension and the roles of roles.sql; and the tests in TypeScript.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/cluster.sh"
. "$(dirname "${BASH_SOURCE[0]}")/report.sh"

WEB=$ROOT/examples/saas
export TEST

# From the lock, once, and without running anybody's scripts.
web_build() {
    if [ ! "$WEB/node_modules/.package-lock.json" -nt "$WEB/package-lock.json" ]; then
        say "installing what examples/saas/package-lock.json names"
        (cd "$WEB" && insistently npm ci --silent --no-progress)
        touch "$WEB/node_modules/.package-lock.json"
    fi
    (cd "$WEB" && node build.mjs)
}

# web_cluster [SETTING…]: a server of one's own, with the database "web".
web_cluster() {
    web_database "$@"
    query 'CREATE EXTENSION audit_ext' web
    "$PGBIN/psql" -X -q -v ON_ERROR_STOP=1 -d web -f "$WEB/roles.sql"
}

# web_cluster_in_schema [SETTING…]: the same with the extension in the schema audit, as README.md says of that.
web_cluster_in_schema() {
    web_database "$@"
    query 'CREATE SCHEMA audit; CREATE EXTENSION audit_ext SCHEMA audit' web
    local commands
    commands=$(sed -n '/^### A schema of its own$/,/^### /p' "$WEB/README.md" | sed -n '/^```sh$/,/^```$/p' | sed '1d;$d; s/DATABASE DATABASE/DATABASE web/; s/-d DATABASE/-d web/')
    (cd "$WEB" && PATH=$PGBIN:$PATH bash -euo pipefail -c "$commands") >/dev/null
    check_equal 'an exporter reads the figures in a schema of its own' t "$(PGUSER=audit_monitor query 'SELECT count(*) > 10 FROM audit_metrics()' web)"
    # For what the tests ask by themselves.
    query 'ALTER ROLE postgres IN DATABASE web SET search_path = audit, public' web
}

web_database() {
    cluster_start "$PGVERSION" "$(cluster_dir)" "$@"
    export PGDATABASE=web
    query 'CREATE DATABASE web TEMPLATE template0'
    # For tests that stop and start it.
    export -f as_server server_user
}

# web_test NAME: the tests of examples/saas/tests/NAME.test.ts.
web_test() {
    (cd "$WEB" && OUT=$SCRATCH NODE_NO_WARNINGS=1 timeout 120 node --experimental-websocket --enable-source-maps --test-force-exit \
        --test-reporter=./tests/reporter.mjs "dist/tests/$1.test.js") || true
}
