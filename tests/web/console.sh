#!/usr/bin/env bash
# The console of examples/saas in Chromium: four eyes, markup, forged requests, readability, outages. Its pictures are in tests/out/VERSION/web/console; the
# manual's is one of them, made anew where it is missing or AUDIT_EXT_PICTURE=1.
. "$(dirname "$0")/../lib/web.sh"

web_build
web_cluster
web_test console

picture=$ROOT/docs/console.png
if [ ! -e "$picture" ] || [ -n "${AUDIT_EXT_PICTURE:-}" ]; then cp "$SCRATCH/console.png" "$picture"; fi
# size FILE: width and height of a PNG, the two numbers behind the name of its first chunk.
size() { od -An -j16 -N8 -tu1 "$1"; }
check_equal "the manual's picture of the console has the size of what the test sees" "$(size "$SCRATCH/console.png")" "$(size "$picture")"
check_equal 'the manual shows it' 2 "$(grep -l 'console\.png' "$ROOT/README.md" "$WEB/README.md" | wc -l)"
