#!/usr/bin/env bash
# PostgreSQL's own regression tests in a database with the extension: nothing that is not the extension's behaves otherwise for it.
set -euo pipefail
. "$(dirname "$0")/../lib/regress.sh"

if ! regress_prepare; then
    not_ok 'there are tests of PostgreSQL' 'no source of it can be fetched'
    exit
fi
regress_suite regress parallel_schedule
