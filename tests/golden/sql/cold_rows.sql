-- Rows of cold storage are what COPY sends in binary form, byte for byte, for every value that SQL can store; the digests of the database are made of them.
\i tests/golden/prelude.sql
CREATE EXTENSION audit_ext;
\i tests/golden/cold_files.sql
SET client_min_messages = warning;
CREATE FUNCTION w(n int) RETURNS uuid LANGUAGE sql AS $$ SELECT ('00000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid $$;
INSERT INTO audit_retention_policies (workspace_id, hot_retention_days, warm_archive_days, cold_retention_days) SELECT w(n), 30, 60, 3650 FROM generate_series(1, 2) AS n;
SELECT count(*) > 0 AS made FROM create_past_audit_partitions('2020-01-01', current_date);
CREATE TEMP TABLE jsons AS SELECT value::jsonb AS value, row_number() OVER () AS n FROM unnest(ARRAY['1e400', '-1e-400', '1.00', '-0', '0.10', '9007199254740993', 'null', 'true', '"𝄞"', E'"\x7f\\u0001\\\\ \\" é"', '[]', '[[], {}, [1.00, null, "x"]]',
  '{"": {"a": [1e400, -0, 1.00]}}', '{"b": 1, "aa": 2, "a": 3}']) AS value;
CREATE TEMP TABLE arrays AS SELECT value::text[] AS value, row_number() OVER () AS n FROM unnest(ARRAY['{}', '{a}', '{NULL}', '{"",NULL,b}', '[-3:-2]={a,b}', '[0:0]={NULL}', '{{a,b},{c,NULL}}', '[2:2][0:1]={{a,b}}', '{{{{{{a}}}}}}', E'{𝄞,"\x7f","\\"\\\\"}',
  '[2147483646:2147483646]={x}', '[-2147483648:-2147483648]={x}']) AS value;
-- Room for a NULL, and none in it.
INSERT INTO arrays SELECT trim_array('{a,NULL}'::text[], 1), 90;
CREATE TEMP TABLE inets AS SELECT value::inet AS value, row_number() OVER () AS n FROM unnest(ARRAY['0.0.0.0/0', '10.1.2.3/8', '203.0.113.7', '255.255.255.255/31', '::', '::/0', '::1', '::1.2.3.4', '::ffff:1.2.3.4/96', '2001:db8::1/64', 'fe80::1/127']) AS value;
INSERT INTO audit_events (created_at, action_type, resource_type, resource_id, workspace_id, created_by_user_id, old_values, new_values, ip_address, user_agent, request_id, tags, metadata)
SELECT timestamptz '2024-03-01 00:00:00.000001+00' + n * interval '1.000001 second', 'ACT ' || n, E'𝄞\x7f \t', CASE n % 3 WHEN 0 THEN w(9) END, w(1), w(70), (SELECT value FROM jsons WHERE jsons.n = event.n % 15 AND value <> '{}'), (SELECT value FROM jsons WHERE jsons.n = event.n % 17),
  (SELECT value FROM inets WHERE inets.n = event.n % 13), CASE n % 5 WHEN 0 THEN '' WHEN 1 THEN E'a\x01\x7f\u00e9𝄞' END, repeat(E'\u00e9', n % 4), (SELECT value FROM arrays WHERE arrays.n = event.n % 14), (SELECT value FROM jsons WHERE jsons.n = event.n % 16)
FROM generate_series(1, 400) AS event (n);
INSERT INTO audit_events (created_at, action_type, resource_type, workspace_id, created_by_user_id, tags) SELECT timestamptz '2024-03-20+00' + n * interval '1 second', 'ACT', 'thing', w(1), w(70), value FROM arrays;
-- Rows of eight megabytes, in the table and out of it, so that a second chunk begins before the first has its number of events.
INSERT INTO audit_events (created_at, action_type, resource_type, workspace_id, created_by_user_id, new_values, user_agent)
SELECT timestamptz '2024-03-25+00' + n * interval '1 second', 'LARGE', 'thing', w(1), w(70), jsonb_build_object('a', repeat('𝄞', 1 << 20)), (SELECT string_agg(md5(n || ' ' || part), '') FROM generate_series(1, 1 << 17) AS part)
FROM generate_series(1, 5) AS n;
SELECT archived_count FROM archive_old_audit_events();
SELECT count(*) > 0 AS sealed FROM audit_seal();

-- What SQL's send functions give is what COPY sends, also to a client of another encoding: the object is made of UTF-8.
\set file `mktemp`
\setenv COLD_DIGEST :file
\copy (SELECT * FROM audit_events_archive WHERE workspace_id = w(1) ORDER BY workspace_id, created_at, id) TO PROGRAM 'tail -c +20 | head -c -2 | sha256sum | cut -c 1-64 > "$COLD_DIGEST"' (FORMAT binary)
\set digest `cat "$COLD_DIGEST"; rm "$COLD_DIGEST"`
SELECT encode(sha256(string_agg(bytes, '' ORDER BY chunk)), 'hex') = :'digest' AS "the same bytes", array_agg(events ORDER BY chunk) AS chunks FROM test.cut(w(1), '2024-03-01');

-- What the database makes of its rows has the same digests, or nothing would be released. What comes back is the same, by its bytes and by its text.
CREATE TABLE before AS SELECT * FROM audit_events_archive WHERE workspace_id = w(1);
SELECT test.export(w(1), '2024-03-01') AS object \gset
SET client_encoding = 'LATIN1';
SELECT released_count FROM release_audit_cold_object(:'object', 'SOC2', 'T-1');
SELECT count(*) AS "left" FROM audit_events_archive WHERE workspace_id = w(1);
SELECT sum(restore_audit_cold_events(object_id, chunk, bytes)) AS restored FROM test.chunks WHERE object_id = :'object';
RESET client_encoding;
-- But for an array that had room for a NULL and none in it: such an array is stored without.
SELECT count(*), bool_and(e::text = before::text) AS "as text", count(*) FILTER (WHERE test.canonical(e) <> test.canonical(ROW(before.*)::audit_events_archive)) AS "other bytes", bool_and(row_sha256 = sha256(test.canonical(e))) AS "as lent"
FROM audit_events_archive AS e JOIN before USING (id) JOIN audit_cold_loans AS loan ON loan.event_id = e.id;
SELECT returned_count FROM return_audit_cold_loans(w(1), 'SOC2', 'T-2', '0');
