#!/usr/bin/env bash
# Compares what a test printed with its expected file, the same way for every suite that has such files.
#
# An expected file is tests/SUITE/expected/NAME.out; NAME_1.out, NAME_2.out … are other allowed outputs (of another version).
# With ACCEPT=1 the result is written instead: as NAME.out on PostgreSQL 18, as NAME_1.out elsewhere if it differs from that.
set -euo pipefail

EXPECTED_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

# expected_names SUITE FOLDER ENDING [NAME…]: the names given, or those of all files tests/SUITE/FOLDER/*.ENDING.
expected_names() {
    local suite=$1 folder=$2 ending=$3 file
    shift 3
    if [ $# -gt 0 ]; then
        printf '%s\n' "$@"
        return
    fi
    for file in "$EXPECTED_ROOT/$suite/$folder"/*."$ending"; do
        [ ! -e "$file" ] || basename "$file" ".$ending"
    done
}

# A renamed or deleted test must not leave its expected file behind.
expected_orphans() {
    local suite=$1 folder=$2 ending=$3 file name
    for file in "$EXPECTED_ROOT/$suite"/expected/*.out; do
        [ -e "$file" ] || continue
        name=$(basename "$file" .out)
        [ -e "$EXPECTED_ROOT/$suite/$folder/$name.$ending" ] || [ -e "$EXPECTED_ROOT/$suite/$folder/${name%_[0-9]}.$ending" ] ||
            echo "not ok $suite/$name (an expected file without a test)"
    done
}

expected_accept() {
    local suite=$1 name=$2 result=$3 base=$EXPECTED_ROOT/$1/expected/$2
    mkdir -p "$(dirname "$base")"
    if [ "$PGVERSION" = 18 ] || [ ! -e "$base.out" ]; then
        cp "$result" "$base.out"
    elif ! cmp -s "$result" "$base.out"; then
        cp "$result" "${base}_1.out"
    else
        rm -f "${base}_1.out"
    fi
    echo "# accepted $suite/$name on PostgreSQL $PGVERSION"
}

# expected_check SUITE NAME RESULT STATUS: one line "ok" or "not ok", and the smallest difference.
expected_check() {
    local suite=$1 name=$2 result=$3 status=$4 file difference smallest=
    if [ "$status" -ne 0 ]; then
        echo "not ok $suite/$name (exit status $status; 124 means it took too long)"
        tail -n 20 "$result" | sed 's/^/    /'
        return
    fi
    [ -z "${ACCEPT:-}" ] || expected_accept "$suite" "$name" "$result"
    for file in "$EXPECTED_ROOT/$suite/expected/$name.out" "$EXPECTED_ROOT/$suite/expected/$name"_[0-9].out; do
        [ -e "$file" ] || continue
        if difference=$(diff -u --label "expected/$(basename "$file")" --label result "$file" "$result"); then
            echo "ok $suite/$name"
            return
        fi
        if [ -z "$smallest" ] || [ ${#difference} -lt ${#smallest} ]; then smallest=$difference; fi
    done
    if [ -z "$smallest" ]; then
        echo "not ok $suite/$name (no expected file tests/$suite/expected/$name.out)"
    else
        echo "not ok $suite/$name"
        printf '%s\n' "$smallest" | sed 's/^/    /'
    fi
}
