-- A key of the caller: a second attempt gives the event of the first one and records nothing; other values are refused; what the request
-- supplied is not compared.
\i tests/golden/prelude.sql
CREATE EXTENSION audit_ext;
CREATE FUNCTION w(n int) RETURNS uuid LANGUAGE sql AS $$ SELECT format('00000000-0000-4000-8000-%s', lpad(n::text, 12, '0'))::uuid $$;
-- What a call with all parameters but these gives: the event of the first call, another one, or an error.
CREATE TABLE first (id uuid, at timestamptz);
CREATE FUNCTION attempt(p_key text, p_with jsonb DEFAULT '{}') RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  given jsonb := jsonb_build_object('action', 'UPDATE', 'type', 'document', 'resource', w(30), 'workspace', w(1), 'user', w(2), 'old', '{"a": 1, "n": 1.50}'::jsonb,
    'new', '{"a": 2, "n": 1.50}'::jsonb, 'ip', '203.0.113.7', 'agent', 'curl', 'tags', '["x", "y"]'::jsonb, 'metadata', '{"m": [1, 2]}'::jsonb, 'request', 'r-1') || p_with;
  got uuid; refused text;
BEGIN
  got := insert_audit_event(given ->> 'action', given ->> 'type', (given ->> 'resource')::uuid, (given ->> 'workspace')::uuid, (given ->> 'user')::uuid,
    nullif(given -> 'old', 'null'), nullif(given -> 'new', 'null'), (given ->> 'ip')::inet, given ->> 'agent',
    CASE WHEN given -> 'tags' <> 'null' THEN ARRAY(SELECT jsonb_array_elements_text(given -> 'tags')) END, nullif(given -> 'metadata', 'null'), given ->> 'request',
    p_idempotency_key => p_key, p_created_at => (given ->> 'at')::timestamptz);
  RETURN CASE WHEN got IN (SELECT id FROM first) THEN 'the first event' ELSE 'another event' END;
EXCEPTION WHEN OTHERS THEN
  GET STACKED DIAGNOSTICS refused = CONSTRAINT_NAME;
  RETURN SQLSTATE || ' ' || refused;
END $$;
CREATE FUNCTION events() RETURNS bigint LANGUAGE sql AS $$ SELECT count(*) FROM audit_events WHERE action_type NOT LIKE 'AUDIT%' $$;

-- The same key and values: one event.
SELECT attempt('k1');
INSERT INTO first SELECT id, created_at FROM audit_events;
SELECT attempt('k1'), attempt('k1'), events();
-- In another workspace the key is another, and so is another key.
SELECT attempt('k1', jsonb_build_object('workspace', w(5))), attempt('K1'), attempt('k1 '), events();
-- Without a key every call records.
SELECT attempt(NULL), attempt(NULL), events();

-- Each value that differs is refused, whether it is another or none.
SELECT what, attempt('k1', given) FROM (VALUES (1, 'action', '{"action": "DELETE"}'::jsonb), (2, 'type', '{"type": "folder"}'), (3, 'resource', jsonb_build_object('resource', w(31))),
  (4, 'no resource', '{"resource": null}'), (5, 'user', jsonb_build_object('user', w(3))), (6, 'old', '{"old": {"a": 1, "n": 1.5}}'), (7, 'no old', '{"old": null}'),
  (8, 'new', '{"new": {"a": 3}}'), (9, 'no new', '{"new": null}'), (10, 'address', '{"ip": "203.0.113.8"}'), (11, 'network', '{"ip": "203.0.113.7/24"}'), (12, 'agent', '{"agent": "wget"}'),
  (13, 'no tags', '{"tags": null}'), (14, 'tags', '{"tags": ["y", "x"]}'), (15, 'metadata', '{"metadata": {"m": [2, 1]}}'), (16, 'no metadata', '{"metadata": null}'),
  (17, 'request', '{"request": "r-2"}'), (18, 'time', '{"at": "2020-01-01Z"}'), (19, 'empty action', '{"action": ""}'), (20, 'reserved action', '{"action": "AUDIT_X"}')) AS given (no, what, given) ORDER BY no;
-- Values that the request can supply are not compared where they are left out.
SELECT what, attempt('k1', given) FROM (VALUES (1, 'no user', '{"user": null}'::jsonb), (2, 'no address', '{"ip": null}'), (3, 'no agent', '{"agent": null}'), (4, 'no request', '{"request": null}'),
  (5, 'time of the event', (SELECT jsonb_build_object('at', at) FROM first))) AS given (no, what, given) ORDER BY no;
SELECT events();
SELECT * FROM test.refusal($$SELECT insert_audit_event('DELETE', 'document', NULL, w(1), w(2), p_idempotency_key => 'k1')$$);

-- The request of the second attempt is another one.
SET audit_ext.workspace_id = '00000000-0000-4000-8000-000000000007';
SET audit_ext.user_id = '00000000-0000-4000-8000-000000000008';
SET audit_ext.request_id = 'request 1';
SELECT insert_audit_event('SIGN', 'document', p_idempotency_key => 'of a request') AS id \gset
SET audit_ext.user_id = '00000000-0000-4000-8000-000000000009';
SET audit_ext.request_id = 'request 2';
SELECT insert_audit_event('SIGN', 'document', p_idempotency_key => 'of a request') = :'id' AS same;
SELECT insert_audit_event('SIGN', 'document', p_request_id => 'request 1', p_workspace_id => w(7), p_idempotency_key => 'of a request') = :'id' AS same;
SELECT code, constraint_name FROM test.refusal($$SELECT insert_audit_event('SIGN', 'document', p_request_id => 'request 2', p_idempotency_key => 'of a request')$$);
-- The workspace of the request is the key's.
SET audit_ext.workspace_id = '00000000-0000-4000-8000-000000000017';
SELECT insert_audit_event('SIGN', 'document', p_idempotency_key => 'of a request') = :'id' AS same;
RESET audit_ext.workspace_id;
RESET audit_ext.user_id;
RESET audit_ext.request_id;

-- 1 to 255 bytes.
SELECT octet_length(key) AS bytes, code, message, hint FROM unnest(ARRAY['', 'k', repeat('k', 255), repeat('k', 256), repeat('ü', 127), repeat('ü', 128)]) WITH ORDINALITY AS key (key, no),
  LATERAL test.refusal(format($$SELECT insert_audit_event('A', 'r', NULL, w(1), w(2), p_idempotency_key => %L)$$, key)) ORDER BY no;
-- What is refused with a key is refused as without, and leaves the key free.
SELECT code, constraint_name FROM test.refusal($$SELECT insert_audit_event('A', 'r', NULL, NULL, w(2), p_idempotency_key => 'free')$$);
SELECT code, constraint_name FROM test.refusal($$SELECT insert_audit_event('', 'r', NULL, w(1), w(2), p_idempotency_key => 'free')$$);
SELECT code, constraint_name FROM test.refusal($$SELECT insert_audit_event('AUDIT_X', 'r', NULL, w(1), w(2), p_idempotency_key => 'free')$$);
SELECT code, constraint_name FROM test.refusal($$SELECT insert_audit_event('A', 'r', NULL, w(1), w(2), p_created_at => '2020-01-01Z', p_idempotency_key => 'free')$$);
SELECT insert_audit_event('A', 'r', NULL, w(1), w(2), p_idempotency_key => 'free') IS NOT NULL AS recorded;

-- p_created_at: the time of the event, in the order of its workspace, whose second attempt may come when newer events are there.
SELECT insert_audit_event('OLD', 'r', NULL, w(20), w(2), p_created_at => '2021-05-06 07:08:09.123456Z', p_idempotency_key => 'old') AS id \gset
SELECT created_at = '2021-05-06 07:08:09.123456Z' AS given, test.time_in(id) = created_at AS in_id FROM audit_events WHERE id = :'id';
SELECT insert_audit_event('NEW', 'r', NULL, w(20), w(2)) IS NOT NULL AS recorded;
SELECT insert_audit_event('OLD', 'r', NULL, w(20), w(2), p_created_at => '2021-05-06 07:08:09.123456Z', p_idempotency_key => 'old') = :'id' AS same;
SELECT code, constraint_name FROM test.refusal($$SELECT insert_audit_event('OLD', 'r', NULL, w(20), w(2), p_created_at => '2021-05-06 07:08:09.123457Z', p_idempotency_key => 'old')$$);
SELECT code, constraint_name FROM test.refusal($$SELECT insert_audit_event('OLD', 'r', NULL, w(20), w(2), p_created_at => '2021-05-06 07:08:09.123456Z')$$);
SELECT code, constraint_name FROM test.refusal($$SELECT insert_audit_event('OLD', 'r', NULL, w(20), w(2), p_created_at => '2999-01-01Z')$$);
SELECT code FROM test.refusal($$SELECT insert_audit_event('OLD', 'r', NULL, w(21), w(2), p_created_at => 'infinity')$$);

-- Batches: keys of earlier calls, and twice in one array.
CREATE FUNCTION element(p_key text, p_with jsonb DEFAULT '{}') RETURNS jsonb LANGUAGE sql AS $$
  SELECT jsonb_build_object('action_type', 'BATCH', 'resource_type', 'r', 'workspace_id', w(40), 'created_by_user_id', w(2), 'new_values', '{"n": 1.50, "deep": {"a": [1, {"b": null}]}}'::jsonb, 'p_idempotency_key', p_key) - CASE WHEN p_key IS NULL THEN 'p_idempotency_key' ELSE '' END || p_with $$;
SELECT count(DISTINCT id) AS ids, count(*) FROM insert_audit_events(jsonb_build_array(element('a'), element('b'), element(NULL), element('a'), element(NULL), element('b', '{"workspace_id": "00000000-0000-4000-8000-000000000041"}'))) AS id;
SELECT count(DISTINCT id) AS ids, count(*) FROM insert_audit_events(jsonb_build_array(element('a'), element('c'), element('b'), element('a'))) AS id;
SELECT action_type, count(*) FROM audit_events WHERE workspace_id IN (w(40), w(41)) AND action_type = 'BATCH' GROUP BY 1;
-- The same event by the other function.
SELECT insert_audit_event('BATCH', 'r', NULL, w(40), w(2), p_new_values => '{"deep": {"a": [1, {"b": null}]}, "n": 1.50}', p_idempotency_key => 'a') IN (SELECT insert_audit_events(jsonb_build_array(element('a')))) AS same;
SELECT insert_audit_events(jsonb_build_array(element('d'), element(NULL), element('d', '{"tags": ["x"]}')));
\echo :LAST_ERROR_SQLSTATE
SELECT insert_audit_events(jsonb_build_array(element('d'), element('a', '{"tags": ["x"]}')));
\echo :LAST_ERROR_SQLSTATE
SELECT insert_audit_events(jsonb_build_array(element('d'), element('')));
\echo :LAST_ERROR_SQLSTATE
SELECT insert_audit_events(jsonb_build_array(element('d', '{"p_idempotency_key": 7}')));
SELECT count(*) AS "of d" FROM insert_audit_events(jsonb_build_array(element('d')));
-- With times of the caller, which are stored one by one.
SELECT count(DISTINCT id) AS ids, count(*) FROM insert_audit_events(jsonb_build_array(element('t', '{"workspace_id": "00000000-0000-4000-8000-000000000042", "created_at": "2022-01-01T00:00:00Z"}'),
  element(NULL, '{"workspace_id": "00000000-0000-4000-8000-000000000042"}'), element('t', '{"workspace_id": "00000000-0000-4000-8000-000000000042", "created_at": "2022-01-01T00:00:00Z"}'))) AS id;
-- More than are stored at once, each twice.
SELECT count(DISTINCT id) AS ids, count(*) FROM (SELECT jsonb_agg(element('many ' || n % 500)) AS events FROM generate_series(1, 1000) AS n) AS given, insert_audit_events(events) AS id;

-- A rollback frees the key; a savepoint that is kept keeps it.
BEGIN;
SELECT insert_audit_event('A', 'r', NULL, w(50), w(2), p_idempotency_key => 'rolled back') AS id \gset
SELECT insert_audit_event('A', 'r', NULL, w(50), w(2), p_idempotency_key => 'rolled back') = :'id' AS same;
SAVEPOINT s;
SELECT insert_audit_event('A', 'r', NULL, w(50), w(2), p_idempotency_key => 'savepoint') AS lost \gset
ROLLBACK TO s;
SELECT insert_audit_event('B', 'r', NULL, w(50), w(2), p_idempotency_key => 'savepoint') <> :'lost' AS recorded;
COMMIT;
SELECT action_type, count(*) FROM audit_events WHERE workspace_id = w(50) AND action_type IN ('A', 'B') GROUP BY 1 ORDER BY 1;
BEGIN;
SELECT insert_audit_event('C', 'r', NULL, w(50), w(2), p_idempotency_key => 'gone') IS NOT NULL AS recorded;
ROLLBACK;
SELECT insert_audit_event('D', 'r', NULL, w(50), w(2), p_idempotency_key => 'gone') IS NOT NULL AS recorded;
BEGIN READ ONLY;
SELECT insert_audit_event('D', 'r', NULL, w(50), w(2), p_idempotency_key => 'gone');
ROLLBACK;

-- Erased: compared by what is left.
SELECT deleted_count FROM delete_user_audit_events_compliant(w(2), w(1), 'GDPR Art. 17', 'T-1');
SELECT attempt('k1'), attempt('k1', '{"old": {"other": 1}}'), attempt('k1', '{"action": "DELETE"}');
-- Archived, and purged: there is nothing to compare with any more.
INSERT INTO audit_retention_policies (workspace_id, hot_retention_days, warm_archive_days) VALUES (w(60), 1, 1);
SELECT insert_audit_event('ANCIENT', 'r', NULL, w(60), w(2), p_created_at => '2001-01-01Z', p_idempotency_key => 'ancient') AS id \gset
SELECT archived_count > 0 AS archived FROM archive_old_audit_events();
SELECT count(*) AS archived FROM audit_events_archive WHERE id = :'id';
SELECT insert_audit_event('ANCIENT', 'r', NULL, w(60), w(2), p_created_at => '2001-01-01Z', p_idempotency_key => 'ancient') = :'id' AS same;
SELECT code, constraint_name FROM test.refusal($$SELECT insert_audit_event('ANCIENT', 'q', NULL, w(60), w(2), p_idempotency_key => 'ancient')$$);
SELECT deleted_count FROM purge_expired_audit_events(w(60), 'RETENTION', 'T-2');
SELECT insert_audit_event('ANCIENT', 'q', NULL, w(60), w(2), p_idempotency_key => 'ancient') = :'id' AS same;

-- Something of somebody else on the tables: keys go by the ordinary statement.
CREATE TABLE test.fired (name text);
CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN INSERT INTO test.fired VALUES (TG_RELNAME); RETURN NEW; END';
CALL test.past_the_guard('CREATE TRIGGER foreign_note AFTER INSERT ON audit_idempotency_keys_1 FOR EACH ROW EXECUTE FUNCTION note()');
SELECT insert_audit_event('F', 'r', NULL, w(70), w(2), p_idempotency_key => 'foreign') = insert_audit_event('F', 'r', NULL, w(70), w(2), p_idempotency_key => 'foreign') AS same;
SELECT * FROM test.fired;
CREATE OR REPLACE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
CALL test.past_the_guard('DROP TRIGGER foreign_note ON audit_idempotency_keys_1');
CALL test.past_the_guard('CREATE TRIGGER foreign_note BEFORE INSERT ON audit_idempotency_keys_1 FOR EACH ROW EXECUTE FUNCTION note()');
SELECT code, message FROM test.refusal($$SELECT insert_audit_event('F', 'r', NULL, w(70), w(2), p_idempotency_key => 'suppressed')$$);
CALL test.past_the_guard('DROP TRIGGER foreign_note ON audit_idempotency_keys_1');
SELECT count(*) FROM audit_events WHERE workspace_id = w(70) AND action_type = 'F';

-- Whoever may not act in a workspace is not told which keys it has: a key that is known, with the right content or other, is answered as one that is not.
CREATE TABLE members (workspace_id uuid, user_id uuid);
INSERT INTO members VALUES (w(1), w(2)), (w(60), w(61));
SELECT insert_audit_event('SECRET', 'r', NULL, w(60), w(61), p_idempotency_key => 'of 60') IS NOT NULL AS recorded;
SELECT audit_set_membership_source('members', 'workspace_id', 'user_id') \g /dev/null
SELECT what, r.code, r.constraint_name FROM (VALUES (1, 'known', 'SECRET', 'of 60'), (2, 'known, with other content', 'OTHER', 'of 60'), (3, 'unknown', 'SECRET', 'another')) AS given (no, what, action, key),
  LATERAL test.refusal(format('SELECT insert_audit_event(%L, ''r'', NULL, w(60), w(2), p_idempotency_key => %L)', action, key)) AS r ORDER BY no;
SELECT r.code FROM test.refusal('SELECT insert_audit_events(jsonb_build_array(jsonb_build_object(''action_type'', ''SECRET'', ''resource_type'', ''r'', ''workspace_id'', w(60), ''created_by_user_id'', w(2), ''idempotency_key'', ''of 60'')))') AS r;
SELECT r.code, r.constraint_name FROM unnest(ARRAY['of 60', 'another']) AS key, test.refusal(format('SELECT insert_audit_event(''SECRET'', ''r'', NULL, w(60), p_idempotency_key => %L)', key)) AS r;
SELECT insert_audit_event('SECRET', 'r', NULL, w(60), w(61), p_idempotency_key => 'of 60') = (SELECT id FROM audit_events WHERE action_type = 'SECRET') AS same;
-- Where members are not checked, they are not here either.
ALTER TABLE audit_events DISABLE TRIGGER check_audit_workspace_membership;
SELECT insert_audit_event('SECRET', 'r', NULL, w(60), w(61), p_idempotency_key => 'of 60') = (SELECT id FROM audit_events WHERE action_type = 'SECRET') AS same;
SELECT insert_audit_event('SECRET', 'r', NULL, w(60), w(2), p_idempotency_key => 'of a stranger') IS NOT NULL AS recorded;
