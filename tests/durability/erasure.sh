#!/usr/bin/env bash
# Proves that an erasure and its scrub leave nothing of the payload, by looking for planted secrets in the raw files of the whole database,
# the server log, the deletion log and every message; that a scrub waits for whoever can still see; and that nobody else's event changes.
set -euo pipefail
. "$(dirname "$0")/../lib/cluster.sh"
. "$(dirname "$0")/../lib/report.sh"

cluster=$(cluster_dir)
cluster_start "$PGVERSION" "$cluster" 'autovacuum = off' 'full_page_writes = off'
database_with_trail durability

# A secret is named by person, place and column. It is twelve letters that stand nowhere in the database but in its event (functions make
# them); an address is sixteen bytes. Long values begin with theirs: the first occurrence is what compression leaves as it is.
query "CREATE FUNCTION secret(p_name text) RETURNS text LANGUAGE sql IMMUTABLE RETURN left(translate(md5(p_name), '0123456789abcdef', 'ghijklmnopqrstuv'), 12);
CREATE FUNCTION address(p_name text) RETURNS inet LANGUAGE sql IMMUTABLE RETURN ('fd' || substr(regexp_replace(md5(p_name), '(.{4})', ':\1', 'g'), 4))::inet;
CREATE FUNCTION noise(p_name text, p_count int) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT string_agg(encode(sha256((p_name || n)::bytea), ''base64''), '''') FROM generate_series(1, p_count) AS n';
CREATE FUNCTION plant(p_user uuid, p_place text, p_at timestamptz) RETURNS void LANGUAGE sql AS \$\$
  INSERT INTO audit_events (created_at, action_type, resource_type, workspace_id, created_by_user_id, old_values, new_values, ip_address, user_agent, request_id, tags, metadata)
  SELECT p_at, 'ACT', p_place, w(1), p_user, jsonb_build_object(secret(who || 'changed_fields'), 1, 'short', secret(who || 'old_values')),
    jsonb_build_object('long', secret(who || 'new_values') || repeat(' and so on', 3000)), address(who || 'ip_address'), secret(who || 'user_agent') || noise(who, 200),
    secret(who || 'request_id'), ARRAY[secret(who || 'tags')], jsonb_build_object('toasted', secret(who || 'metadata') || noise(who || 'm', 400))
  FROM (SELECT right(p_user::text, 2) || p_place) AS named (who) \$\$;
CREATE FUNCTION month(int) RETURNS timestamptz LANGUAGE sql STABLE RETURN (date_trunc('month', now() AT TIME ZONE 'UTC') - \$1 * interval '1 month' + interval '10 days') AT TIME ZONE 'UTC';
CREATE VIEW both_sides AS SELECT 'hot' AS side, * FROM audit_events UNION ALL SELECT 'archive', * FROM audit_events_archive" durability
places=(archived restored sides drained stray current)
: >"$SCRATCH/keys"

# secrets PERSON: name and bytes in hexadecimal of each, one a line. The keys, which would show whether a guess is right, were written down before.
secrets() {
    sed -n "s/^$1|//p" "$SCRATCH/keys"
    query "SELECT place || '.' || field, CASE field WHEN 'ip_address' THEN 'fd' || substr(md5(name), 3) ELSE encode(secret(name)::bytea, 'hex') END
        FROM unnest(string_to_array('${places[*]}', ' ')) AS place,
          unnest(ARRAY['old_values', 'new_values', 'changed_fields', 'ip_address', 'user_agent', 'request_id', 'tags', 'metadata']) AS field, LATERAL (SELECT '$1' || place || field) AS of (name)" durability
}

# found PERSON FILE…: the names of the secrets that a file holds, sorted. Compression puts a byte between any eight letters.
found() {
    secrets "$1" >"$SCRATCH/secrets"
    shift
    python3 - "$SCRATCH/secrets" "$@" <<'PYTHON'
import re, sys
patterns = {}
for line in open(sys.argv[1]):
    name, secret = line.strip().split("|")
    letters = [re.escape(bytes([byte])) for byte in bytes.fromhex(secret)]
    patterns[name] = re.compile((b"" if name.endswith(("ip_address", "seal_key")) else b".?").join(letters), re.DOTALL)
seen = set()
for path in sys.argv[2:]:
    content = open(path, "rb").read()
    seen.update(name for name, pattern in patterns.items() if name not in seen and pattern.search(content))
print("\n".join(sorted(seen)))
PYTHON
}
# In every file of the database: tables, TOAST tables, indexes and the catalog with its statistics.
found_in_files() {
    query 'CHECKPOINT' durability
    found "$1" "$cluster/data/base/$(query "SELECT oid FROM pg_database WHERE datname = 'durability'" durability)"/*
}
found_in_index() { found "$1" "$cluster/data/$(query "SELECT pg_relation_filepath('own_index')" durability)"; }
found_in_text() {
    cat >"$SCRATCH/text"
    found "$1" "$SCRATCH/text"
}
names() { secrets "$1" | cut -d '|' -f 1 | sort; }
event_digest() { query "SELECT count(*), md5(string_agg(md5(e::text), '' ORDER BY id)) FROM both_sides AS e WHERE $1" durability; }
answer() { "$PGBIN/psql" -XqAt -v VERBOSITY=verbose -d durability -c "$1" 2>&1; }

# Two persons in each place, 70 to be erased and 71 to stay. Workspace 2 archives by events, and so keeps two months from changing sides.
query "INSERT INTO audit_retention_policies (workspace_id, hot_retention_days, warm_archive_days, archive_by) VALUES (w(1), 180, 4000, 'month'), (w(2), 180, 4000, 'event');
    SELECT plant(w(70), 'archived', month(40)), plant(w(71), 'archived', month(40)), plant(w(70), 'restored', month(38)), plant(w(71), 'restored', month(38)),
      plant(w(70), 'sides', month(36)), plant(w(71), 'sides', month(36)), plant(w(70), 'drained', month(3)), plant(w(71), 'drained', month(3));
    INSERT INTO audit_events (created_at, action_type, resource_type, workspace_id, created_by_user_id) SELECT month(k), 'ACT', 'thing', w(2), w(72) FROM unnest(ARRAY[40, 38]) AS k" durability >/dev/null
query "SELECT create_past_audit_partitions(make_date(1970, 1, 1), current_date)" durability >/dev/null 2>&1
# Somebody's own index on payload, in a month whose table will be empty; its statistics are turned off, as the manual says of such indexes.
emptied=$(query "SELECT 'audit_events_' || to_char(month(40) AT TIME ZONE 'UTC', 'YYYY_MM')" durability)
query "CREATE INDEX own_index ON $emptied ((old_values->>'short')); ALTER INDEX own_index ALTER COLUMN 1 SET STATISTICS 0" durability
query "CREATE TABLE sides AS SELECT inhrelid, inhparent FROM pg_inherits; SELECT archive_old_audit_events()" durability >/dev/null
query "SELECT restore_audit_events(ARRAY(SELECT id FROM audit_events_archive WHERE resource_type = 'restored'));
    SELECT plant(w(70), 'stray', month(2)), plant(w(71), 'stray', month(2)), plant(w(70), 'current', now()), plant(w(71), 'current', now());
    ANALYZE" durability >/dev/null
query "SELECT right(created_by_user_id::text, 2), resource_type || '.seal_key', encode(seal_key, 'hex') FROM both_sides WHERE action_type = 'ACT' AND workspace_id = w(1)" durability >"$SCRATCH/keys"
check_equal 'each event has a key' 12 "$(grep -c '|[0-9a-f]\{32\}$' "$SCRATCH/keys")"
check_equal 'the events are where they should be' 'archived archive,current hot,drained hot,restored hot,sides archive,stray hot' "$(query "SELECT string_agg(DISTINCT resource_type || ' ' || side, ',' ORDER BY resource_type || ' ' || side) FROM both_sides WHERE action_type = 'ACT' AND workspace_id = w(1)" durability)"
check_equal 'a month changed sides' 2 "$(query 'SELECT count(*) FROM pg_inherits JOIN sides USING (inhrelid) JOIN pg_class ON oid = inhrelid WHERE relkind = $$r$$ AND pg_inherits.inhparent <> sides.inhparent' durability)"
check_equal '... and one event is in the default partition' 2 "$(query 'SELECT count(*) FROM audit_events_default' durability)"
check_equal 'every secret is found before (the search works)' "$(names 70)" "$(found_in_files 70)"
check_equal 'statistics are kept of no payload' 0 "$(query "SELECT count(*) FROM pg_stats WHERE tablename ~ '^audit_events' AND attname IN ('old_values', 'new_values', 'changed_fields', 'ip_address', 'user_agent', 'request_id', 'tags', 'metadata')" durability)"
others=$(event_digest "action_type = 'ACT' AND created_by_user_id <> w(70)")
[ "${others%%|*}" = 8 ] || not_ok 'there are others' "$others"

# Refused calls, whose messages are looked at below: NULL, no ticket, reserved authority, a hold, an UPDATE, an unknown entry.
{
    answer "SELECT delete_user_audit_events_compliant(NULL, w(1), 'GDPR', 'T')"
    answer "SELECT delete_user_audit_events_compliant(w(70), w(1), 'GDPR', '')"
    answer "SELECT delete_user_audit_events_compliant(w(70), w(1), 'RETENTION_POLICY', 'T')"
    answer "SELECT place_audit_hold(w(1), 'case', w(70)) IS NOT NULL"
    answer "SELECT delete_user_audit_events_compliant(w(70), w(1), 'GDPR', 'T')"
    answer "SELECT release_audit_hold(id, 'over') FROM audit_legal_holds"
    answer "UPDATE audit_events SET metadata = NULL WHERE created_by_user_id = w(70)"
    answer "BEGIN; SET LOCAL statement_timeout = 1; SELECT delete_user_audit_events_compliant(w(70), w(1), 'GDPR', 'T'), pg_sleep(1)"
    answer "SELECT audit_scrub(w(9))"
    answer "SELECT audit_deletion_certificate(w(9))"
} >"$SCRATCH/refused" || true

# Older than the erasure: a snapshot, and a prepared transaction.
in_background reader durability 'BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM audit_events; SELECT pg_sleep(600)'
reader=$!
await durability "$(asleep reader)"
query "BEGIN; CREATE TABLE prepared (); PREPARE TRANSACTION 'older'" durability
entry=$(query "SELECT deletion_log_id FROM delete_user_audit_events_compliant(w(70), w(1), 'GDPR', 'T-1', p_reason := 'asked by letter')" durability)
check_equal 'the erasure says six events' 6 "$(query "SELECT event_count FROM audit_deletion_log WHERE id = '$entry'" durability)"
for older in 'a snapshot and a prepared transaction' 'a prepared transaction'; do
    answer "SELECT audit_scrub('$entry')" >>"$SCRATCH/refused" || true
    check_equal "a scrub is refused beside $older that is older" P0001 "$(error_of durability "SELECT audit_scrub('$entry')")"
    query "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'reader'" durability >/dev/null
    wait "$reader" || true
done
query "ROLLBACK PREPARED 'older'" durability
check_equal '... also in the transaction of the erasure' P0001 "$(error_of durability "BEGIN; DO 'DECLARE entry uuid; BEGIN SELECT deletion_log_id INTO entry FROM delete_user_audit_events_compliant(w(70), w(1), \$t\$GDPR\$t\$, \$t\$T\$t\$); PERFORM audit_scrub(entry); END'")"
check_equal 'nothing says that it was scrubbed' 'false|0' "$(query "SELECT audit_deletion_certificate('$entry')->>'is_scrubbed', (SELECT count(*) FROM audit_deletion_scrubs)" durability)"

# Erasure and VACUUM alone leave the bytes: that is what the certificate says before a scrub.
query 'VACUUM' durability
left=$(found_in_files 70)
check_between 'after erasure and VACUUM, secrets that are still in the files' 8 54 "$(grep -c . <<<"$left" || true)"
check_equal "... also in a month's table that has no page left" '0|archived.old_values' "$(query "SELECT pg_relation_size('$emptied')" durability)|$(found_in_index 70)"
erased=$(event_digest "created_by_user_id = w(70) AND action_type = 'ACT'")

# A reader who is there is waited for, and its end lets the scrub go on.
in_background slow durability 'BEGIN; SELECT count(*) FROM audit_events; SELECT pg_sleep(2); COMMIT'
slow=$!
await durability "$(asleep slow)"
query "SELECT audit_scrub('$entry')" durability >/dev/null
wait "$slow"
check_equal 'after the scrub, in no file of the database' '' "$(found_in_files 70)"
check_equal "... and the other person's secrets are all there" "$(names 71)" "$(found_in_files 71)"
query 'ANALYZE' durability
check_equal '... also after ANALYZE' '' "$(found_in_files 70)"
check_equal "... nobody else's event has changed" "$others" "$(event_digest "action_type = 'ACT' AND created_by_user_id <> w(70)")"
check_equal '... nor has an erased one since' "$erased" "$(event_digest "created_by_user_id = w(70) AND action_type = 'ACT'")"
check_equal '... which hold no payload and say why' 6 "$(query "SELECT count(*) FROM both_sides WHERE created_by_user_id = w(70) AND action_type = 'ACT' AND deletion_reason = 'asked by letter' AND deleted_at IS NOT NULL
    AND num_nonnulls(old_values, new_values, changed_fields, ip_address, user_agent, request_id, tags, metadata) = 0" durability)"
check_equal 'the certificate says that it was scrubbed' true "$(query "SELECT audit_deletion_certificate('$entry')->>'is_scrubbed'" durability)"
check_between 'what the write-ahead log still holds, as the certificate says' 8 54 "$(found 70 "$cluster"/data/pg_wal/0* | grep -c . || true)"

check_equal 'every index is valid and none is left as the one to cluster by' 't|f' "$(query "SELECT bool_and(indisvalid AND indisready), bool_or(indisclustered) FROM pg_index JOIN pg_class ON oid = indexrelid WHERE relname ~ '^audit_'" durability)"
if query 'CREATE EXTENSION amcheck' durability 2>/dev/null; then
    check_between 'amcheck finds each index complete and in order; indexes' 20 1000 "$(query "SELECT count(bt_index_parent_check(indexrelid, true)) FROM pg_index JOIN pg_class ON oid = indexrelid
        JOIN pg_am ON pg_am.oid = relam WHERE amname = 'btree' AND relkind = 'i' AND relname ~ '^audit_events'" durability)"
fi
check_equal 'indexes find what the tables hold' t "$(query "SET enable_seqscan = off; SELECT (SELECT count(*) FROM audit_events WHERE workspace_id = w(1)) = (SELECT count(*) FROM audit_events WHERE workspace_id::text = w(1)::text)" durability)"

# What people read, and what the server wrote.
check_equal 'the provoked refusals' 10 "$(grep -c '^ERROR' "$SCRATCH/refused")"
check_equal '... and none is an internal error' '' "$(grep 'ERROR:  XX' "$SCRATCH/refused" || true)"
check_equal 'no secret in a message' '' "$(found 70 "$SCRATCH/refused")"
check_equal '... in the server log' '' "$(found 70 "$cluster/log")"
check_equal '... in the deletion log, certificate, scrubs, holds, requests and own events' '' "$(query "SELECT log::text, audit_deletion_certificate(id)::text FROM audit_deletion_log AS log WHERE is_irrevocable;
    TABLE audit_deletion_log; TABLE audit_deletion_months; TABLE audit_deletion_scrubs; TABLE audit_legal_holds; TABLE audit_deletion_requests; SELECT * FROM both_sides WHERE action_type ~ '^AUDIT_'" durability | found_in_text 70)"

# Once more: nothing is found, it is logged, and scrubbing again does no harm.
check_equal 'a second erasure finds nothing and is logged' '0|2' "$(query "SELECT deleted_count, (SELECT count(*) FROM audit_deletion_log WHERE is_irrevocable) FROM delete_user_audit_events_compliant(w(70), w(1), 'GDPR', 'T-2')" durability | sed 's/|1$/|2/')"
query "SELECT audit_scrub('$entry'); SELECT audit_scrub(id) FROM audit_deletion_log WHERE approval_ticket_id = 'T-2'" durability >/dev/null
check_equal 'both are scrubbed' 3 "$(query 'SELECT count(*) FROM audit_deletion_scrubs' durability)"
check_equal 'guards hold' 23001 "$(error_of durability 'UPDATE audit_events SET deleted_at = NULL')"
