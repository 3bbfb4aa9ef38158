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
# A copy in another folder, with the same packages.
blank="$SCRATCH/a folder with blanks"
mkdir -p "$blank"
tar -c -C "$WEB" --exclude ./node_modules --exclude ./dist . | tar -x -C "$blank"
ln -sfn "$WEB/node_modules" "$blank/node_modules"
query 'CREATE SCHEMA demo CREATE TABLE workspaces (id uuid, name text) CREATE TABLE people (id uuid, p integer)' web
(cd "$blank" && node build.mjs && PORT=0 exec timeout 20 node demo.mjs) >"$SCRATCH/demo" 2>&1 &
demo=$!
while kill -0 "$demo" 2>/dev/null && ! grep -qs '#token=' "$SCRATCH/demo"; do sleep 0.1; done
kill "$demo" 2>/dev/null || true
wait "$demo" || true
check_equal 'build and demo work in a folder whose name has blanks' 1 "$(grep -c '^The console is at http://127' "$SCRATCH/demo")"
query 'DROP SCHEMA demo CASCADE' web
web_test client
