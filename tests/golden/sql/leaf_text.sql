-- Evidence is made of what PostgreSQL prints for a column, so these texts must be the same on every version and in every session. What is left of a key after an
-- erasure holds the digest of the eight columns of payload: it is computed here from the formats alone, and by the server in a session that prints otherwise.
\i tests/golden/prelude.sql
CREATE EXTENSION audit_ext;
SET client_min_messages = warning;
CREATE FUNCTION w(int) RETURNS uuid LANGUAGE sql IMMUTABLE RETURN ('10000000-0000-4000-8000-' || lpad($1::text, 12, '0'))::uuid;
-- RFC 2104, RFC 4648, RFC 9901.
CREATE FUNCTION hmac(p_key bytea, p_text text) RETURNS bytea LANGUAGE sql IMMUTABLE AS $$
  SELECT sha256(outside || sha256(inside || convert_to(p_text, 'UTF8'))) FROM (
    SELECT decode(string_agg(lpad(to_hex(byte # 54), 2, '0'), '' ORDER BY n), 'hex') AS inside, decode(string_agg(lpad(to_hex(byte # 92), 2, '0'), '' ORDER BY n), 'hex') AS outside
    FROM (SELECT n, CASE WHEN n < length(p_key) THEN get_byte(p_key, n) ELSE 0 END AS byte FROM generate_series(0, 63) AS n) AS padded) AS keys
$$;
CREATE FUNCTION mac(p_key bytea, p_text text) RETURNS bytea LANGUAGE sql IMMUTABLE RETURN substr(hmac(p_key, p_text), 1, 16);
CREATE FUNCTION b64u(p_bytes bytea) RETURNS text LANGUAGE sql IMMUTABLE RETURN translate(encode(p_bytes, 'base64'), E'+/=\n', '-_');
CREATE FUNCTION disclosure(p_key bytea, p_name text, p_json text) RETURNS text LANGUAGE sql IMMUTABLE
  RETURN b64u(convert_to(format('["%s","%s",%s]', b64u(mac(p_key, p_name)), p_name, p_json), 'UTF8'));
CREATE FUNCTION erased_key(p_key bytea, p_names text[], p_texts text[]) RETURNS bytea LANGUAGE sql IMMUTABLE AS $$
  SELECT mac(p_key, 'kept') || sha256(disclosure(p_key, 'payload', '{"_sd":[' || coalesce(string_agg('"' || digest || '"', ',' ORDER BY digest COLLATE "C"), '') || ']}')::bytea)
  FROM (SELECT b64u(sha256(disclosure(p_key, name, to_json(text)::text)::bytea)) AS digest FROM unnest(p_names, p_texts) AS column_of (name, text) WHERE text IS NOT NULL) AS digests
$$;
\set payload '''{old_values,new_values,changed_fields,ip_address,user_agent,request_id,tags,metadata}''::text[]'
-- format() calls the output function; a cast of inet is another text.
CREATE FUNCTION texts(e audit_events) RETURNS text[] LANGUAGE sql STABLE AS $$
  SELECT array_agg(CASE WHEN field IS NOT NULL THEN field END ORDER BY n) FROM unnest(ARRAY[
    CASE WHEN e.old_values IS NOT NULL THEN format('%s', e.old_values) END, CASE WHEN e.new_values IS NOT NULL THEN format('%s', e.new_values) END,
    CASE WHEN e.changed_fields IS NOT NULL THEN format('%s', e.changed_fields) END, CASE WHEN e.ip_address IS NOT NULL THEN format('%s', e.ip_address) END,
    e.user_agent, e.request_id, CASE WHEN e.tags IS NOT NULL THEN format('%s', e.tags) END, CASE WHEN e.metadata IS NOT NULL THEN format('%s', e.metadata) END]) WITH ORDINALITY AS of (field, n)
$$;

-- Numbers, strings, keys and shapes of jsonb; addresses; arrays; text.
CREATE TABLE document (no int GENERATED ALWAYS AS IDENTITY, value jsonb);
INSERT INTO document (value) VALUES ('1.00'), ('-0'), ('-0.0'), ('1e3'), ('1E-7'), ('-1.50e+2'), ('9007199254740993'), ('9007199254740992'), ('0.1000000000000000055511151231257827'), ('1e30'), ('12345678901234567890123456789.0123456789'),
  ('"text"'), ('""'), ('null'), ('true'), ('[]'), ('[[], {}, [null, false]]'), ('{"bb": 1, "a": {"z": [], "y": {}}, "": 2}'), ('{"a": 1, "a": 2}'), ('{"B": 1, "a": 2, "\u00e9": 3, "zz": 4}'),
  ('"\" \\ \/ \b \f \n \r \t"'), ('"\u0001\u001f\u007f\u0080\u009f"'), ('"\u00e9 \u2028 \ud83d\ude00 \uffff"'), ('"<&>'' \u00a0"'), ('{"_sd": ["x"], "...": "y", "k\n\"": 1}');
CREATE TABLE address (no int GENERATED ALWAYS AS IDENTITY, value inet);
INSERT INTO address (value) VALUES ('10.0.0.1'), ('10.0.0.1/32'), ('10.0.0.1/8'), ('10.0.0.0/8'), ('0.0.0.0/0'), ('255.255.255.255/31'), ('::'), ('::1'), ('::/0'), ('2001:DB8::1/64'), ('2001:db8::/32'), ('2001:db8:0:0:1:0:0:1'),
  ('::ffff:1.2.3.4'), ('::1.2.3.4'), ('::ffff:1.2.3.4/96'), ('fe80::1/10'), ('1:2:3:4:5:6:7:8/127'), ('64:ff9b::1.2.3.4');
CREATE TABLE list (no int GENERATED ALWAYS AS IDENTITY, value text[]);
INSERT INTO list (value) VALUES ('{}'), ('{a,b}'), ('{a,NULL,"NULL","null",nul}'), (ARRAY['', ' ', 'a b', 'a,b', '{', '}', '"', '\', E'\t\n\r\x0b\f', E'\x01\x7f']), (ARRAY[E'\u00e9', E'\u00a0', E'\u2028', E'\U0001f600']), ('[0:1]={a,b}'), ('[-5:-4][2:3]={{a,b},{c,NULL}}'),
  ('{{a,b},{c,d}}'), ('{{{a}},{{b}}}'), ('[2:2]={x}'), (ARRAY['true', '1', '0.10', '''']);
CREATE TABLE words (no int GENERATED ALWAYS AS IDENTITY, value text);
INSERT INTO words (value) VALUES (''), (' '), (E'\x01\x08\t\n\x0b\f\r\x1f\x7f'), ('"\/<&>'''), (E'\u0080\u00a0\u2028\ufeff\uffff'), (E'\u00e9'), (E'e\u0301'), (E'\U0001f600\U0001d11e'), ('Mozilla/5.0 (X11; Linux x86_64)'), ('\x00'), (repeat('long ', 5000));
-- Bytes beyond ASCII in octal.
SELECT no, encode(convert_to(format('%s', value), 'UTF8'), 'escape') AS printed FROM document ORDER BY no;
SELECT no, format('%s', value) AS printed FROM address ORDER BY no;
SELECT no, encode(convert_to(format('%s', value), 'UTF8'), 'escape') AS printed FROM list ORDER BY no;
SELECT no, to_json(encode(convert_to(left(value, 80), 'UTF8'), 'escape')) AS printed FROM words ORDER BY no;
SET bytea_output = escape; SET extra_float_digits = -15; SET datestyle = german; SET timezone = 'Asia/Kathmandu'; SET intervalstyle = sql_standard;
SELECT md5(string_agg(format('%s', value), ',' ORDER BY no)) AS "documents in another session" FROM document;

INSERT INTO audit_events (action_type, resource_type, workspace_id, created_by_user_id, old_values, new_values, metadata, ip_address, tags, user_agent, request_id)
SELECT 'A' || n, 'thing', w(1), w(2), NULLIF(a.value, '{}'), b.value, c.value, address.value, list.value, agent.value, request.value
FROM generate_series(1, 25) AS n LEFT JOIN document AS a ON a.no = n LEFT JOIN document AS b ON b.no = 26 - n LEFT JOIN document AS c ON c.no = (n + 7) % 25 LEFT JOIN address ON address.no = n
LEFT JOIN list ON list.no = n LEFT JOIN words AS agent ON agent.no = n LEFT JOIN words AS request ON request.no = 12 - n;
-- All NULL; names of fields that need quotes; large values, compressed and stored apart.
INSERT INTO audit_events (action_type, resource_type, workspace_id, created_by_user_id) VALUES ('NONE', 'thing', w(1), w(2));
INSERT INTO audit_events (action_type, resource_type, workspace_id, created_by_user_id, old_values, new_values) VALUES ('FIELDS', 'thing', w(1), w(2), '{"": 1, "a b": 1, "NULL": 1, "\"": 1, "\u00e9,": 1, "same": 1}', '{"same": 1, "\\": 2}'),
  ('NO_FIELDS', 'thing', w(1), w(2), '{"a": 1}', '{"a": 1}');
INSERT INTO audit_events (action_type, resource_type, workspace_id, created_by_user_id, old_values, new_values) SELECT 'LARGE', 'thing', w(1), w(2), jsonb_build_object('x', repeat('compressible ', 20000)), jsonb_agg(md5(n::text)) FROM generate_series(1, 3000) AS n;
SELECT encode(convert_to(format('%s', changed_fields), 'UTF8'), 'escape') AS printed FROM audit_events WHERE action_type LIKE '%FIELDS' ORDER BY action_type;
CREATE TABLE expected AS SELECT id, erased_key(seal_key, :payload, texts(e)) AS key FROM audit_events AS e WHERE created_by_user_id = w(2);
SELECT deleted_count FROM delete_user_audit_events_compliant(w(2), w(1), 'GDPR', 'T-1');
SELECT count(*) AS erased, count(*) FILTER (WHERE e.seal_key = expected.key) AS "as the formats say" FROM expected JOIN audit_events AS e USING (id);

-- The vectors of the evidence crate, which others have checked: with their keys, as a data-only restore brings them.
\set vectors `cat tests/evidence/vectors.json`
CREATE TABLE vector AS SELECT no, event -> 'columns' AS columns, decode(event ->> 'seal_key', 'hex') AS seal_key, decode(event -> 'erased' ->> 'seal_key', 'hex') AS erased
FROM jsonb_array_elements(:'vectors'::jsonb -> 'events') WITH ORDINALITY AS of (event, no);
BEGIN;
SET LOCAL session_replication_role = replica;
INSERT INTO audit_events (id, created_at, created_by_user_id, action_type, resource_type, resource_id, workspace_id, old_values, new_values, changed_fields, ip_address, user_agent, request_id, tags, metadata, seal_key)
SELECT (columns ->> 'id')::uuid, (columns ->> 'created_at')::timestamptz, (columns ->> 'created_by_user_id')::uuid, columns ->> 'action_type', columns ->> 'resource_type', (columns ->> 'resource_id')::uuid, (columns ->> 'workspace_id')::uuid,
  (columns ->> 'old_values')::jsonb, (columns ->> 'new_values')::jsonb, (columns ->> 'changed_fields')::text[], (columns ->> 'ip_address')::inet, columns ->> 'user_agent', columns ->> 'request_id', (columns ->> 'tags')::text[], (columns ->> 'metadata')::jsonb, seal_key FROM vector;
COMMIT;
SELECT deleted_count FROM delete_user_audit_events_compliant((SELECT DISTINCT (columns ->> 'created_by_user_id')::uuid FROM vector), (SELECT DISTINCT (columns ->> 'workspace_id')::uuid FROM vector), 'GDPR', 'T-2');
SELECT no, octet_length(erased) AS bytes, e.seal_key = erased AS "as the vector says" FROM vector JOIN audit_events AS e ON e.id = (columns ->> 'id')::uuid ORDER BY no;
