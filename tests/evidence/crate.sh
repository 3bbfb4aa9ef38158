#!/usr/bin/env bash
# Proves that other people's programs and crates read what the evidence crate writes; what a live database gives them is in files.sh.
set -euo pipefail
. "$(dirname "$0")/../lib/report.sh"

# It asks no server.
if [ "$PGVERSION" != 18 ]; then
    ok 'the crate is checked once, with version 18'
    exit
fi
"$(dirname "$0")/outside" | sed "s|^\(not \)\?ok |&$TEST: |" || true
