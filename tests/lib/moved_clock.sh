#!/usr/bin/env bash
# A server whose clock a test moves, with faketime.
. "$(dirname "${BASH_SOURCE[0]}")/cluster.sh"

# cluster_start_with_clock VERSION DIR: false when the clock cannot be moved here, which is told as a failure.
cluster_start_with_clock() {
    local faketime
    faketime=$(ls /usr/lib/*/faketime/libfaketime.so.1 2>/dev/null | head -n 1 || true)
    if [ -z "$faketime" ]; then
        not_ok 'the clock can be moved' 'faketime is needed (Debian: apt-get install faketime)'
        return 1
    fi
    cluster_start "$1" "$2"
    cluster_stop "$2"
    clock=$2/clock
    turn +0
    as_server env LD_PRELOAD="$faketime" FAKETIME_TIMESTAMP_FILE="$clock" FAKETIME_NO_CACHE=1 FAKETIME_DONT_FAKE_MONOTONIC=1 "$PGBIN/pg_ctl" start -w -s -D "$2/data" -l "$2/log"
}

# turn OFFSET: in one step, for all processes of the server.
turn() {
    echo "$1" >"$clock.new"
    chmod a+r "$clock.new"
    mv "$clock.new" "$clock"
}
