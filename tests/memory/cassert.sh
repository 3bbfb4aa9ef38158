#!/usr/bin/env bash
# All golden tests in a server that is built with its assertions: it checks what it is given, overwrites what is freed, and looks for writes past the
# end of what was allocated.
set -euo pipefail
. "$(dirname "$0")/../lib/checked.sh"
. "$(dirname "$0")/../lib/report.sh"

checked_start postgres
TEST_TIMEOUT=3600 checked_golden "$@"
checked_stop
