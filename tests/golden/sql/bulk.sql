-- insert_audit_events: a JSON array, all or nothing; what is wrong is told with the element's index (from 0) and its key.
\i tests/golden/prelude.sql
CREATE EXTENSION audit_ext;
-- A sound event with something replaced or added.
CREATE FUNCTION element(p_with jsonb DEFAULT '{}') RETURNS jsonb LANGUAGE sql AS $$
  SELECT '{"p_action_type": "A", "p_resource_type": "r", "p_workspace_id": "10000000-0000-4000-8000-000000000001", "p_created_by_user_id": "20000000-0000-4000-8000-000000000001"}' || p_with
$$;

-- Not an array of objects.
SELECT given, code, message, hint FROM unnest(ARRAY['{}', '{"p_action_type": "A"}', '"text"', '1', 'true', 'null']) WITH ORDINALITY AS shape (given, no),
  LATERAL test.refusal(format('SELECT insert_audit_events(%L)', given)) ORDER BY no;
SELECT code, message FROM test.refusal('SELECT insert_audit_events(NULL)');
SELECT given, code, message, hint FROM unnest(ARRAY['[1]', '["x"]', '[null]', '[[]]', '[[{}]]']) WITH ORDINALITY AS shape (given, no),
  LATERAL test.refusal(format('SELECT insert_audit_events(%L)', given)) ORDER BY no;
-- An empty array is nothing to do.
SELECT count(*) FROM insert_audit_events('[]');

-- What is wrong with the second element, after a sound first.
CREATE TABLE wrong (no serial, given jsonb);
INSERT INTO wrong (given) VALUES
  ('{"unknown": 1}'), ('{"p_unknown": null}'), ('{"p_p_action_type": "A"}'), ('{"P_ACTION_TYPE": "A"}'), ('{"": 1}'),
  ('{"id": "01900000-0000-7000-8000-000000000001"}'), ('{"changed_fields": ["a"]}'), ('{"deleted_at": "2024-01-01T00:00:00Z"}'), ('{"is_archived": true}'),
  ('{"action_type": "A"}'), ('{"metadata": 1, "p_metadata": 1}'),
  ('{"p_action_type": 1}'), ('{"p_user_agent": {}}'), ('{"p_request_id": []}'), ('{"p_resource_type": false}'),
  ('{"p_resource_id": "ws-123"}'), ('{"p_workspace_id": 7}'), ('{"p_created_by_user_id": ""}'),
  ('{"p_ip_address": "not an address"}'), ('{"p_ip_address": "10.0.0.0/33"}'), ('{"p_ip_address": 1}'),
  ('{"p_tags": "security"}'), ('{"p_tags": {"a": 1}}'), ('{"p_tags": ["a", 1]}'), ('{"p_tags": [["a"]]}'), ('{"p_tags": 1}'),
  ('{"created_at": "2024-01-01"}'), ('{"created_at": "2024-01-01 00:00:00"}'), ('{"created_at": "2024-01-01T00:00:00"}'), ('{"created_at": 1704067200}'),
  ('{"created_at": "2024-02-30T00:00:00Z"}'), ('{"created_at": "now"}'), ('{"p_created_at": "infinity"}');
SELECT given, code, message, hint FROM wrong, LATERAL test.refusal(format('SELECT insert_audit_events(%L)', jsonb_build_array(element(), element(given)))) ORDER BY no;
-- The rules of an event: the element is in DETAIL.
SELECT insert_audit_events(jsonb_build_array(element(), element(), element('{"p_action_type": " "}')));
\echo :LAST_ERROR_SQLSTATE
SELECT insert_audit_events(jsonb_build_array(element(), element('{"p_workspace_id": null}')));
\echo :LAST_ERROR_SQLSTATE
SELECT insert_audit_events(jsonb_build_array(element('{"p_new_values": {}}'), element()));
\echo :LAST_ERROR_SQLSTATE
SELECT insert_audit_events(jsonb_build_array(element(), element('{"created_at": "2999-01-01T00:00:00Z"}')));
\echo :LAST_ERROR_SQLSTATE
SELECT insert_audit_events(jsonb_build_array(element('{"created_at": "1969-12-31T23:59:59Z"}')));
\echo :LAST_ERROR_SQLSTATE
SELECT insert_audit_events(jsonb_build_array(element('{"created_at": "2024-03-01T00:00:00Z", "p_workspace_id": "10000000-0000-4000-8000-000000000009"}'),
  element('{"created_at": "2024-02-01T00:00:00Z", "p_workspace_id": "10000000-0000-4000-8000-000000000009"}')));
\echo :LAST_ERROR_SQLSTATE
SELECT count(*) AS "events after all that" FROM audit_events;
SELECT count(*) AS "policies after all that" FROM audit_retention_policies;

-- Everything given, with and without p_; the ids come in the order of the elements.
CREATE TABLE recorded AS SELECT * FROM insert_audit_events('[
  {"p_action_type": "FULL", "p_resource_type": "r", "p_resource_id": "30000000-0000-4000-8000-000000000001", "p_workspace_id": "10000000-0000-4000-8000-000000000001",
   "p_created_by_user_id": "20000000-0000-4000-8000-000000000001", "p_old_values": {"a": 1}, "p_new_values": {"a": 2}, "p_ip_address": "2001:db8::1", "p_user_agent": "ua",
   "p_tags": ["security", "NULL", ""], "p_metadata": [1], "p_request_id": "req"},
  {"action_type": "PLAIN", "resource_type": "r", "resource_id": "30000000-0000-4000-8000-000000000001", "workspace_id": "10000000-0000-4000-8000-000000000001",
   "created_by_user_id": "20000000-0000-4000-8000-000000000001", "old_values": [1], "new_values": "x", "ip_address": "10.0.0.0/8", "user_agent": "", "tags": [], "metadata": false, "request_id": "ü"},
  {"action_type": "NULLS", "p_resource_type": "r", "resource_id": null, "workspace_id": "10000000-0000-4000-8000-000000000001", "created_by_user_id": "20000000-0000-4000-8000-000000000001",
   "old_values": null, "new_values": null, "ip_address": null, "user_agent": null, "tags": null, "metadata": null, "request_id": null, "created_at": null}
]') WITH ORDINALITY AS made (id, place);
SELECT action_type, resource_id IS NOT NULL AS resource, old_values, new_values, changed_fields, ip_address, user_agent, tags, metadata, request_id
FROM recorded JOIN audit_events USING (id) ORDER BY place;
SELECT action_type, metadata IS NULL AS metadata_is_null, old_values IS NULL AS old_values_is_null FROM audit_events WHERE action_type = 'NULLS';

-- Times with an offset, to the microsecond, whatever the session's time zone.
SET TimeZone = 'America/New_York';
SELECT count(*) FROM insert_audit_events(jsonb_build_array(
  element('{"p_workspace_id": "10000000-0000-4000-8000-000000000002", "created_at": "2024-02-29T23:59:59.123456Z"}'),
  element('{"p_workspace_id": "10000000-0000-4000-8000-000000000002", "created_at": "2024-03-01T01:00:00+01:00"}'),
  element('{"p_workspace_id": "10000000-0000-4000-8000-000000000002", "p_created_at": "2024-03-01T05:45:00+05:45"}')));
RESET TimeZone;
SELECT created_at FROM audit_events WHERE workspace_id = '10000000-0000-4000-8000-000000000002' ORDER BY created_at, id;
-- A large one.
SELECT count(*), count(DISTINCT id) FROM insert_audit_events((SELECT jsonb_agg(element()) FROM generate_series(1, 2000))) AS made (id);
