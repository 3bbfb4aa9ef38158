#!/usr/bin/env bash
# What the tests of cold storage meet that others wrote: readers of Parquet and stores of objects, fetched into .toolchain once.
#
#   cold_toolchain [long]           fetches them; prints why they cannot be had, nothing if they can
#   cold_python …                   Python with duckdb, pyarrow, polars, pandas, chdb, boto3 and moto
#   store_start directory|moto|s3s  an empty store; sets STORE for audit-cold, STORE_FOLDER where its files are plain ones, and the environment
#                                   that an S3 client reads
#   store_through BEHAVIOUR…        puts a proxy before the store that behaves badly (tests/cold/proxy.py); store_direct takes it away
#   stores_stop                     ends what was started; also done when the script ends
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/cluster.sh"

# moto's extra "server" would bring what imitates forty more services.
COLD_DUCKDB=duckdb==2.0.1
COLD_WHEELS=(pyarrow==26.0.1 polars==2.1.0 pandas==3.1.1 chdb==4.4.0 'moto[s3]==5.2.5' flask==3.1.3 flask-cors==6.0.5)
COLD_WHEELS_LONG=(pyspark==4.3.0)
S3S_FS_VERSION=0.14.1
COLD_READERS=$TOOLCHAIN/cold
STORE_PROCESSES=()

cold_python() { PYTHONPATH=$COLD_READERS PYTHONDONTWRITEBYTECODE=1 python3 "$@"; }
# In the background: $! is Python itself, and not a shell that would leave it behind.
cold_python_itself() { exec env PYTHONPATH="$COLD_READERS" PYTHONDONTWRITEBYTECODE=1 python3 "$@"; }

cold_wheels() {
    local wanted
    wanted=$(printf '%s\n' "$@")
    [ "$(cat "$COLD_READERS/$1.fetched" 2>/dev/null)" = "$wanted" ] && return
    say "fetching ${*%%==*} from PyPI into .toolchain/cold, once"
    # It also complains of what else is installed on the machine, which these do not meet.
    if ! insistently python3 -m pip install --quiet --disable-pip-version-check --root-user-action ignore --only-binary :all: --upgrade --target "$COLD_READERS" "$@" \
        >"$COLD_READERS/fetched.log" 2>&1; then
        cat "$COLD_READERS/fetched.log"
        return 1
    fi
    echo "$wanted" >"$COLD_READERS/$1.fetched"
}

cold_s3s() {
    toolchain_cargo_tool s3s-fs "$S3S_FS_VERSION" --features binary
}

# DuckDB alone, which is small.
cold_duckdb() { alone_in_cold cold_wheels "$COLD_DUCKDB" >&2; }

cold_toolchain() {
    cold_duckdb || echo "$COLD_DUCKDB cannot be fetched from PyPI"
    alone_in_cold cold_wheels "${COLD_WHEELS[@]}" >&2 || echo "${COLD_WHEELS[*]} cannot be fetched from PyPI"
    alone_in_cold cold_s3s >&2 || echo "s3s-fs $S3S_FS_VERSION cannot be built"
    [ "${1:-}" != long ] || alone_in_cold cold_wheels "${COLD_WHEELS_LONG[@]}" >&2 || echo "${COLD_WHEELS_LONG[*]} cannot be fetched from PyPI"
}

# Two versions are tested beside each other.
alone_in_cold() {
    mkdir -p "$COLD_READERS"
    (
        flock 8
        "$@"
    ) 8>"$TOOLCHAIN/cold.lock"
}

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

# await_port PORT: until somebody listens there, a minute at most: moto reads many files before.
await_port() {
    local attempt
    for attempt in {1..600}; do
        (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null && return
        sleep 0.1
    done
    say "nobody listens at port $1 after $attempt attempts"
    return 1
}

store_start() {
    local kind=$1 port root
    root=$(mktemp -d "$CLUSTER_TMP/store.XXXX")
    case $kind in
    directory)
        STORE=file://$root STORE_FOLDER=$root
        return
        ;;
    moto)
        port=$(free_port) STORE_FOLDER=''
        cold_python_itself -m moto.server -H 127.0.0.1 -p "$port" >"$SCRATCH/moto.log" 2>&1 &
        ;;
    s3s)
        port=$(free_port) STORE_FOLDER=$root/trail/events
        mkdir -p "$STORE_FOLDER"
        "$TOOLCHAIN/cargo/bin/s3s-fs" --host 127.0.0.1 --port "$port" --access-key test --secret-key secret-of-test "$root" >"$SCRATCH/s3s.log" 2>&1 &
        ;;
    *) die "there is no store $kind" ;;
    esac
    STORE_PROCESSES+=($!)
    STORE=s3://trail/events
    export STORE_PORT=$port
    export AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=secret-of-test AWS_REGION=us-east-1 AWS_ALLOW_HTTP=true
    await_port "$port"
    store_direct
    [ "$kind" != moto ] || cold_python -c 'import boto3, os; boto3.client("s3", endpoint_url=os.environ["AWS_ENDPOINT"]).create_bucket(Bucket="trail")'
}

store_direct() { export AWS_ENDPOINT=http://127.0.0.1:$STORE_PORT AWS_ENDPOINT_URL=http://127.0.0.1:$STORE_PORT; }

store_through() {
    local port
    port=$(free_port)
    python3 "$ROOT/tests/cold/proxy.py" "$port" "$STORE_PORT" "$@" >>"$SCRATCH/proxy.log" 2>&1 &
    STORE_PROCESSES+=($!)
    await_port "$port"
    export AWS_ENDPOINT=http://127.0.0.1:$port AWS_ENDPOINT_URL=http://127.0.0.1:$port
}

stores_stop() {
    local process
    for process in "${STORE_PROCESSES[@]}"; do kill "$process" 2>/dev/null || true; done
    STORE_PROCESSES=()
}
cold_stop() {
    stores_stop
    [ -z "${LOADER:-}" ] || kill "$LOADER" 2>/dev/null || true
    cluster_cleanup
}
trap cold_stop EXIT

# --- a trail whose events go cold ---

# cold_trail DATABASE MONTHS EVENTS: workspaces 1 to 3, each with EVENTS events in each of the first MONTHS months of 2020, of 20 persons (users 101 to 120), archived and
# sealed. Also the table told, which is what nobody may lose: a copy that plain SQL keeps up with.
cold_trail() {
    loader_start
    database_with_trail "$1"
    "$PGBIN/psql" -X -q -v ON_ERROR_STOP=1 -v months="$2" -v events="$3" -d "$1" -f "$ROOT/tests/cold/trail.sql" >"$SCRATCH/trail" 2>&1 || {
        not_ok 'the trail is made' "$(tail -n 5 "$SCRATCH/trail")"
        exit
    }
}

# cold_in DATABASE COMMAND…: runs audit-cold against the store; what it said is in $SCRATCH/said. Its status is that of the program.
cold_in() {
    local database=$1 status=0
    shift
    "$PGBIN/audit-cold" "$@" --database "host=$PGHOST port=$PGPORT user=$PGUSER dbname=$database" --store "$STORE" >"$SCRATCH/said" 2>&1 || status=$?
    { echo "# audit-cold $* ($status)"; cat "$SCRATCH/said"; } >>"$SCRATCH/audit-cold.log"
    return $status
}

# check_cold DESCRIPTION STATUS COMMAND…: in the database "cold".
check_cold() {
    local what=$1 expected=$2 status=0
    shift 2
    cold_in cold "$@" || status=$?
    if [ "$status" -eq "$expected" ]; then ok "$what"; else not_ok "$what" "audit-cold $1 ended with $status, not $expected"$'\n'"$(tail -n 8 "$SCRATCH/said")"; fi
}

# cold_release DATABASE: every stored object, each in a transaction of its own.
cold_release() {
    local object
    for object in $(query "SELECT object_id FROM audit_cold_objects WHERE state = 'stored' ORDER BY month, workspace_id" "$1"); do
        query "SELECT released_count FROM release_audit_cold_object('$object', 'RETENTION', 'T-9')" "$1" >>"$SCRATCH/released"
    done
}

# cold_states DATABASE: how many objects are in which state.
cold_states() { query "SELECT string_agg(state || ' ' || n, ', ' ORDER BY state) FROM (SELECT state, count(*) AS n FROM audit_cold_objects GROUP BY 1) AS s" "$1"; }

# cold_fetch FOLDER: the files of the store, as plain files.
cold_fetch() {
    rm -rf "$1"
    mkdir -p "$1"
    if [ -n "$STORE_FOLDER" ]; then
        cp -R "$STORE_FOLDER/." "$1"
    else
        cold_python - "$1" <<'PY'
import boto3, os, sys
store = boto3.client("s3", endpoint_url=f"http://127.0.0.1:{os.environ['STORE_PORT']}")
for page in store.get_paginator("list_objects_v2").paginate(Bucket="trail"):
    for found in page.get("Contents", []):
        path = os.path.join(sys.argv[1], found["Key"].removeprefix("events/"))
        os.makedirs(os.path.dirname(path), exist_ok=True)
        store.download_file("trail", found["Key"], path)
PY
    fi
}

# One reader of files for the whole script, which takes requests at the descriptor 6 and answers at 7, also those of subshells.
loader_start() {
    [ -z "${LOADER:-}" ] || return 0
    mkfifo "$CLUSTER_TMP/requests" "$CLUSTER_TMP/answers"
    exec 6<>"$CLUSTER_TMP/requests" 7<>"$CLUSTER_TMP/answers"
    cold_python_itself "$ROOT/tests/cold/load.py" <&6 >&7 2>"$SCRATCH/loader.log" &
    LOADER=$!
}

# cold_differences DATABASE: what is missing, doubled, different or too much, in the database and the files of released objects together, by the table told. An event on
# loan is in both, and the same in both. Nothing is printed where all is as it should be.
cold_differences() {
    local problem
    cold_fetch "$SCRATCH/files"
    query "SELECT object_id || ' ' || path FROM audit_cold_objects WHERE state = 'released'" "$1" >"$SCRATCH/objects"
    echo "$SCRATCH/files $SCRATCH/objects $SCRATCH/outside" >&6
    read -r -t 60 problem <&7 || problem="no answer: $(tail -n 1 "$SCRATCH/loader.log")"
    [ -z "$problem" ] || echo "a file cannot be read: $problem"
    "$PGBIN/psql" -X -q -A -t -v ON_ERROR_STOP=1 -d "$1" -f "$ROOT/tests/cold/conserved.sql" <"$SCRATCH/outside" 2>&1
}
