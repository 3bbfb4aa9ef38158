#!/usr/bin/env bash
# Types and client of examples/saas: all of it compiles strictly, so do the guide's blocks; the generated types are those of the catalog; errors, retries, context.
. "$(dirname "$0")/../lib/web.sh"

# compiles DESCRIPTION PROJECT
compiles() {
    local errors
    if errors=$(cd "$WEB" && npx --no-install tsc -p "$2"); then ok "$1"; else not_ok "$1" "$errors"; fi
}

web_build
export GUIDE=$ROOT/tests/web/guide.md
(cd "$WEB" && node tests/guide.mjs)
compiles 'client, server, console and tests compile strictly' tsconfig.json
compiles "the guide's five blocks compile, as they are or with what they forget, and against the typed client" tsconfig.guide.json
# What compiles whatever it says would prove nothing.
sed -i 's/payload.actionType/42/' "$WEB/dist/guide/typed/audit-client.ts"
(cd "$WEB" && npx --no-install tsc -p tsconfig.guide.json >"$SCRATCH/wrong") || true
check_equal 'the typed client knows an argument of the wrong type' 1 "$(grep -c 'typed/audit-client.ts.*error TS2322' "$SCRATCH/wrong")"
web_cluster
web_test client
