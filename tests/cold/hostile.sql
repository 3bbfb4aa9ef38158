-- Events that are hard to write down: of one workspace and month, archived, sealed, some of them erased. Their values are what SQL can store, not what is sensible.
CREATE FUNCTION pg_temp.odd(n int, VARIADIC choices text[]) RETURNS text LANGUAGE sql IMMUTABLE
  RETURN choices[1 + ('x' || left(md5(n || array_to_string(choices, '|', '~')), 7))::bit(28)::int % cardinality(choices)];

INSERT INTO audit_events (created_at, workspace_id, created_by_user_id, action_type, resource_type, resource_id, old_values, new_values, changed_fields, ip_address, user_agent, request_id, tags, metadata)
SELECT timestamptz '2020-02-01 00:00:00Z' + n * interval '17 minutes 3.000001 seconds' + CASE WHEN n = 0 THEN interval '0' ELSE interval '1 microsecond' END,
  w(1), w(100 + n % 7),
  pg_temp.odd(n, 'EVENT', 'ÄNDERUNG', '𝄞', 'a"b\c', E'tab\tnew\nline', repeat('LONG', 100)),
  pg_temp.odd(n + 1, 'thing', E'x\x7fy', 'workspace=1/year=2', '%', ''''),
  CASE WHEN n % 3 > 0 THEN w(n % 50) END,
  pg_temp.odd(n + 2, NULL, '1e400', '-0', '1.00', '0.00000000000000000000000001', '123456789012345678901234567890', 'null', 'true', '"text"', '[]', '[1, [2, {}], "𝄞"]',
    '{"a": null}', '{"": {"": 1.10}}', '{"k\u007f": "\u0001\u0008\ud834\udd1e"}', '-1e-400')::jsonb,
  CASE WHEN n % 500 = 7 THEN jsonb_build_object('large', repeat(md5(n::text), 60000))
    ELSE pg_temp.odd(n + 3, NULL, '{"title": "Grüße \"zitiert\" \\ 𝄞"}', '{"n": 1.000}', '{"n": 1E+5}', '""', '" "', '{"a": {"b": [null, false, 0]}}')::jsonb END,
  pg_temp.odd(n + 4, NULL, '{}', '{a}', '{a,NULL,"NULL",""}', '[5:7]={x,y,z}', '{{a,b},{c,NULL}}', '[0:0]={zero}')::text[],
  pg_temp.odd(n + 5, NULL, '10.1.2.3', '10.1.2.3/8', '0.0.0.0/0', '255.255.255.255', '::', '::1/128', '2001:db8::ff/48', '::ffff:1.2.3.4', '::5.6.7.8', 'fe80::1/10')::inet,
  pg_temp.odd(n + 6, NULL, '', ' ', 'Mozilla/5.0 (𝄞)', E'line\r\nline', E'\x01\x1b[0m'),
  pg_temp.odd(n + 7, NULL, md5(n::text), 'null', 'NULL', '\N'),
  pg_temp.odd(n + 8, NULL, '{}', '{security}', '{NULL}', '{"a,b","c\"d","{}",𝄞}', '{{{1}}}', '[-2:-1]={m,n}')::text[],
  pg_temp.odd(n + 9, NULL, '{"deep": [[[[[[[[1]]]]]]]]}', '3', '{"𝄞": "𝄞"}', '{"same": 1}')::jsonb
FROM generate_series(0, 2300) AS n ORDER BY n;
-- Erased before they go: the payload is NULL, the key has 48 bytes.
SELECT delete_user_audit_events_compliant(w(103), w(1), 'GDPR', 'T-1');
UPDATE audit_retention_policies SET hot_retention_days = 30, warm_archive_days = 60, cold_retention_days = 36500 WHERE workspace_id = w(1);
SELECT archive_old_audit_events();
SELECT audit_seal();
