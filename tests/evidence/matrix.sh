#!/usr/bin/env bash
# Attacks by a superuser on a sealed trail, each with all that audit_verify() then finds, and nothing else; what an export can show of it, the program
# audit-verify finds too. Each attack is undone before the next.
#
# An attack in tests/evidence/attacks: its name, then SQL, then what is found. {a,h} in its name means that it is carried out twice, on archived and on hot events, and
# {t} and {e} stand for the table and for the letter of its events; @NAME is the place of an event, /NAME that of the row that has its leaf,
# "partition NAME" all that is missing with a partition. An export is verified where its findings follow a line "export N:", N being the workspace.
set -euo pipefail
. "$(dirname "$0")/../lib/report.sh"
. "$(dirname "$0")/../lib/install.sh"
here=$(dirname "$0")

verifier=$(pg_bin "$PGVERSION")/audit-verify
database_fresh matrix
psql() { "$PGBIN/psql" -X -q -A -t -v ON_ERROR_STOP=1 -d matrix "$@"; }
psql -f "$here/trail.sql" >"$SCRATCH/trail" 2>&1 || { not_ok 'the trail is made' "$(tail -n 5 "$SCRATCH/trail")"; exit; }
sound=$(psql -c 'SELECT * FROM found()' 2>&1)
check_equal 'the trail is sound before' '' "$sound"
[ -z "$sound" ] || exit 0

# attack NAME SQL EXPECTED [WORKSPACE EXPECTED_OF_EXPORT]
attack() {
    local name=$1 sql=$2 expected=$3 workspace=${4:-} of_export=${5:-} found bundle=$SCRATCH/bundle.ndjson
    found=$(psql 2>&1 <<SQL
BEGIN;
CALL guards_off();
$sql
CALL guards_on();
SELECT * FROM found();
${workspace:+\\o '$bundle'}
${workspace:+SELECT audit_export_log(w($workspace));}
ROLLBACK;
SQL
    ) || true
    check_equal "$name" "$expected" "$found"
    [ -z "$workspace" ] || check_equal "$name, in its export" "$of_export" "$("$verifier" "$bundle" | awk '$1 == "critical" {print $1, $2, $4}' | sort -u)"
}

# The places of events: @NAME and /NAME, as a program of sed.
psql -c "SELECT format('s#@%1\$s\\>#%2\$s#;s#/%1\$s\\>#%3\$s#', name, index, first) FROM place" >"$SCRATCH/places"

# What is missing with the partition that an event is in: "partition NAME".
missing_with() {
    psql -c "WITH event AS (SELECT id, tableoid FROM audit_events UNION ALL SELECT id, tableoid FROM audit_events_archive)
        SELECT format('critical row_missing %s %s %s', ltrim(right(log_id::text, 12), '0'), index, name) FROM place JOIN name USING (name) JOIN event USING (id)
        WHERE tableoid = (SELECT tableoid FROM event WHERE id = event('$1')) ORDER BY 1"
}

attack_placed() {
    local expected=$3
    case $expected in 'partition '*) expected=$(missing_with "${expected#partition }") ;; esac
    attack_at "$1" "$2" "$expected" "${@:4}"
}
attack_at() { attack "$1" "$2" "$(sed -f "$SCRATCH/places" <<<"$3" | sort)" "${4:-}" "$(sed -f "$SCRATCH/places" <<<"${5:-}")"; }

# Reads the table of attacks.
name='' sql='' expected='' workspace='' of_export='' part=''
run() {
    local tier table
    [ -n "$name" ] || return 0
    case $name in
    *'{a,h}'*)
        for tier in a h; do
            table=$([ "$tier" = h ] && echo audit_events || echo audit_events_archive)
            local filled=()
            for text in "${name/ \{a,h\}/ ($table)}" "$sql" "$expected" "$workspace" "$of_export"; do
                text=${text//\{t\}/$table}
                filled+=("${text//\{e\}/$tier}")
            done
            attack_placed "${filled[@]}"
        done
        ;;
    *) attack_placed "$name" "$sql" "$expected" "$workspace" "$of_export" ;;
    esac
}
while IFS= read -r line; do
    case $line in
    '#'*) ;;
    '== '*)
        run
        name=${line#== } sql='' expected='' workspace='' of_export='' part=sql
        ;;
    'found:') part=found ;;
    'export '*:) part=export workspace=${line#export } workspace=${workspace%:} ;;
    '') ;;
    *)
        case $part in
        sql) sql+=$line$'\n' ;;
        found) expected+=${expected:+$'\n'}$line ;;
        export) of_export+=${of_export:+$'\n'}$line ;;
        esac
        ;;
    esac
done <"$here/attacks"
run
check_equal 'the trail is sound afterwards' '' "$(psql -c 'SELECT * FROM found()' 2>&1)"
