#!/usr/bin/env bash
# PostgreSQL's own suites, run by its own programs against a throw-away server, with the extension in template1 or without it.
#
# Sourced by tests/postgres/*.sh. REGRESS is a folder that server and tests share: src/ has the tests and lib/ their libraries.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/cluster.sh"
. "$(dirname "${BASH_SOURCE[0]}")/source.sh"
. "$(dirname "${BASH_SOURCE[0]}")/report.sh"

# The versions whose source serves a version, the best one first: mirrors do not have each. Another version's tests differ from what they expect, but
# with the extension as without it.
regress_sources() { case $1 in 18) echo 18 17 ;; 17) echo 17 15 ;; 16) echo 15 17 ;; 15) echo 15 ;; esac; }

# Sets REGRESS and REGRESS_SOURCE, the version of the tests; false if there are none.
regress_prepare() {
    local tree='' version
    for version in $(regress_sources "$PGVERSION"); do
        tree=$(source_tree "$version") && break
    done
    [ -n "$tree" ] || return
    REGRESS_SOURCE=$version REGRESS=$CLUSTER_TMP/regress
    mkdir -p "$REGRESS/src" "$REGRESS/lib"
    chown "$(server_user)" "$REGRESS"
    cp -R "$tree/src/test/regress" "$tree/src/test/isolation" "$REGRESS/src"
    # Later versions of pg_regress do not know this word of earlier schedules.
    sed -i '/^ignore:/d' "$REGRESS/src/regress/parallel_schedule"
    chmod -R a+rX "$REGRESS"
    regress_libraries "$tree"
}

# The functions in C that the tests call. Where another version's do not compile, the tests that need them fail, with the extension as without it.
regress_libraries() {
    local headers file
    headers=$("$(pg_bin "$PGVERSION")/pg_config" --includedir-server)
    # The private copy of the machine's own server is without its headers.
    [ -d "$headers" ] || headers=$("/usr/lib/postgresql/$PGVERSION/bin/pg_config" --includedir-server)
    for file in "$1/src/test/regress/regress.c" "$1/contrib/spi/autoinc.c" "$1/contrib/spi/refint.c"; do
        gcc -shared -fPIC -O1 -w -I "$headers" -include postgres.h -include utils/array.h \
            -o "$REGRESS/lib/$(basename "$file" .c).so" "$file" 2>"$SCRATCH/$(basename "$file").log" ||
            echo "# $(basename "$file") of PostgreSQL $REGRESS_SOURCE is left out: it does not compile"
    done
    chmod -R a+rX "$REGRESS/lib"
}

# regress_server DIR with|without: a server of its own for a run. Its databases have the extension from template1, in a schema of its own.
regress_server() {
    cluster_start "$PGVERSION" "$1" 'max_connections = 60' 'log_min_error_statement = panic' "log_line_prefix = '%e '" 'log_error_verbosity = verbose'
    [ "$2" = without ] || query 'CREATE SCHEMA audit; CREATE EXTENSION audit_ext SCHEMA audit' template1
}

# regress_database NAME: as pg_regress makes it, but from template1.
regress_database() {
    local setting
    query "CREATE DATABASE $1 TEMPLATE template1"
    for setting in "lc_messages TO 'C'" "lc_monetary TO 'C'" "lc_numeric TO 'C'" "lc_time TO 'C'" "bytea_output TO 'hex'" "timezone_abbreviations TO 'Default'"; do
        query "ALTER DATABASE $1 SET $setting"
    done
}

# regress_run regress|isolation FOLDER SCHEDULE: a suite against the server that the environment points at; what it printed is FOLDER/log.
regress_run() {
    local suite=$1 folder=$2 program database=regression tests
    tests=$(dirname "$("$PGBIN/pg_config" --pgxs)")/../test
    program=$tests/regress/pg_regress
    [ "$suite" = regress ] || program=$tests/isolation/pg_isolation_regress database=isolation_regression
    rm -rf "$folder"
    mkdir -p "$folder/results"
    chown -R "$(server_user)" "$folder"
    regress_database "$database"
    # As the server's user, for both write the same files.
    as_server "$program" --bindir="$PGBIN" --inputdir="$REGRESS/src/$suite" --outputdir="$folder" --dlpath="$REGRESS/lib" --host="$PGHOST" \
        --port="$PGPORT" --user=postgres --use-existing --dbname="$database" --schedule="$3" >"$folder/log" 2>&1 || true
}

# The tests of a run that found something else than they expect.
regress_failed() { sed -nE 's/^not ok +[0-9]+ +([+-] +)?([a-zA-Z0-9_.-]+).*/\2/p; s/^(test)? +([a-zA-Z0-9_.-]+) +\.\.\. FAILED.*/\2/p' "$1/log"; }

# regress_survived CLUSTER: what the log of a server tells after a run.
regress_survived() {
    check_equal 'no process of the server died' '' "$(grep -E 'terminated by signal|PANIC' "$1/log" | head -n 3 || true)"
    check_equal 'no internal error comes from the extension' '' \
        "$(awk '/^XX[0-9A-Z]{3} (ERROR|WARNING)/ {error = $0} /LOCATION:/ {if (error && /\.rs:/) print error, $0; error = ""}' "$1/log" | head -n 5)"
}

# How many tests of a run there were.
regress_tests() { find "$1/results" -name '*.out' | wc -l; }

# A result as it is without the extension's own objects: their lines are left out where a test lists what there is in the database, and what they do
# to the width of columns, the number of rows and the numbers of objects. A column that is stored uncompressed is listed with its table's number alone,
# and an index that covers a column beside its key with its own number and its table's: catalogs, for which that list is made, have none.
# Version 15's test of CLUSTER, on a later server, is warned of whatever table any test beside it had clustered by then, in the order of their rows in
# the catalog.
regress_filtered() {
    if [ "$1" = cluster ]; then
        sed '/^WARNING:  permission denied to cluster /d' "$2"
    elif grep -q "^$1[[:space:]]" "$ROOT/tests/postgres/lists"; then
        sed -E '/ERROR|WARNING|NOTICE/! { /audit_/d }; /^ +[0-9]{5,} \| (entries|hashes|refs|frontier) +\| +17 \| bytea *$/d; /^ +[0-9]{5,} \| +[0-9]{5,} *$/d; s/ +/ /g; s/-+/-/g; s/[0-9]{4,}/(number)/g; s/^ ?\([0-9]+ rows?\)$/(rows)/' "$2"
    else
        cat "$2"
    fi
}

# regress_differs TEST FILE FILE: prints how the results differ, nothing if they do not.
regress_differs() { diff -U3 <(regress_filtered "$1" "$2") <(regress_filtered "$1" "$3") | tail -n +3 || true; }

# regress_compare SUITE FOLDER SCHEDULE: each test of a run with the extension has the result that it expects, or that it has without the extension.
# The run without it is made only when a test finds something else than it expects.
regress_compare() {
    local suite=$1 folder=$2 schedule=$3 unlike=() differing=0 bare test difference
    for test in $(regress_failed "$folder"); do
        [ -z "$(regress_differs "$test" "$REGRESS/src/$suite/expected/$test.out" "$folder/results/$test.out")" ] || unlike+=("$test")
    done
    if [ ${#unlike[@]} -gt 0 ]; then
        bare=$(cluster_dir)
        (
            regress_server "$bare" without
            regress_run "$suite" "$REGRESS/run" "$schedule"
            cluster_stop "$bare"
        )
        mv "$REGRESS/run" "$folder.without"
        for test in "${unlike[@]}"; do
            difference=$(regress_differs "$test" "$folder.without/results/$test.out" "$folder/results/$test.out")
            [ -n "$difference" ] || continue
            differing=$((differing + 1))
            not_ok "$test has the result it has without the extension" "$(head -n 60 <<<"$difference")"
        done
    fi
    [ "$differing" -gt 0 ] || check_between "tests of PostgreSQL $REGRESS_SOURCE have the same results with the extension (${#unlike[@]} were compared with a run without it)" \
        100 1000 "$(regress_tests "$folder")"
}

# regress_suite regress|isolation SCHEDULE: the whole of it; the server goes on running, with what the tests left.
regress_suite() {
    local suite=$1 schedule=$REGRESS/src/$1/$2 cluster=$REGRESS/server
    regress_server "$cluster" with
    regress_run "$suite" "$REGRESS/run" "$schedule"
    mv "$REGRESS/run" "$REGRESS/with"
    regress_survived "$cluster"
    regress_compare "$suite" "$REGRESS/with" "$schedule"
    cp -R "$REGRESS"/with* "$SCRATCH"
}
