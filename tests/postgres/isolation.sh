#!/usr/bin/env bash
# PostgreSQL's own isolation tests in a database with the extension: no session waits, fails or sees otherwise for it.
set -euo pipefail
. "$(dirname "$0")/../lib/regress.sh"

if ! regress_prepare; then
    not_ok 'there are tests of PostgreSQL' 'no source of it can be fetched'
    exit
fi
regress_suite isolation isolation_schedule
