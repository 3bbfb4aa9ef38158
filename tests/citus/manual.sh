#!/usr/bin/env bash
# The commands of docs/citus.md, on the nodes that it names.
. "$(dirname "$0")/../lib/citus.sh"
. "$(dirname "$0")/../lib/report.sh"

citus_start
# The page begins with servers that know nothing of each other.
on "$COORDINATOR" "SELECT citus_remove_node('$WORKER1', 5432), citus_remove_node('$WORKER2', 5432)" >/dev/null
blocks=0
while IFS= read -r -d $'\x01' block; do
    place=${block%%$'\n'*} sql=${block#*$'\n'}
    sql=${sql//coordinator.example.com/$COORDINATOR}
    sql=${sql//worker-1.example.com/$WORKER1}
    sql=${sql//worker-2.example.com/$WORKER2}
    [ "$place" = coordinator ] && node=$COORDINATOR || node=$WORKER1
    if answer=$(on "$node" "$sql" 2>&1); then ok "on the $place: $(head -n 1 <<<"$sql")"; else not_ok "on the $place: $sql" "$answer"; fi
    blocks=$((blocks + 1))
    case $sql in *'SELECT reason'*) check_equal 'the hold is there' 'case 2026-17' "$(head -n 1 <<<"$answer")" ;; esac
done < <(awk '/^<!-- citus: / { place = $3 } /^```text$/ && place != "" { inside = 1; printf "%s\n", place; next } /^```$/ && inside { inside = 0; place = ""; printf "\x01" } inside' "$ROOT/docs/citus.md")
check_equal 'all blocks of the page' "$(grep -c '^<!-- citus: ' "$ROOT/docs/citus.md")" "$blocks"
check_equal 'README has the same five commands' 5 "$(grep -cFf <(sed -n '/^<!-- citus: coordinator -->$/,/^```$/p' "$ROOT/docs/citus.md" | grep '^SELECT citus\|^CREATE\|^SELECT audit_cluster_enable' | head -n 5) "$ROOT/README.md")"
