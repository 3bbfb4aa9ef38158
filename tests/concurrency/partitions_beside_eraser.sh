#!/usr/bin/env bash
# Proves that whoever has read the trail in a transaction and erases in it, and months that are being made, do not wait for each other until both give up: the reader holds a lock that the months
# need, and waits for them. No single moment shows that to PostgreSQL, because months are asked for in short attempts.
set -euo pipefail
. "$(dirname "$0")/../lib/report.sh"

database_with_trail concurrency
query "SELECT insert_audit_event('A', 'thing', NULL, w(1), w(70))" concurrency >/dev/null
coproc ERASER { exec "$PGBIN/psql" -XqAt -d concurrency 2>&1; }
eraser=$ERASER_PID eraser_in=${ERASER[1]}
printf '%s\n' 'BEGIN;' 'SELECT count(*) > 0 FROM audit_events;' >&"$eraser_in"
read -r _ <&"${ERASER[0]}"
in_background months concurrency "SELECT count(*) FROM create_monthly_audit_partition(9)"
months=$!
await concurrency "EXISTS (SELECT FROM pg_locks WHERE mode = 'ShareLock' AND locktype = 'object' AND classid = 'audit_events'::regclass AND granted)"
began=$(milliseconds)
printf '%s\n' "SELECT deleted_count FROM delete_user_audit_events_compliant(w(70), w(1), 'GDPR', 'T-1');" 'COMMIT;' '\q' >&"$eraser_in"
read -r answer <&"${ERASER[0]}"
wait "$eraser" 2>/dev/null || true
wait "$months" || true
check_between 'both come to an end before the ten seconds of a turn are over, milliseconds' 0 7000 $(($(milliseconds) - began))
# On a slow machine PostgreSQL may see both wait, and the eraser gives way.
told=$(grep -c 'gave up waiting for a lock' "$SCRATCH/months.log" || true)
check_equal 'one of them is done' t "$([ "$answer" = 1 ] || [ "$told" = 0 ] && echo t)"
check_equal '... and then the other' 'f t' "$(query "SELECT deleted_count FROM delete_user_audit_events_compliant(w(70), w(1), 'GDPR', 'T-2')" concurrency >/dev/null
    query 'SELECT count(*) FROM create_monthly_audit_partition(9)' concurrency >/dev/null 2>&1
    query "SELECT bool_or(deleted_at IS NULL), to_regclass('audit_events_' || to_char(now() AT TIME ZONE 'UTC' + interval '9 months', 'YYYY_MM')) IS NOT NULL FROM audit_events WHERE action_type = 'A'" concurrency | tr '|' ' ')"
database_drop concurrency
