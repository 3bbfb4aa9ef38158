#!/usr/bin/env bash
# Proves what making a past month does when it cannot have its locks: it outlasts a transaction of seconds, gives up with a WARNING
# beside a longer one, loses nothing either way, and meanwhile nobody who records waits longer than its short lock timeout.
set -euo pipefail
. "$(dirname "$0")/../lib/report.sh"

database_with_trail concurrency
insert="INSERT INTO audit_events (created_at, action_type, resource_type, workspace_id, created_by_user_id)"
cat >"$SCRATCH/current.sql" <<'SQL'
SELECT insert_audit_event('NOW', 'thing', NULL, w(10 + :client_id), w(1));
SQL
cat >"$SCRATCH/past.sql" <<'SQL'
\set n :n + 1
INSERT INTO audit_events (created_at, action_type, resource_type, workspace_id, created_by_user_id)
VALUES ('2015-03-01Z'::timestamptz + :n * interval '1 second', 'PAST', 'thing', w(100 + :client_id), w(1));
SQL
query 'SELECT create_past_audit_partitions(make_date(1970, 1, 1), make_date(2025, 1, 1))' concurrency >/dev/null

# hold SECONDS MONTH: an open transaction with an event that was routed to the default partition.
hold() {
    in_background holder concurrency "BEGIN; $insert VALUES ('$2-10Z', 'HELD', 'thing', w(1), w(1)); SELECT pg_sleep($1); COMMIT;"
    holder=$!
    await concurrency "$(asleep holder)"
}
make_months() { query "SELECT string_agg(name, ',') FROM create_past_audit_partitions(make_date(1970, 1, 1), make_date(2025, 1, 1)) AS name" concurrency; }
rows() { query "SELECT count(*) FROM ONLY $1" concurrency; }
longest_wait() { cat "$SCRATCH/$1".[0-9]* | awk '$3 > max {max = $3} END {print int(max / 1000)}'; }

query "$insert VALUES ('2012-05-01Z', 'EARLIER', 'thing', w(2), w(1))" concurrency
hold 3 2012-05
began=$(milliseconds)
check_equal 'a month is made beside a transaction of three seconds' audit_events_2012_05,audit_events_archive_2012_05 "$(make_months 2>"$SCRATCH/outlasted")"
check_between '... once that has ended: milliseconds' 1000 8000 $(($(milliseconds) - began))
wait "$holder"
check_equal '... without a warning' '' "$(cat "$SCRATCH/outlasted")"
check_equal '... and its event is in the month like the one before' '2|0' "$(rows audit_events_2012_05)|$(rows audit_events_default)"

query "$insert VALUES ('2013-05-01Z', 'EARLIER', 'thing', w(3), w(1))" concurrency
hold 20 2013-05
bench 'recording now while the locks are missing' concurrency -c 4 -R 100 -T 17 -f "$SCRATCH/current.sql" -l --log-prefix="$SCRATCH/current" &
current=$!
bench 'recording the past while the locks are missing' concurrency -c 4 -R 100 -T 17 -D n=0 -f "$SCRATCH/past.sql" -l --log-prefix="$SCRATCH/past" &
past=$!
began=$(milliseconds)
check_equal 'nothing is made beside a transaction of twenty seconds' '' "$(make_months 2>"$SCRATCH/gave_up")"
check_between '... after ten seconds or so: milliseconds' 5000 17000 $(($(milliseconds) - began))
check_equal '... with one warning' 'WARNING:  making the partitions of past months gave up waiting for a lock' "$(grep -v HINT "$SCRATCH/gave_up" || true)"
check_equal '... whose hint says what to do' 1 "$(grep -c '^HINT: .*try again later' "$SCRATCH/gave_up" || true)"
wait "$current" "$past"
for writer in current past; do
    check_between "longest wait of a writer ($writer), milliseconds" 0 2000 "$(longest_wait $writer)"
done
check_equal '... and the row that was there is still there' 1 "$(query "SELECT count(*) FROM ONLY audit_events_default WHERE workspace_id = w(3)" concurrency)"
wait "$holder"
events=$(query 'SELECT count(*), md5(string_agg(e::text, $$;$$ ORDER BY id)) FROM audit_events AS e' concurrency)
check_equal 'the next run makes the months' audit_events_2013_05,audit_events_2015_03,audit_events_archive_2013_05,audit_events_archive_2015_03 "$(make_months)"
check_equal '... the default partition is empty' 0 "$(rows audit_events_default)"
check_equal "... and every event is there, unchanged" "$events" "$(query 'SELECT count(*), md5(string_agg(e::text, $$;$$ ORDER BY id)) FROM audit_events AS e' concurrency)"
database_drop concurrency
