#!/usr/bin/env bash
# Proves that other people's readers find in every format what is stored, whatever texts an event is made of: Python's json and csv, PostgreSQL's own
# COPY, the JSON Schema of OCSF 1.6.0, two parsers of CEF.
set -euo pipefail
. "$(dirname "$0")/../lib/report.sh"
. "$(dirname "$0")/../lib/toolchain.sh"
here=$(cd "$(dirname "$0")" && pwd)

events=2000
[ -z "${AUDIT_EXT_LONG:-}" ] || events=50000
seed=${AUDIT_EXT_SEED:-$RANDOM}
echo "# AUDIT_EXT_SEED=$seed"

# Nothing of theirs is part of the extension.
parts=(ocsf-json-schema==1.2.0 jsonschema==4.26.0 pycef==1.11)
export PYTHONPATH=$here/../../.toolchain/formats PYTHONDONTWRITEBYTECODE=1
if [ "$(cat "$PYTHONPATH/wanted" 2>/dev/null)" != "${parts[*]}" ]; then
    rm -rf "$PYTHONPATH"
    insistently python3 -m pip install --quiet --disable-pip-version-check --root-user-action ignore --only-binary :all: --target "$PYTHONPATH" "${parts[@]}"
    echo "${parts[*]}" >"$PYTHONPATH/wanted"
fi

database_with_trail export
query "CREATE FUNCTION one(VARIADIC texts text[]) RETURNS text LANGUAGE sql VOLATILE AS 'SELECT texts[1 + floor(random() * cardinality(texts))]';
    CREATE FUNCTION often(p_share float, p_value anyelement) RETURNS anyelement LANGUAGE sql VOLATILE AS 'SELECT CASE WHEN random() < p_share THEN p_value END';
    CREATE FUNCTION piece() RETURNS text LANGUAGE sql VOLATILE AS \$\$ SELECT one('a', 'word', ' ', ',', '\"', '\"\"', '''', E'\\\\', E'\\\\n', E'\\n', E'\\r\\n', E'\\r', E'\\t', E'\\x01', E'\\x1f', E'\\x7f', U&'\\2028', U&'\\FEFF', 'ß', '漢字', '😀', '=', '=1+1', '+', '-', '@SUM(A1)', '|', '{', '}', '[', 'NULL', 'null', '1e400', '\$', '%s', ';', '<b>', '&amp;', 'act=x', 'cs1=y', E'\\\\=') \$\$;
    CREATE FUNCTION words() RETURNS text LANGUAGE sql VOLATILE AS \$\$ SELECT coalesce(string_agg(piece(), ''), '') FROM generate_series(1, floor(random() * 6)::int) \$\$;
    CREATE FUNCTION document() RETURNS jsonb LANGUAGE sql VOLATILE AS \$\$ SELECT CASE floor(random() * 6) WHEN 0 THEN jsonb_build_object(words(), words(), words() || 'k', 0.1000) WHEN 1 THEN jsonb_build_array(words(), NULL, 12345678901234567890123456789.000001, true)
      WHEN 2 THEN to_jsonb(words()) WHEN 3 THEN '1E+400'::jsonb WHEN 4 THEN 'null' ELSE jsonb_build_object('deep', ('{\"a\": ' || repeat('[', 300) || repeat(']', 300) || '}')::jsonb, words(), jsonb_build_object('n', NULL)) END \$\$;
    CREATE FUNCTION list() RETURNS text[] LANGUAGE sql VOLATILE AS \$\$ SELECT CASE WHEN random() < 0.1 THEN ARRAY[[words(), NULL], [words(), words()]] ELSE ARRAY(SELECT often(0.9, words()) FROM generate_series(1, floor(random() * 4)::int)) END \$\$" export
query "SELECT setseed(($seed % 1000) / 1000.0);
    SELECT count(insert_audit_event(coalesce(often(0.5, one('LOGIN', 'user.signed_out', 'user.created', 'ACCOUNT_LOCKED', 'password.reset', 'user.mfa_enabled', 'member.invited', 'REMOVE_MEMBER', 'role.updated', 'role.deleted', 'file.renamed', 'file.viewed', 'key.enabled', 'job.suspended', 'invoice.paid', 'LOGIN_FAILED')), words() || 'x'),
      coalesce(often(0.6, one('user', 'account', 'member', 'membership', 'role')), words() || 'x'), often(0.7, gen_random_uuid()), w(1), gen_random_uuid(), nullif(often(0.5, document()), '{}'), nullif(often(0.5, document()), '{}'),
      often(0.7, one('10.1.2.3', '10.1.2.0/24', '::1', '2001:db8::/32', '::ffff:10.1.2.3', '0.0.0.0/0')::inet), often(0.7, words()), often(0.7, list()), often(0.5, nullif(document(), '{}')), often(0.7, words()))) FROM generate_series(1, $events)" export >/dev/null
# Some with fields that changed, which only captured and updated rows have: any list.
query "SET session_replication_role = replica; INSERT INTO audit_events (id, created_at, action_type, resource_type, workspace_id, created_by_user_id, changed_fields)
    SELECT overlay(id::text PLACING 'ffff' FROM 20)::uuid, created_at, action_type, resource_type, workspace_id, created_by_user_id, list() FROM audit_events LIMIT 300" export

exported() { "$PGBIN/psql" -XAt -v FETCH_COUNT=100 -d export -c "SELECT export_audit_events(w(1), p_to => '$until', p_format => '$1')" >"$SCRATCH/$1"; }
until=$(query "SELECT max(created_at) + interval '1 microsecond' FROM audit_events" export)
for format in ndjson csv csv_safe ocsf cef ecs; do exported $format; done
columns="id, created_at, created_by_user_id, action_type, resource_type, resource_id, workspace_id, old_values, new_values, changed_fields, ip_address, user_agent, request_id, tags, metadata"
stored="SELECT $columns, false AS is_archived FROM audit_events WHERE workspace_id = w(1) AND created_at < '$until'"
check_equal 'there are as many events as were made' $((events + 300)) "$(query "SELECT count(*) FROM ($stored) AS event" export)"
# What is stored, for Python: documents as they are printed, times as RFC 3339 has them.
"$PGBIN/psql" -XAt -d export -c "SELECT json_build_object('id', id, 'created_at', to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"'), 'created_by_user_id', created_by_user_id, 'action_type', action_type, 'resource_type', resource_type,
    'resource_id', resource_id, 'workspace_id', workspace_id, 'old_values', old_values, 'new_values', new_values, 'changed_fields', changed_fields, 'ip_address', ip_address, 'user_agent', user_agent, 'request_id', request_id, 'tags', tags, 'metadata', metadata,
    'is_archived', is_archived, 'as_text', json_build_array(old_values::text, new_values::text, metadata::text, changed_fields::text, tags::text, host(ip_address))) FROM ($stored ORDER BY created_at, id) AS event" >"$SCRATCH/stored"
for format in ndjson csv csv_safe ocsf cef ecs; do
    check_equal "$format: a foreign reader finds every event, with every value" "$((events + 300)) events" "$(python3 "$here/export.py" $format "$SCRATCH/$format" "$SCRATCH/stored" 2>&1 | tail -n 3)"
done

# A stream delivers the same lines, in another order; of events that are gone, valid ones too.
query "SET client_min_messages = error; CREATE ROLE export_siem; SELECT audit_grant('export_siem', 'streamer')" export >/dev/null
query 'CALL audit_adopt_events()' export
query 'SELECT sealed_count FROM audit_seal()' export >/dev/null
query "SELECT create_audit_stream(format, 'export_siem', format, p_from => '-infinity') FROM unnest('{json,ocsf,cef,ecs}'::text[]) AS format" export >/dev/null
for format in json ocsf cef ecs; do
    "$PGBIN/psql" -XAt -d export -c "SELECT payload FROM fetch_audit_stream('$format', 10000) WHERE event_id IN (SELECT id FROM ($stored) AS event)" | LC_ALL=C sort >"$SCRATCH/stream_$format"
    # Numbers of events that a long run makes do not fit into a batch.
    [ "$events" -gt 5000 ] || check_same_file "a stream delivers $format as the export does" "$SCRATCH/stream_$format" <(grep -v '^{"audit_export"' "$SCRATCH/${format/#json/ndjson}" | LC_ALL=C sort)
done
query "INSERT INTO audit_retention_policies (workspace_id, hot_retention_days, warm_archive_days) VALUES (w(2), 30, 60);
    INSERT INTO audit_events (created_at, action_type, resource_type, workspace_id, created_by_user_id) SELECT now() - n * interval '100 days', 'OLD', 'thing', w(2), w(1) FROM generate_series(5, 1, -1) AS n;
    SELECT archived_count FROM archive_old_audit_events()" export >/dev/null
query 'SELECT sealed_count FROM audit_seal()' export >/dev/null
query "SELECT create_audit_stream('gone', 'export_siem', 'ocsf', w(2), '{OLD}', p_from => '-infinity'); SELECT deleted_count FROM purge_expired_audit_events(w(2), 'SOC2', 'T-1')" export >/dev/null
"$PGBIN/psql" -XAt -d export -c "SELECT payload FROM fetch_audit_stream('gone')" >"$SCRATCH/gone"
: >"$SCRATCH/none"
check_equal 'what it tells of purged events is valid OCSF 1.6.0' '5 events' "$(python3 "$here/export.py" valid "$SCRATCH/gone" "$SCRATCH/none" 2>&1 | tail -n 1)"

# PostgreSQL reads its own CSV back: NULL is no empty text.
query "CREATE TABLE copied AS $stored LIMIT 0" export
"$PGBIN/psql" -XqAt -d export -c '\copy copied FROM '"'$SCRATCH/csv'"' WITH (FORMAT csv, HEADER)'
check_equal 'COPY reads every row back as it was' "$((events + 300))|0|0" "$(query "SELECT (SELECT count(*) FROM copied), (SELECT count(*) FROM (SELECT event::text FROM ($stored) AS event EXCEPT SELECT copied::text FROM copied) AS missing),
    (SELECT count(*) FROM (SELECT copied::text FROM copied EXCEPT SELECT event::text FROM ($stored) AS event) AS made_up)" export)"

# A reader that is fed something else says so.
sed '1,/"old_values":{/s/"old_values":{/"old_values":{"x":1,/' "$SCRATCH/ndjson" >"$SCRATCH/changed"
check_between 'a changed line is found' 1 1 "$(python3 "$here/export.py" ndjson "$SCRATCH/changed" "$SCRATCH/stored" 2>&1 | grep -c 'differs' || true)"
sed '1s/"activity_id":[0-9]*/"activity_id":"x"/' "$SCRATCH/ocsf" >"$SCRATCH/changed"
check_between 'a line that OCSF does not allow is found' 1 1 "$(python3 "$here/export.py" ocsf "$SCRATCH/changed" "$SCRATCH/stored" 2>&1 | grep -c 'not valid' || true)"

# Texts of another encoding leave as texts of that encoding.
query 'DROP DATABASE IF EXISTS export_latin'
query "CREATE DATABASE export_latin TEMPLATE template0 ENCODING LATIN1 LOCALE 'C'"
query "SET client_encoding = UTF8; CREATE EXTENSION audit_ext; SELECT insert_audit_event('größe', 'thing', NULL, '00000000-0000-4000-8000-000000000001', '00000000-0000-4000-8000-000000000001', NULL, '{\"ä\": \"é\"}', p_user_agent => 'ÿ')" export_latin >/dev/null
for format in ndjson csv ocsf cef ecs; do
    check_equal "LATIN1, $format" 1 "$(query "SET client_encoding = UTF8; SELECT count(*) FROM export_audit_events('00000000-0000-4000-8000-000000000001', p_format => '$format') AS line WHERE line LIKE '%größe%' AND line LIKE '%ÿ%' AND ('$format' = 'cef' OR line LIKE '%é%')" export_latin)"
done
# ... and keys that differ are different keys.
export PGCLIENTENCODING=UTF8
query "CREATE TABLE notes (id text PRIMARY KEY, company text); SELECT audit_track_table('notes', 'company'); INSERT INTO notes VALUES ('né', 'café'), ('nè', 'cafè')" export_latin >/dev/null
check_equal 'LATIN1, keys' '2|2|t|t' "$(query "SELECT count(DISTINCT workspace_id), count(DISTINCT resource_id), bool_and(workspace_id = audit_resource_id('workspace', new_values ->> 'company')), bool_and(resource_id = audit_resource_id('notes', new_values ->> 'id')) FROM audit_events WHERE resource_type = 'notes'" export_latin)"
unset PGCLIENTENCODING
query 'DROP DATABASE export_latin'
database_drop export
