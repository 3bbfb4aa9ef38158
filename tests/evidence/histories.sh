#!/usr/bin/env bash
# Attacks that last, by somebody who controls database, superuser and host: a log written anew, all logs written anew, the server set back to older files. The trail fits itself
# afterwards; what was kept outside tells. And what is no attack: a copy of the database goes on beside the original, and a standby verifies.
set -euo pipefail
. "$(dirname "$0")/../lib/report.sh"
. "$(dirname "$0")/../lib/cluster.sh"
here=$(dirname "$0")
verifier=$(pg_bin "$PGVERSION")/audit-verify

server=$(cluster_dir)
cluster_start "$PGVERSION" "$server"
psql() { "$PGBIN/psql" -X -q -A -t -v ON_ERROR_STOP=1 "$@"; }

# trail DATABASE: one of its own, and what somebody outside keeps of it: the checkpoint, and the head of workspace 1.
trail() {
    database_fresh "$1"
    psql -d "$1" -f "$here/trail.sql" >"$SCRATCH/trail" 2>&1 || not_ok "the trail $1 is made" "$(tail -n 5 "$SCRATCH/trail")"
    psql -d "$1" -c 'SELECT audit_checkpoint()' >"$SCRATCH/$1.checkpoint"
    head_of "$1" 1 >"$SCRATCH/$1.head"
}

export_of() { psql -d "$1" -c "SELECT audit_export_log(w($2))" >"$SCRATCH/bundle.ndjson"; }

head_of() {
    export_of "$1" "$2"
    python3 -c 'import json, sys; print([line["head"] for line in map(json.loads, open(sys.argv[1])) if line["kind"] == "head"][-1], end="")' "$SCRATCH/bundle.ndjson"
}

# found DATABASE [FILE…]: all findings, given what was kept in these files.
found() {
    local database=$1 kept=()
    shift
    for file in "$@"; do kept+=("\$kept\$$(cat "$file")"$'\n'"\$kept\$"); done
    psql -d "$database" -c "SELECT * FROM found(ARRAY[$(IFS=,; echo "${kept[*]}")]::text[])" 2>&1
}

# of_program CODE-COLUMNS…: the findings of the program on the export.
of_program() { "$verifier" "$@" "$SCRATCH/bundle.ndjson" 2>&1 | awk '$1 == "critical" || $2 == "heads_not_shown" {print $1, $2}' | sort -u; }

# A workspace's log is written anew, with one event changed, and its new head is sealed by the server itself.
trail rewritten
check_equal 'nothing happened yet: it continues what was kept' '' "$(found rewritten "$SCRATCH/rewritten.checkpoint" "$SCRATCH/rewritten.head")"
psql -d rewritten <<'SQL'
CALL guards_off();
BEGIN;
DELETE FROM audit_log_tiles WHERE log_id = w(1);
UPDATE audit_events SET new_values = '{"name": "forged"}' WHERE id = event('h1');
UPDATE audit_events SET seal_xid = -txid_current() WHERE workspace_id = w(1);
UPDATE audit_events_archive SET seal_xid = -txid_current() WHERE workspace_id = w(1);
COMMIT;
CALL guards_on();
CALL seal();
SQL
check_equal 'a log that is written anew is not the one whose heads the root log has' 'critical head_mismatch 1 - -' "$(found rewritten)"
check_equal '... nor the one whose head was kept' $'critical head_mismatch 1 - -\ncritical head_mismatch 1 - -' "$(found rewritten "$SCRATCH/rewritten.checkpoint" "$SCRATCH/rewritten.head")"
export_of rewritten 1
check_equal '... its export alone says that it shows no head that others have' 'warning heads_not_shown' "$(of_program)"
check_equal '... and with a kept head, that it is another log' 'critical head_mismatch' "$(of_program --head "$SCRATCH/rewritten.head")"

# All logs are written anew, under the same name.
trail forged
psql -d forged <<'SQL'
CALL guards_off();
BEGIN;
DELETE FROM audit_log_tiles;
DELETE FROM audit_log_seals;
UPDATE audit_events SET new_values = '{"name": "forged"}' WHERE id = event('h1');
COMMIT;
CALL guards_on();
CALL seal();
SQL
check_equal 'logs that are all written anew fit each other' '' "$(found forged | grep -v sealed_late)"
check_equal '... and are behind what was kept' 'critical checkpoint_ahead - - -' "$(found forged "$SCRATCH/forged.checkpoint" | grep -v sealed_late)"
psql -d forged -c "DO \$\$ BEGIN FOR n IN 1..12 LOOP CALL record('f' || n, 4, 71, 0); COMMIT; CALL seal(); END LOOP; END \$\$"
check_equal '... or are another history' 'critical checkpoint_fork - - -' "$(found forged "$SCRATCH/forged.checkpoint" | grep -v sealed_late)"

# A copy of the database is another server: both go on, and neither takes the other's name.
trail original
psql -c 'CREATE DATABASE copy TEMPLATE original'
for database in original copy; do psql -d "$database" -c "CALL record('after', 1, 71, 0)" -c 'CALL seal()'; done
check_equal 'the original goes on' '' "$(found original "$SCRATCH/original.checkpoint")"
check_equal 'the copy goes on as another incarnation, and continues the original too' 'info incarnation - - -' "$(found copy "$SCRATCH/original.checkpoint")"
check_equal '... under a name of its own' 2 "$(for database in original copy; do psql -d "$database" -c 'SELECT audit_checkpoint()' | head -n 1; done | sort -u | wc -l)"
psql -d original -c 'SELECT audit_checkpoint()' >"$SCRATCH/later.checkpoint"
check_equal '... but not what the original did since' $'critical checkpoint_ahead - - -\ninfo incarnation - - -' "$(found copy "$SCRATCH/later.checkpoint")"

# A standby verifies, and records nothing.
standby=$(cluster_dir)
mkdir -p "$standby"
chown "$(server_user)" "$standby"
as_server "$PGBIN/pg_basebackup" -h "$server" -U postgres -D "$standby/data" -R -X stream -c fast >/dev/null 2>&1
cluster_start "$PGVERSION" "$standby" "unix_socket_directories = '$standby'" 'hot_standby_feedback = on'
check_equal 'a standby finds the trail sound' '' "$(found original "$SCRATCH/original.checkpoint")"
cluster_stop "$standby"
cluster_use "$server"
check_equal 'verifications are events, but for those of the standby' 1 "$(psql -d original -c "SELECT count(*) FROM audit_events WHERE action_type = 'AUDIT_LOG_VERIFIED'")"

# The files of the server are set back to an earlier state.
cluster_stop "$server"
cp -a "$server/data" "$server/older"
cluster_start "$PGVERSION" "$server"
psql -d original -c "CALL record('lost', 1, 71, 0)" -c 'CALL seal()'
psql -d original -c 'SELECT audit_checkpoint()' >"$SCRATCH/lost.checkpoint"
cluster_stop "$server"
rm -rf "$server/data"
mv "$server/older" "$server/data"
cluster_start "$PGVERSION" "$server"
check_equal 'older files fit each other' '' "$(found original)"
check_equal '... and are behind what was kept' 'critical checkpoint_ahead - - -' "$(found original "$SCRATCH/lost.checkpoint")"
psql -d original -c "CALL record('instead', 1, 71, 0)" -c 'CALL seal()' -c "CALL record('instead', 1, 71, 0)" -c 'CALL seal()'
check_equal '... or have become another history' 'critical checkpoint_fork - - -' "$(found original "$SCRATCH/lost.checkpoint")"

# Who knows all of an erased payload but the address tries all of a /16.
psql -d original -F ' ' -c "SELECT encode(backup.seal_key, 'hex'), encode(now.seal_key, 'hex'), encode(convert_to(to_json(ARRAY[backup.old_values::text, backup.new_values::text, backup.changed_fields::text, backup.user_agent,
  backup.request_id, backup.tags::text, backup.metadata::text])::text, 'UTF8'), 'hex') FROM backup JOIN audit_events AS now USING (id) WHERE id = event('he')" >"$SCRATCH/erased"
check_equal 'an erased address cannot be tried out with what is left, and could with the key' 'left: none, key: 10.1.2.3' "$(python3 - "$SCRATCH/erased" <<'PYTHON'
import base64, hashlib, hmac, json, sys

live, left, known = (bytes.fromhex(part) for part in open(sys.argv[1]).read().split())
names = ["old_values", "new_values", "changed_fields", "user_agent", "request_id", "tags", "metadata"]
known = {name: value for name, value in zip(names, json.loads(known)) if value is not None}
b64u = lambda raw: base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
mac = lambda key, text: hmac.digest(key, text.encode(), "sha256")[:16]

def disclosure(key, name, value):
    return b64u(json.dumps([b64u(mac(key, name)), name, value], ensure_ascii=False, separators=(",", ":")).encode())

def digest(text):
    return hashlib.sha256(text.encode()).digest()

def matching(key):
    rest = [b64u(digest(disclosure(key, name, value))) for name, value in known.items()]
    for number in range(1 << 16):
        address = f"10.1.{number >> 8}.{number & 255}"
        fields = sorted(rest + [b64u(digest(disclosure(key, "ip_address", address)))])
        if digest(disclosure(key, "payload", {"_sd": fields})) == left[16:]:
            return address
    return "none"

print(f"left: {matching(left[:16])}, key: {matching(live)}")
PYTHON
)"
