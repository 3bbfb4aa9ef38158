-- A small document of enormous numbers would print as more than any memory holds, and could then be neither sealed nor read nor erased: it is refused, and captured as its digest.
\i tests/golden/prelude.sql
CREATE EXTENSION audit_ext;
SET client_min_messages = warning;
CREATE FUNCTION w(int) RETURNS uuid LANGUAGE sql IMMUTABLE RETURN ('10000000-0000-4000-8000-' || lpad($1::text, 12, '0'))::uuid;
CREATE FUNCTION numbers(p_number text, p_count int) RETURNS jsonb LANGUAGE sql RETURN (SELECT ('{"a": [' || string_agg(p_number, ', ') || ']}')::jsonb FROM generate_series(1, p_count));
CREATE FUNCTION recorded(p_old jsonb DEFAULT NULL, p_new jsonb DEFAULT NULL, p_metadata jsonb DEFAULT NULL, p_agent text DEFAULT NULL, p_tags text[] DEFAULT NULL) RETURNS uuid LANGUAGE sql AS $$
  SELECT insert_audit_event('A', 'r', NULL, w(1), w(2), p_old_values => p_old, p_new_values => p_new, p_metadata => p_metadata, p_user_agent => p_agent, p_tags => p_tags) $$;
CREATE FUNCTION refusal(p_sql text, OUT code text, OUT detail text) LANGUAGE plpgsql AS $$ BEGIN EXECUTE p_sql; code := 'accepted'; EXCEPTION WHEN OTHERS THEN GET STACKED DIAGNOSTICS code = RETURNED_SQLSTATE, detail = PG_EXCEPTION_DETAIL; END $$;
SELECT given, r.* FROM unnest(ARRAY['p_new => numbers(''1e131071'', 8250)', 'p_old => numbers(''1e131071'', 300)', 'p_metadata => numbers(''1e-16383'', 2000)', 'p_new => numbers(''-1.5e100000'', 200)',
  'p_new => jsonb_build_object(''a'', repeat(''x'', 60000000)), p_old => jsonb_build_object(''a'', repeat(''y'', 60000000)), p_metadata => jsonb_build_object(''a'', repeat(''z'', 60000000))',
  'p_agent => repeat(chr(1), 50000000)', 'p_tags => ARRAY[repeat(''x'', 50000000)]']) WITH ORDINALITY AS given (given, no), LATERAL refusal(format('SELECT recorded(%s)', given)) AS r ORDER BY no;
SELECT code FROM refusal($$INSERT INTO audit_events (action_type, resource_type, workspace_id, created_by_user_id, new_values) VALUES ('A', 'r', w(1), w(2), numbers('1e131071', 8250))$$);
SELECT code FROM refusal($$SELECT insert_audit_events(jsonb_build_array(jsonb_build_object('action_type', 'A', 'resource_type', 'r', 'workspace_id', w(1), 'created_by_user_id', w(2), 'new_values', numbers('1e131071', 8250))))$$);
-- What is large and no such document is recorded: many numbers, long texts, texts of which each byte is escaped, a few enormous numbers.
SELECT count(recorded(p_new => document)) AS recorded FROM (VALUES (numbers('123456.789', 200000)), (jsonb_build_object('text', repeat('x', 20000000))), (jsonb_build_object('text', repeat(chr(1), 5000000))), (numbers('1e131071', 100))) AS given (document);

-- A table's own numbers are its application's: the event tells of them by size and digest.
CREATE TABLE ours (id int PRIMARY KEY, document jsonb, amounts numeric[], amount numeric);
SELECT audit_track_table('ours', p_workspace_column => NULL);
INSERT INTO ours VALUES (1, numbers('1e131071', 8250), array_fill(1e131071::numeric, ARRAY[1000]), 1e131071), (2, numbers('1', 8250), array_fill(1::numeric, ARRAY[1000]), 1);
SELECT new_values ->> 'id' AS id, new_values #>> '{document,bytes}' AS document, new_values #>> '{amounts,bytes}' AS amounts, length(new_values ->> 'amount') AS amount, metadata -> 'digested' AS digested
FROM audit_events WHERE resource_type = 'ours' ORDER BY 1;
-- Nor are texts captured of which each byte is escaped, if all of them would be too much.
CREATE TABLE texts (id int PRIMARY KEY, a text, b text, c text);
SET audit_ext.capture_value_limit = '64MB';
SELECT audit_track_table('texts', p_workspace_column => NULL);
INSERT INTO texts SELECT 1, t, t, t FROM repeat(chr(1), 60000000) AS t;
INSERT INTO texts SELECT 2, t, t, t FROM repeat(chr(1), 6000000) AS t;
SELECT new_values ->> 'id' AS id, length(new_values::text) / 1000000 AS millions, metadata -> 'digested' AS digested FROM audit_events WHERE resource_type = 'texts' ORDER BY 1;

-- All that was recorded is sealed, found, exported and erased.
SELECT sealed_count > 5 AS sealed FROM audit_seal();
SELECT count(*) FROM search_audit_events(w(1), p_text => 'no such text');
SELECT count(*) > 4 AS lines FROM export_audit_events(w(1));
SELECT deleted_count FROM delete_user_audit_events_compliant(w(2), w(1), 'GDPR', 'T-1');
