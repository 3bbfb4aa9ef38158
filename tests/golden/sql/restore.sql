-- Restore: by function for many at once, byte for byte whatever the content, kept hot as long as was asked, recorded; arguments are checked.
\i tests/golden/prelude.sql
CREATE EXTENSION audit_ext;
SET client_min_messages = warning;
CREATE FUNCTION w(int) RETURNS uuid LANGUAGE sql IMMUTABLE RETURN ('10000000-0000-4000-8000-' || lpad($1::text, 12, '0'))::uuid;
-- Rich content: everything set, nothing set, large and compressible, large and not, odd characters, arrays of other shapes.
INSERT INTO audit_events (created_at, action_type, resource_type, resource_id, workspace_id, created_by_user_id, old_values, new_values, ip_address, user_agent, request_id, tags, metadata)
VALUES (now() - interval '300 days', 'FULL', 'r', w(8), w(1), w(9), '{"a": [1, 2.50, null, {"b": true}]}', '{"a": "\u00e9\ud83d\ude00"}', '2001:db8::1/64', E'agent\t"x"', 'req', '{a,NULL,"b c"}', '[1]'),
  (now() - interval '299 days', 'BARE', 'r', NULL, w(1), w(9), NULL, NULL, NULL, NULL, NULL, NULL, NULL),
  (now() - interval '200 days', 'LONG', 'r', NULL, w(1), w(9), jsonb_build_object('x', repeat('compressible ', 20000)), NULL, NULL, repeat('y', 3000), NULL, ARRAY(SELECT n::text FROM generate_series(1, 500) AS n), NULL),
  (now() - interval '199 days', 'NOISE', 'r', NULL, w(2), w(9), NULL, (SELECT jsonb_build_object('x', string_agg(md5(n::text), '')) FROM generate_series(1, 2000) AS n), NULL, NULL, NULL, '[0:1]={a,b}', NULL),
  (now() - interval '198 days', 'TAGS', 'r', NULL, w(2), w(9), NULL, NULL, NULL, '', NULL, '{{a,b},{c,d}}', '"text"');
SELECT count(*) > 0 AS made FROM create_monthly_audit_partition(2);
CREATE TABLE seed AS SELECT id, md5(e::text) AS digest FROM audit_events AS e WHERE action_type NOT LIKE 'AUDIT%';
SELECT * FROM archive_old_audit_events();
SELECT count(*) AS "archived as it was" FROM seed JOIN audit_events_archive AS e USING (id) WHERE digest = md5(e::text);
SELECT restore_audit_events(ARRAY(SELECT id FROM seed) || gen_random_uuid() || NULL::uuid || audit_event_id(), p_keep_hot := '1 hour');
SELECT count(*) AS "restored as it was" FROM seed JOIN audit_events AS e USING (id) WHERE digest = md5(e::text);
SELECT count(*) FROM audit_events_archive;
SELECT bool_and(keep_hot_until - restored_at BETWEEN interval '59 minutes' AND interval '61 minutes') AS "for an hour" FROM audit_restored_events;
SELECT right(workspace_id::text, 1) AS w, resource_type, new_values->>'event_count' AS events FROM audit_events WHERE action_type = 'AUDIT_EVENTS_RESTORED' ORDER BY 1;
SELECT * FROM archive_old_audit_events();

-- Kept for no time: the next run may take it. Restored again: kept anew.
SELECT restore_audit_events(ARRAY(SELECT id FROM seed)) AS "none is archived";
CALL test.past_the_guard('ALTER TABLE audit_restored_events DISABLE TRIGGER audit_restored_events_guard');
UPDATE audit_restored_events SET keep_hot_until = now() - interval '1 second';
CALL test.past_the_guard('ALTER TABLE audit_restored_events ENABLE ALWAYS TRIGGER audit_restored_events_guard');
SELECT * FROM archive_old_audit_events();
SELECT count(*) AS "forgotten" FROM audit_restored_events;
SELECT restore_audit_events(ARRAY(SELECT id FROM seed), '0') AS restored;
SELECT * FROM archive_old_audit_events();

-- Over RPC: a JSON number. Ids nobody knows, none at all, nonsense.
SELECT to_json(restore_audit_events('{}')) AS data;
SELECT restore_audit_events(ARRAY['00000000-0000-0000-0000-000000000000'::uuid, gen_random_uuid()]) AS unknown;
SELECT code, message, hint FROM test.refusal('SELECT restore_audit_events(NULL)');
SELECT code, message, hint FROM test.refusal('SELECT restore_audit_events(''{}'', ''-1 day'')');
SELECT code, message FROM test.refusal('SELECT restore_audit_events(''{}'', NULL)');

-- A former member's event comes back though it could not be recorded today; and the order of times does not mind it.
CREATE TABLE members (workspace_id uuid, user_id uuid);
SELECT audit_set_membership_source('members', 'workspace_id', 'user_id');
SELECT code FROM test.refusal('SELECT insert_audit_event(''A'', ''r'', NULL, w(1), w(9))');
SELECT restore_audit_events(ARRAY(SELECT id FROM seed));
SELECT count(*) AS "restored as it was" FROM seed JOIN audit_events AS e USING (id) WHERE digest = md5(e::text);
