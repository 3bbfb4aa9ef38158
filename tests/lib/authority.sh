#!/usr/bin/env bash
# A timestamping authority (RFC 3161) made of openssl, for tests; sourced.

# make_authority FOLDER: its keys and its configuration, tsa.conf.
make_authority() {
    local to=$1
    openssl req -x509 -newkey rsa:2048 -nodes -keyout "$to/ca.key" -out "$to/ca.pem" -subj '/CN=authority of the test' -days 2
    openssl req -newkey rsa:2048 -nodes -keyout "$to/tsa.key" -out "$to/tsa.csr" -subj '/CN=clock of the test'
    openssl x509 -req -in "$to/tsa.csr" -CA "$to/ca.pem" -CAkey "$to/ca.key" -CAcreateserial -days 2 -out "$to/tsa.pem" \
        -extfile <(printf 'extendedKeyUsage=critical,timeStamping\n')
    echo 01 >"$to/serial"
    cat >"$to/tsa.conf" <<CONF
[tsa]
serial = $to/serial
signer_cert = $to/tsa.pem
certs = $to/ca.pem
signer_key = $to/tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
accuracy = secs:1
CONF
}
