#!/usr/bin/env bash
# Golden tests in a server under valgrind, which sees reads of what was freed or never written; the server tells it what it allocates.
#
# It runs some fifty times slower. Only what has the extension on its stack is ours; the rest is told.
set -euo pipefail
. "$(dirname "$0")/../lib/checked.sh"
. "$(dirname "$0")/../lib/report.sh"
command -v valgrind >/dev/null || die "valgrind is needed (Debian: apt-get install valgrind)"

tests=(archive_pages bulk fast_path_batch capture_operations capture_types guide_archive restore deletion_rules ddl_guard_attacks partitions trail)
[ $# -eq 0 ] || tests=("$@")
checked_start postgres 'autovacuum = off'
cluster_stop "$CHECKED"
logs=$(server_folder valgrind)
cp "$(source_tree "$CHECKED_VERSION")/src/tools/valgrind.supp" "$logs"
as_server valgrind --quiet --leak-check=no --trace-children=yes --error-markers=ERROR-BEGINS,ERROR-ENDS --num-callers=25 \
    --suppressions="$logs/valgrind.supp" --log-file="$logs/%p.log" \
    "$PGBIN/postgres" -D "$CHECKED/data" >>"$CHECKED/log" 2>&1 &
for _ in {1..600}; do
    ! query 'SELECT' 2>/dev/null || break
    sleep 0.2
done
TEST_TIMEOUT=3600 checked_golden "${tests[@]}"
checked_stop
mkdir -p "$SCRATCH/valgrind"
cp "$logs"/*.log "$SCRATCH/valgrind"
rm -rf "$logs"

# One error is told once, with the frames that say where.
errors() { cat "$SCRATCH"/valgrind/*.log | sed -E 's/^==[0-9]+== ?//' | awk '/ERROR-BEGINS/ {inside = 1; text = ""; next} /ERROR-ENDS/ {inside = 0; print text "\n"; next} inside {text = text "\n" $0}'; }
ours=$(errors | awk -v RS= '/audit_ext/' | head -n 120)
if [ -z "$ours" ]; then ok "no error of memory in the extension"; else not_ok "no error of memory in the extension" "$ours"; fi
echo "# errors without the extension on the stack: $(errors | awk -v RS= '!/audit_ext/' | grep -c . || true) lines"
