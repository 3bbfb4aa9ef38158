-- A gateway whose request names no usable user reads nothing once a membership source is named: get_audit_trail() raises, the view is empty.
-- A role of the level service, set by the gateway, reads everything where the request names nobody; it decides nothing.
\i tests/golden/prelude.sql
CREATE EXTENSION audit_ext;
CREATE ROLE t_gateway; CREATE ROLE t_app; CREATE ROLE t_service; CREATE ROLE t_officer; CREATE ROLE t_worker;
GRANT t_app, t_service, t_officer TO t_gateway;
SELECT audit_grant('t_gateway', 'gateway'), audit_grant('t_app', 'reader'), audit_grant('t_service', 'compliance'), audit_grant('t_officer', 'compliance'), audit_grant('t_worker', 'compliance') \g /dev/null
SELECT audit_grant('t_service', 'service'), audit_grant('t_worker', 'service') \g /dev/null
CREATE TABLE members (workspace_id uuid, user_id uuid);
INSERT INTO members SELECT format('10000000-0000-4000-8000-00000000000%s', n)::uuid, format('20000000-0000-4000-8000-00000000000%s', n)::uuid FROM generate_series(1, 2) AS n;
SELECT count(insert_audit_event('LOGIN', 'session', NULL, workspace_id, user_id)) AS events FROM members;
-- What a request reads of workspaces 1 and 2, by the function and by the view.
CREATE FUNCTION trail(p_workspace int) RETURNS text LANGUAGE plpgsql AS $$
BEGIN RETURN (SELECT count(*) FROM get_audit_trail(format('10000000-0000-4000-8000-00000000000%s', p_workspace)::uuid)); EXCEPTION WHEN OTHERS THEN RETURN SQLSTATE; END $$;
CREATE FUNCTION request(p_claims text, p_setting text, p_legacy text, OUT trail_1 text, OUT trail_2 text, OUT view text) LANGUAGE plpgsql AS $$
BEGIN
  PERFORM set_config('request.jwt.claims', p_claims, true), set_config('audit_ext.user_id', p_setting, true), set_config('request.jwt.claim.sub', p_legacy, true);
  SELECT trail(1), trail(2), count(*) FROM vw_security_audit WHERE workspace_id::text LIKE '10000000%' INTO trail_1, trail_2, view;
END $$;
CREATE TABLE requests (no serial, what text, claims text, setting text DEFAULT '', legacy text DEFAULT '');
INSERT INTO requests (what, claims, setting, legacy) VALUES
  ('the user', '{"sub": "20000000-0000-4000-8000-000000000001"}', '', ''), ('the user, by the setting', '', '20000000-0000-4000-8000-000000000001', ''),
  ('both, the same', '{"sub": "20000000-0000-4000-8000-000000000001"}', ' 20000000-0000-4000-8000-000000000001', ''), ('a stranger', '{"sub": "20000000-0000-4000-8000-000000000009"}', '', ''),
  ('another kind of id, and the setting', '{"sub": "auth0|5f7c8e"}', '20000000-0000-4000-8000-000000000001', ''),
  ('nobody', '', '', ''), ('no sub', '{"role": "anon"}', '', ''), ('sub null', '{"sub": null}', '', ''), ('legacy claim', '', '', '20000000-0000-4000-8000-000000000001'),
  ('no uuid', '{"sub": "auth0|5f7c8e"}', '', ''), ('empty', '{"sub": ""}', '', ''), ('an array', '{"sub": ["20000000-0000-4000-8000-000000000001"]}', '', ''), ('a number', '{"sub": 1}', '', ''),
  ('sub twice', '{"sub": "20000000-0000-4000-8000-000000000001", "sub": "20000000-0000-4000-8000-000000000002"}', '', ''),
  ('sub twice, and the setting', '{"sub": "20000000-0000-4000-8000-000000000001", "s\u0075b": "20000000-0000-4000-8000-000000000001"}', '20000000-0000-4000-8000-000000000001', ''),
  ('both, different', '{"sub": "20000000-0000-4000-8000-000000000001"}', '20000000-0000-4000-8000-000000000002', ''),
  ('the setting is no uuid', '{"sub": "20000000-0000-4000-8000-000000000001"}', 'user 1', ''), ('no JSON', '{"sub": ', '', ''), ('no object', '[]', '', '');
GRANT SELECT ON requests TO PUBLIC;

-- Without a source: everything that the level allows.
SET SESSION AUTHORIZATION t_gateway;
SET ROLE t_app;
SELECT count(*) FILTER (WHERE trail_1 = '1' AND trail_2 = '1' AND view = '2') = count(*) AS "all see all" FROM requests, LATERAL request(claims, setting, legacy);
RESET SESSION AUTHORIZATION;
SELECT audit_set_membership_source('members', 'workspace_id', 'user_id') \g /dev/null
-- With a source: the users see their own, whoever cannot be told sees nothing.
SET SESSION AUTHORIZATION t_gateway;
SET ROLE t_app;
SELECT what, r.* FROM requests, LATERAL request(claims, setting, legacy) AS r ORDER BY no;
-- Under the role of a service: everything where nobody is named; not where it went wrong.
SET ROLE t_service;
SELECT what, r.* FROM requests, LATERAL request(claims, setting, legacy) AS r ORDER BY no;
RESET SESSION AUTHORIZATION;
-- The level on the gateway itself opens nothing: its requests are everybody's.
SELECT audit_grant('t_gateway', 'service'), audit_grant('t_gateway', 'reader') \g /dev/null
SET SESSION AUTHORIZATION t_gateway;
SELECT what, r.* FROM requests, LATERAL request(claims, setting, legacy) AS r WHERE what IN ('the user', 'nobody') ORDER BY no;
RESET SESSION AUTHORIZATION;
SELECT audit_revoke('t_gateway', 'service') \g /dev/null

-- The errors say why.
CREATE FUNCTION why(p_sql text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE message text; detail text; hint text;
BEGIN EXECUTE p_sql; RETURN 'accepted'; EXCEPTION WHEN OTHERS THEN GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
RETURN concat_ws(E'\n', SQLSTATE || ' ' || message, detail, hint); END $$;
SET SESSION AUTHORIZATION t_gateway;
SET ROLE t_app;
SELECT what, split_part(why, E'\n', 1) AS message, split_part(why, E'\n', 2) AS detail FROM (SELECT no, what, why('SELECT FROM get_audit_trail(''10000000-0000-4000-8000-000000000001'')') FROM requests, LATERAL request(claims, setting, legacy)
WHERE what IN ('nobody', 'legacy claim', 'no uuid', 'an array', 'sub twice', 'both, different', 'no JSON')) AS told ORDER BY no;
SELECT hint FROM test.refusal('SELECT FROM get_audit_trail(''10000000-0000-4000-8000-000000000001'')');

-- Deciding takes a person: not a gateway with two users, not a service, with or without a user, under whichever session.
\set hold '$$SELECT place_audit_hold(''10000000-0000-4000-8000-000000000001'', ''x'')$$'
\set request '$$SELECT request_audit_deletion(''20000000-0000-4000-8000-000000000001'', ''10000000-0000-4000-8000-000000000001'', ''GDPR'')$$'
SET ROLE t_officer;
SELECT what, split_part(hold, E'\n', 1) AS hold, split_part(request, E'\n', 1) AS request FROM (SELECT no, what, why(:hold) AS hold, why(:request) AS request
  FROM requests, LATERAL request(claims, setting, legacy) WHERE what IN ('the user', 'nobody', 'sub twice', 'both, different') OFFSET 0) AS told ORDER BY no;
SET ROLE t_service;
SELECT what, split_part(hold, E'\n', 1) AS hold, split_part(request, E'\n', 1) AS request FROM (SELECT no, what, why(:hold) AS hold, why(:request) AS request
  FROM requests, LATERAL request(claims, setting, legacy) WHERE what IN ('the user', 'nobody') OFFSET 0) AS told ORDER BY no;
SET SESSION AUTHORIZATION t_worker;
SELECT why(:hold);
SELECT code FROM unnest(ARRAY['approve_audit_deletion(%L, ''T'')', 'reject_audit_deletion(%L, ''x'')', 'execute_audit_deletion(%L)', 'release_audit_hold(%L, ''x'')']) WITH ORDINALITY AS given (call, no),
  LATERAL test.refusal(format('SELECT ' || call, '30000000-0000-4000-8000-000000000000')) ORDER BY no;
RESET SESSION AUTHORIZATION;
