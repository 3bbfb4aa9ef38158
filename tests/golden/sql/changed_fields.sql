-- changed_fields: the sorted names of the top-level keys that differ, computed when both sides are objects.
\i tests/golden/prelude.sql
CREATE EXTENSION audit_ext;
CREATE TABLE given (no serial PRIMARY KEY, what text, old_values jsonb, new_values jsonb);
INSERT INTO given (what, old_values, new_values) VALUES
  ('one key', '{"a": 1, "b": 2}', '{"a": 1, "b": 3}'),
  ('sorted, not in the order given', '{"z": 1, "m": 1, "aa": 1, "a": 1}', '{"z": 2, "m": 2, "aa": 2, "a": 2}'),
  ('nothing changed', '{"a": 1}', '{"a": 1}'),
  ('nested object, other order', '{"a": {"x": 1, "y": 2}}', '{"a": {"y": 2, "x": 1}}'),
  ('nested object, other value', '{"a": {"x": {"y": [1, 2]}}, "b": 1}', '{"a": {"x": {"y": [1, 3]}}, "b": 1}'),
  ('array, other order', '{"a": [1, 2]}', '{"a": [2, 1]}'),
  ('equal numerics', '{"a": 1.0, "b": 100}', '{"a": 1.00, "b": 1e2}'),
  ('equal numerics, nested', '{"a": [{"n": 1.0}]}', '{"a": [{"n": 1.00}]}'),
  ('number and text', '{"a": 1}', '{"a": "1"}'),
  ('null and missing', '{"a": null}', '{"b": null}'),
  ('null and false', '{"a": null}', '{"a": false}'),
  ('only old', '{"a": 1, "b": 2}', '{"a": 1}'),
  ('only new', '{"a": 1}', '{"a": 1, "b": 2}'),
  ('nothing in common', '{"a": 1}', '{"b": 1}'),
  ('unicode keys', '{"größe": 1, "キー": 1, "é": 1, "same": 0}', '{"größe": 2, "キー": 2, "é": 2, "same": 0}'),
  ('empty key', '{"": 1, "b": 1}', '{"": 2, "b": 1}'),
  ('odd keys', '{"a b": 1, "a\"b": 1, "a,b": 1, "{}": 1, "NULL": 1}', '{"a b": 2, "a\"b": 2, "a,b": 2, "{}": 2, "NULL": 2}'),
  ('keys of one length', '{"bb": 1, "ab": 1, "ba": 1}', '{"bb": 2, "ab": 2, "ba": 2}'),
  ('array and object', '[1]', '{"a": 1}'),
  ('arrays', '[1]', '[2]'),
  ('scalars', '1', '"x"'),
  ('JSON nulls', 'null', 'null'),
  ('no old values', NULL, '{"a": 1}'),
  ('no new values', '{"a": 1}', NULL),
  ('neither', NULL, NULL);
INSERT INTO given (what, old_values, new_values)
SELECT 'many keys', jsonb_object_agg(format('key_%s', n), n), jsonb_object_agg(format('key_%s', n), n + (n % 100 = 0)::int) FROM generate_series(1, 1000) AS n;

SELECT count(insert_audit_event(what, 'test', NULL, '10000000-0000-4000-8000-000000000001', '20000000-0000-4000-8000-000000000001',
  old_values, new_values, p_metadata := to_jsonb(no))) AS events FROM (SELECT * FROM given ORDER BY no) AS given;
SELECT what, changed_fields FROM given JOIN audit_events ON metadata = to_jsonb(no) ORDER BY no;

-- The values themselves are kept as they were given, and the names are sorted by their bytes, whatever the collation.
SELECT count(*) AS "kept as given" FROM given JOIN audit_events AS event ON metadata = to_jsonb(no)
WHERE event.old_values::text IS NOT DISTINCT FROM given.old_values::text AND event.new_values::text IS NOT DISTINCT FROM given.new_values::text;
SELECT count(*) AS "not sorted" FROM audit_events
WHERE changed_fields <> (SELECT array_agg(name ORDER BY name COLLATE "C") FROM unnest(changed_fields) AS name);

-- Other paths compute it as well; a caller's own changed_fields is never kept.
INSERT INTO audit_events (action_type, resource_type, workspace_id, created_by_user_id, old_values, new_values, changed_fields)
VALUES ('INSERT', 'test', '10000000-0000-4000-8000-000000000002', '20000000-0000-4000-8000-000000000001', '{"a": 1}', '{"a": 2}', '{forged}');
INSERT INTO audit_events (action_type, resource_type, workspace_id, created_by_user_id, old_values, new_values, changed_fields)
SELECT 'INSERT ' || what, 'test', '10000000-0000-4000-8000-000000000002', '20000000-0000-4000-8000-000000000001', old_values, new_values, '{salary}'
FROM given WHERE what IN ('array and object', 'scalars', 'no old values', 'neither', 'nothing changed') ORDER BY no;
COPY audit_events (action_type, resource_type, workspace_id, created_by_user_id, old_values, new_values) FROM STDIN;
COPY	test	10000000-0000-4000-8000-000000000002	20000000-0000-4000-8000-000000000001	{"a": 1}	{"a": 2, "b": 1}
\.
COPY audit_events (action_type, resource_type, workspace_id, created_by_user_id, new_values, changed_fields) FROM STDIN;
COPY, forged	test	10000000-0000-4000-8000-000000000002	20000000-0000-4000-8000-000000000001	{"a": 1}	{salary}
\.
SELECT count(*) AS bulk FROM insert_audit_events('[{"action_type": "bulk", "resource_type": "test", "workspace_id": "10000000-0000-4000-8000-000000000002",
  "created_by_user_id": "20000000-0000-4000-8000-000000000001", "old_values": {"c": 1}, "new_values": {"c": 2}}]');
SELECT action_type, changed_fields FROM audit_events WHERE workspace_id = '10000000-0000-4000-8000-000000000002' ORDER BY created_at, id;
