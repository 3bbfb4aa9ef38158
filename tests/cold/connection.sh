#!/usr/bin/env bash
# Proves that audit-cold connects as sslmode asks, takes passwords where others do not see them, and that its session says what it is and ends by itself.
set -euo pipefail
. "$(dirname "$0")/../lib/report.sh"
. "$(dirname "$0")/../lib/cold.sh"

server=$(cluster_dir) port=$(free_port)
cluster_start "$PGVERSION" "$server"
database_with_trail cold
program=$PGBIN/audit-cold
query "CREATE ROLE carrier LOGIN PASSWORD 'se:cret'; SELECT audit_grant('carrier', 'operator')" cold >/dev/null

# connects DESCRIPTION STATUS WORDS ARGUMENT…: of "list"; the words are of what it says, and none where it says nothing.
connects() {
    local what=$1 status=$2 words=$3 found=0
    shift 3
    "$program" list --database "$@" >"$SCRATCH/said" 2>&1 || found=$?
    check_equal "$what" "$status yes" "$found $(if [ -z "$words" ]; then [ -s "$SCRATCH/said" ] || echo yes; else grep -qiE "$words" "$SCRATCH/said" && echo yes; fi)"
    [ "$found" -eq "$status" ] || sed 's/^/    /' "$SCRATCH/said"
}

connects 'by a socket' 0 '' "host=$PGHOST user=postgres dbname=cold"
connects 'to a database without the extension' 3 'extension audit_ext is not' "host=$PGHOST user=postgres dbname=postgres"
connects 'a password as an argument is refused' 3 'PGPASSWORD' "host=$PGHOST user=carrier dbname=cold password=se:cret"
check_equal '... and not repeated' 0 "$(grep -c 'se:cret' "$SCRATCH/said")"

# --- passwords and TLS, by TCP ---
if [ "$(query "SELECT count(*) FROM pg_config() WHERE name = 'CONFIGURE' AND setting ~ '--with-(openssl|ssl)'" cold)" -eq 0 ]; then
    skipped='this server was built without TLS'
fi
folder=$server/tls
mkdir -p "$folder"
(
    cd "$folder"
    for authority in ours other; do
        openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -keyout $authority.key -out $authority.crt -subj "/CN=$authority" \
            -addext 'basicConstraints=critical,CA:TRUE'
    done
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout server.key -out server.csr -subj /CN=localhost
    printf 'subjectAltName=DNS:localhost\nbasicConstraints=CA:FALSE\n' >names
    openssl x509 -req -in server.csr -CA ours.crt -CAkey ours.key -CAcreateserial -days 2 -extfile names -out server.crt
    chmod 600 server.key
) >"$SCRATCH/openssl" 2>&1
chown -R "$(server_user)" "$folder"
cluster_stop "$server"
printf '%s\n' 'local all all trust' 'hostnossl all all 127.0.0.1/32 scram-sha-256' "${skipped:+#}hostssl all all 127.0.0.1/32 scram-sha-256" >"$server/data/pg_hba.conf"
settings=("listen_addresses = '127.0.0.1'" "port = $port" "log_statement = 'all'" "log_line_prefix = '%a: '")
[ -n "${skipped:-}" ] || settings+=("ssl = on" "ssl_cert_file = '$folder/server.crt'" "ssl_key_file = '$folder/server.key'")
cluster_start "$PGVERSION" "$server" "${settings[@]}"
export PGPORT=$port
at() { echo "postgres://carrier@$1:$port/cold?sslmode=$2${3:+&sslrootcert=$folder/$3.crt}"; }

PGPASSFILE=/nowhere connects 'no password' 3 'password' "$(at localhost disable)"
PGPASSWORD=se:cret connects 'a password from the environment' 0 '' "$(at localhost disable)"
printf '%s\n' "otherhost:*:*:*:wrong" "localhost:$port:cold:carrier:se\\:cret" >"$SCRATCH/passwords"
chmod 600 "$SCRATCH/passwords"
export PGPASSFILE=$SCRATCH/passwords
connects 'a password from a file' 0 '' "$(at localhost disable)"
chmod 644 "$SCRATCH/passwords"
connects '... that others may read: not taken' 3 'password' "$(at localhost disable)"
chmod 600 "$SCRATCH/passwords"
printf '127.0.0.1:*:*:*:se\\:cret\n' >>"$SCRATCH/passwords"
if [ -z "${skipped:-}" ]; then
    connects 'sslmode=require: encrypted, with whoever is there' 0 '' "$(at 127.0.0.1 require)"
    connects 'sslmode=verify-full: the authority and the host are right' 0 '' "$(at localhost verify-full ours)"
    connects '... another host' 3 'certificate|name' "$(at 127.0.0.1 verify-full ours)"
    connects '... another authority' 3 'certificate|issuer' "$(at localhost verify-full other)"
    connects 'sslmode=verify-ca: another host will do' 0 '' "$(at 127.0.0.1 verify-ca ours)"
    connects '... another authority will not' 3 'certificate|issuer' "$(at 127.0.0.1 verify-ca other)"
    connects '... and without an authority it asks for one' 3 'sslrootcert' "$(at 127.0.0.1 verify-ca)"
fi
connects 'a mode that there is not' 3 'sslmode' "$(at localhost verify)"

# --- the session ---
check_equal 'the server sees whose session it is, and ends it should the program be gone' 1 \
    "$(grep -c '^audit-cold: LOG:.*SET idle_in_transaction_session_timeout' "$server/log" | sed 's/[1-9][0-9]*/1/')"
check_equal '... and no password' 0 "$(grep -c 'se:cret' "$server/log")"
connects 'nobody is there' 3 'refused|connect' "host=127.0.0.1 port=1 user=postgres dbname=cold"
database_drop cold
