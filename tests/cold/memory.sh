#!/usr/bin/env bash
# Proves that the program needs no more memory than is promised, whatever it does, with full chunks of events of more than 400 bytes: 128 MiB at most.
set -euo pipefail
. "$(dirname "$0")/../lib/report.sh"
. "$(dirname "$0")/../lib/cold.sh"

missing=$(cold_toolchain)
[ -z "$missing" ] || { not_ok 'readers are there' "$missing"; exit; }
store_start directory
cold_trail cold 1 20
# Three chunks of 65,536 events and 27 MiB. Every person has events in each, so that an erasure writes the whole file anew.
query "INSERT INTO audit_events (created_at, workspace_id, created_by_user_id, action_type, resource_type, new_values)
    SELECT timestamptz '2020-06-01Z' + n * interval '10 seconds', w(4), w(101 + n % 20), 'LARGE', 'thing',
      jsonb_build_object('noise', (SELECT string_agg(md5(n || 'x' || i), '') FROM generate_series(1, 8) AS i))
    FROM generate_series(1, 3 * 65536) AS n;
    UPDATE audit_retention_policies SET hot_retention_days = 30, warm_archive_days = 60, cold_retention_days = 36500 WHERE workspace_id = w(4);
    INSERT INTO told SELECT * FROM audit_events WHERE workspace_id = w(4) AND created_at < '2021-01-01Z'" cold
query 'SELECT archive_old_audit_events()' cold >/dev/null
query 'SELECT audit_seal()' cold >/dev/null

# within WHAT COMMAND…: it ends well, and has never had more memory at once.
within() {
    local what=$1 peak
    shift
    peak=$(python3 -c 'import resource, subprocess, sys
status = subprocess.call(sys.argv[2:], stdout=open(sys.argv[1], "w"), stderr=subprocess.STDOUT)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss >> 10)
sys.exit(status)' "$SCRATCH/said" "$PGBIN/audit-cold" "$@" --database "host=$PGHOST port=$PGPORT user=$PGUSER dbname=cold" --store "$STORE") ||
        not_ok "$what" "$(tail -n 5 "$SCRATCH/said")"
    check_between "$what: at its peak, in MiB" 1 128 "$peak"
    say "$what: $peak MiB"
}
w4=00000000-0000-4000-8000-000000000004
within 'export' export --min-events 10
check_between 'chunks are large, in MiB' 26 32 "$(query "SELECT max(byte_count) >> 20 FROM audit_cold_chunks" cold)"
within 'check --deep' check --deep
cold_release cold
within 'restore' restore --workspace $w4 --month 2020-06
query "SELECT returned_count FROM return_audit_cold_loans(w(4), 'RETENTION', 'T-9', '0')" cold >/dev/null
event=$(query "SELECT id FROM told WHERE workspace_id = w(4) ORDER BY created_at DESC LIMIT 1" cold)
within 'restore of one event' restore --event "$event"
query "SELECT forget(w(105), w(4))" cold >/dev/null
within 'erase' erase
check_equal 'the erased file has its events' "$((3 * 65536))" "$(query "SELECT event_count FROM audit_cold_objects WHERE workspace_id = w(4) AND state = 'released'" cold)"
