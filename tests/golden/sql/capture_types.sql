-- Values of every kind are recorded so that they read back as they were, whatever the session has set; nothing fails on content.
\i tests/golden/prelude.sql
CREATE EXTENSION audit_ext;
CREATE TYPE mood AS ENUM ('sad', 'happy');
CREATE DOMAIN positive AS int CHECK (VALUE > 0);
CREATE DOMAIN tags AS text[];
CREATE TYPE point3 AS (x int, y numeric, label text);
CREATE TYPE box3 AS (a point3, b point3[]);
CREATE TABLE thing (
  id int PRIMARY KEY, b bool, i2 int2, i8 int8, f4 float4, f8 float8, n numeric(20, 4), t text, v varchar(10), c char(5), nm name, u uuid,
  by bytea, js json, jb jsonb, d date, ts timestamp, tz timestamptz, ti time, iv interval, ip inet, m mood, p positive, tg tags,
  ia int[], mx int[], lb int[], pt point3, bx box3, r int4range, tr tstzrange, mr int4multirange, bits varbit, geo point, ts_v tsvector, dbl float8[],
  reg regclass, g int GENERATED ALWAYS AS (id * 2) STORED
);
SELECT audit_track_table('thing', NULL) \g /dev/null
-- Settings that print otherwise, and lose digits.
SET DateStyle = 'German, DMY'; SET IntervalStyle = 'iso_8601'; SET TimeZone = 'Asia/Kolkata'; SET extra_float_digits = 0; SET bytea_output = 'escape'; SET quote_all_identifiers = on;
INSERT INTO thing VALUES (1, true, -32768, 9223372036854775807, 0.1, 0.30000000000000004, 1.5, E'quote " back \\ tab \t nul-like \\u0000', 'ünï', 'ab', 'a_name',
  '10000000-0000-4000-8000-000000000001', '\x00ff', '{"b":1, "a" : 2, "b":3}', '{"deep": [1, {"x": null}], "n": 1.10}', '2026-02-03', '2026-02-03 04:05:06.7', '2026-02-03 04:05:06.7+00',
  '04:05:06', '1 mon 2 days 03:04:05', '10.0.0.0/8', 'happy', 7, '{a,NULL,"b c"}', '{1,NULL,3}', '{{1,2},{3,4}}', '[0:1]={7,8}',
  '(1,2.50,"l,l")', '("(1,2,)","{""(3,4,x)"",NULL}")', '[1,5)', '[2026-02-03 00:00+00,2026-02-04 00:00+00)', '{[1,3),[5,7)}', '10110', '(0.1,1e300)',
  'fat cat', '{0.1,NaN}', 'pg_class');
INSERT INTO thing (id, f4, f8, n, d, ts, tz, jb, js, t, ia, pt, by)
VALUES (2, 'NaN', '-Infinity', 'NaN', 'infinity', '-infinity', 'infinity', '"scalar"', '"scalar"', '', '{}', '(,,)', ''),
       (3, '-0', '5e-324', 0.0001, '0044-03-15 BC', '4713-01-01 BC', '0001-01-01+00', 'null', 'null', 'null', NULL, NULL, NULL),
       (4, 3.4e38, 1.7976931348623157e308, 1234567890123456.7890, '5874897-12-31', NULL, NULL, '123456789012345678901234567890.5', '1e-5', NULL, NULL, NULL, NULL);
RESET ALL;
SELECT key, value FROM audit_events, jsonb_each(new_values) WHERE resource_id = audit_resource_id('thing', '1') ORDER BY key COLLATE "C";
SELECT metadata - 'audit_ext' AS metadata, jsonb_strip_nulls(new_values) FROM audit_events WHERE resource_type = 'thing' ORDER BY created_at OFFSET 1;

-- What was recorded makes the same row again, byte by byte: json keeps its text as a string, JSON's null is told apart from SQL's by the
-- metadata, generated columns make themselves.
CREATE TABLE again (LIKE thing INCLUDING GENERATED);
INSERT INTO again (id, b, i2, i8, f4, f8, n, t, v, c, nm, u, by, js, jb, d, ts, tz, ti, iv, ip, m, p, tg, ia, mx, lb, pt, bx, r, tr, mr, bits, geo, ts_v, dbl, reg)
SELECT r.id, b, i2, i8, f4, f8, n, t, v, c, nm, u, by, (new_values ->> 'js')::json, CASE WHEN metadata #> '{json_null,new}' ? 'jb' THEN 'null' ELSE jb END, d, ts, tz, ti, iv, ip, m, p, tg, ia, mx, lb, pt, bx, r, tr, mr, bits, geo, ts_v, dbl, reg
FROM audit_events, jsonb_populate_record(NULL::thing, new_values - 'js') AS r WHERE resource_type = 'thing';
SELECT count(*), bool_and(a.* *= t.*) AS same FROM again AS a JOIN thing AS t USING (id);

-- A key of several columns goes to the metadata, in the table's own form and as the resource's id.
CREATE TABLE line (order_no int, product text, at timestamptz, amount numeric, PRIMARY KEY (product, order_no, at));
SELECT audit_track_table('line', NULL) \g /dev/null
INSERT INTO line VALUES (7, 'p"q', '2026-01-01 00:00+00', 1);
UPDATE line SET amount = 2;
SELECT action_type, metadata -> 'key' AS key, old_values, new_values,
  resource_id = audit_resource_id('line', jsonb_build_array('p"q', 7, '2026-01-01T00:00:00+00:00')::text) AS as_documented
FROM audit_events WHERE resource_type = 'line' ORDER BY created_at;
-- No primary key: the index chosen as replica identity is the key, else the whole row tells which one it was.
CREATE TABLE loose (a int NOT NULL, b text);
SELECT audit_track_table('loose', NULL) \g /dev/null
INSERT INTO loose VALUES (1, 'x');
UPDATE loose SET b = 'y';
CREATE UNIQUE INDEX loose_a ON loose (a);
ALTER TABLE loose REPLICA IDENTITY USING INDEX loose_a;
UPDATE loose SET b = 'z';
SELECT action_type, resource_id = audit_resource_id('loose', '1') AS has_id, metadata -> 'key' AS key, old_values, new_values, changed_fields
FROM audit_events WHERE resource_type = 'loose' ORDER BY created_at;

-- Long values: unchanged ones are left alone, changed ones over the limit are told by size and digest.
CREATE TABLE long (id uuid PRIMARY KEY, t text, b bytea, n int);
SELECT audit_track_table('long', NULL) \g /dev/null
INSERT INTO long VALUES (gen_random_uuid(), repeat('ä', 600000), repeat('x', 2000000)::bytea, 1);
UPDATE long SET n = 2;
UPDATE long SET t = repeat('ä', 600001);
SET audit_ext.capture_value_limit = '1kB';
INSERT INTO long VALUES (gen_random_uuid(), repeat('s', 1025), repeat('s', 1024)::bytea, 1);
-- NULLs take a bit each in an array: it is long by its elements, too.
CREATE TABLE sparse (id int PRIMARY KEY, a int[]);
SELECT audit_track_table('sparse', NULL) \g /dev/null
INSERT INTO sparse VALUES (1, array_fill(NULL::int, ARRAY[1024])), (2, array_fill(NULL::int, ARRAY[8000]));
SELECT jsonb_typeof(new_values -> 'a') AS kind, new_values #>> '{a,bytes}' AS bytes FROM audit_events WHERE resource_type = 'sparse' ORDER BY created_at;
SELECT action_type, old_values - 'id' AS old, jsonb_set(new_values, '{b}', to_jsonb(left(new_values ->> 'b', 90)), false) - 'id' AS new, changed_fields, metadata -> 'digested' AS digested
FROM audit_events WHERE resource_type = 'long' ORDER BY created_at;
SELECT old_values -> 't' ->> 'sha256' = encode(sha256(convert_to(repeat('ä', 600000), 'UTF8')), 'hex') AS digest_of_the_text FROM audit_events WHERE changed_fields = '{t}';
RESET audit_ext.capture_value_limit;

-- JSON as deep as it comes, a row of many columns, a table of none.
CREATE TABLE deep (id int PRIMARY KEY, j jsonb);
SELECT audit_track_table('deep', NULL) \g /dev/null
INSERT INTO deep SELECT 1, (repeat('[', 4000) || repeat(']', 4000))::jsonb;
SELECT new_values -> 'j' = j AS same FROM audit_events, deep WHERE resource_type = 'deep';
DO $$ BEGIN
  EXECUTE (SELECT format('CREATE TABLE wide (id int PRIMARY KEY, %s)', string_agg(format('c%s text', g), ', ')) FROM generate_series(1, 500) AS g);
  PERFORM audit_track_table('wide', NULL);
  EXECUTE (SELECT format('INSERT INTO wide VALUES (1, %s)', string_agg(quote_literal(repeat('v', g)), ', ')) FROM generate_series(1, 500) AS g);
END $$;
UPDATE wide SET c400 = 'changed';
SELECT action_type, (SELECT bool_and(new_values ->> ('c' || g) = repeat('v', g)) FROM generate_series(1, 500) AS g) AS complete, changed_fields FROM audit_events WHERE resource_type = 'wide' ORDER BY created_at;
CREATE TABLE nothing ();
SELECT audit_track_table('nothing', NULL) \g /dev/null
INSERT INTO nothing DEFAULT VALUES;
SELECT action_type, old_values, new_values FROM audit_events WHERE resource_type = 'nothing';
