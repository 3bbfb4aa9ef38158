#!/usr/bin/env bash
# Proves that two sessions can make the same months at once: each month is made by one of them, and neither gets an error.
set -euo pipefail
. "$(dirname "$0")/../lib/report.sh"

database_with_trail concurrency

# One after the other, with the first still open: the second waits for it and then finds nothing to do.
in_background first concurrency "BEGIN; SELECT count(*) FROM create_monthly_audit_partition(4); SELECT pg_sleep(1); COMMIT;"
first=$!
await concurrency "$(asleep first)"
check_equal 'the second session makes nothing and gets no error' 0 "$(query 'SELECT count(*) FROM create_monthly_audit_partition(4)' concurrency 2>&1)"
wait "$first"
check_equal 'the first made the two months of both tables' 4 "$(head -n 1 "$SCRATCH/first.log")"

# ... and if the first undoes what it did, the second makes them.
in_background first concurrency "BEGIN; SELECT count(*) FROM create_monthly_audit_partition(6); SELECT pg_sleep(1); ROLLBACK;"
first=$!
await concurrency "$(asleep first)"
check_equal 'the second session makes what the first undid' 4 "$(query 'SELECT count(*) FROM create_monthly_audit_partition(6)' concurrency 2>&1)"
wait "$first"

# Both at once, again and again, months ahead and months with strays.
for round in {1..10}; do
    query "INSERT INTO audit_events (created_at, action_type, resource_type, workspace_id, created_by_user_id)
        VALUES (date_trunc('month', now()) - interval '$((12 - round)) months' + interval '1 day', 'OLD', 'thing', w(1), w(1))" concurrency
    rivals=()
    for session in 1 2 3; do
        in_background "rival.$round.$session" concurrency "SELECT create_monthly_audit_partition($((6 + round)))"
        rivals+=($!)
    done
    for pid in "${rivals[@]}"; do wait "$pid" || true; done
done
check_equal 'three at once, ten times: no error' '' "$(grep -h ERROR "$SCRATCH"/rival.* || true)"
check_equal '... and no warning' '' "$(grep -h WARNING "$SCRATCH"/rival.* || true)"
made=$(cat "$SCRATCH"/rival.* | grep '^audit_events' | sort)
check_equal '... each month is made once (ten strays and ten ahead, of both tables)' "40 40" "$(wc -l <<<"$made") $(sort -u <<<"$made" | wc -l)"
check_equal '... and is a partition with its guard' 40 "$(query "SELECT count(*) FROM pg_inherits, pg_trigger
    WHERE tgrelid = inhrelid AND tgname = 'audit_events_truncate_guard' AND tgenabled = 'A'
    AND inhrelid::regclass::text = ANY ('{$(tr '\n' ',' <<<"$made" | sed 's/,$//')}')" concurrency)"
check_equal '... and no row is left in the default partition' 0 "$(query 'SELECT count(*) FROM audit_events_default' concurrency)"
database_drop concurrency
