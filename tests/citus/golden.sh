#!/usr/bin/env bash
# The golden tests of recording, immutability and archive, unchanged, on a worker of a Citus cluster.
. "$(dirname "$0")/../lib/citus.sh"
. "$(dirname "$0")/../lib/report.sh"

citus_start
CITUS_DATABASE=golden
for name in bulk constraints_all_paths ids_and_times changed_fields guide_foundation guide_constraints guide_immutability guide_archive guide_partitions guide_sequence immutability_paths archive_pages past_months; do
    for node in "$COORDINATOR" "$WORKER1"; do
        PGHOST=$node query 'DROP DATABASE IF EXISTS golden WITH (FORCE)' && PGHOST=$node query 'CREATE DATABASE golden TEMPLATE template0'
        on "$node" 'CREATE EXTENSION citus'
    done
    on "$COORDINATOR" "SELECT citus_set_coordinator_host('$COORDINATOR', 5432)" >/dev/null
    citus_join "$WORKER1"
    # A worker is told by the coordinator what extensions there are; here it finds out for itself.
    (cd "$ROOT" && PGHOST=$WORKER1 PGTZ=UTC PGDATESTYLE='ISO, YMD' PGAPPNAME=golden PGOPTIONS='-c citus.enable_ddl_propagation=off' \
        "$PGBIN/psql" -X -a -q -v ON_ERROR_STOP=0 -d golden <"tests/golden/sql/$name.sql" >"$SCRATCH/$name.out" 2>&1) || true
    check_same_file "golden/$name on a worker" "$ROOT/tests/golden/expected/$name.out" "$SCRATCH/$name.out"
done
