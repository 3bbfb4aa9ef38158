#!/usr/bin/env bash
# All golden tests in a server that keeps nothing of the catalog longer than somebody holds it: what was used of it for too long is overwritten by then.
#
# It takes ten times as long. The server's debug_discard_caches would take hundreds of times, and change what the tests of the fast path see.
set -euo pipefail
. "$(dirname "$0")/../lib/checked.sh"
. "$(dirname "$0")/../lib/report.sh"

checked_start postgres.releasing
TEST_TIMEOUT=3600 checked_golden "$@"
checked_stop
