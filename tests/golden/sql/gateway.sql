-- A gateway (a pooler or API role) stands for its request's user: once a membership source is named, it reads only that user's
-- workspaces, in the trail and in the view. It is the session user that counts, so SET ROLE does not change it.
\i tests/golden/prelude.sql
CREATE EXTENSION audit_ext;
CREATE ROLE t_gateway; CREATE ROLE t_reader; CREATE ROLE t_app; GRANT t_app TO t_gateway;
SELECT audit_grant('t_gateway', 'gateway'), audit_grant('t_gateway', 'reader'), audit_grant('t_app', 'reader'), audit_grant('t_reader', 'reader') \g /dev/null
CREATE TABLE members (workspace_id uuid, user_id uuid);
INSERT INTO members SELECT format('10000000-0000-4000-8000-00000000000%s', workspace)::uuid, format('20000000-0000-4000-8000-00000000000%s', person)::uuid
FROM (VALUES (1, 1), (2, 2), (3, 1), (3, 2)) AS given (workspace, person);
SELECT count(insert_audit_event('LOGIN', 'session', NULL, workspace_id, user_id)) AS events FROM members;
CREATE FUNCTION seen() RETURNS TABLE (place text, workspaces text) LANGUAGE sql AS $$
  SELECT 'trail', string_agg(right(w::text, 1), ' ' ORDER BY w) FROM (SELECT format('10000000-0000-4000-8000-00000000000%s', n)::uuid FROM generate_series(1, 3) AS n) AS given (w)
  WHERE EXISTS (SELECT FROM get_audit_trail(w))
  UNION ALL SELECT 'view', string_agg(DISTINCT right(workspace_id::text, 1), ' ') FROM vw_security_audit WHERE workspace_id::text LIKE '10000000%'
$$;

-- No source: everything that the level reader allows, whoever the user is.
SET SESSION AUTHORIZATION t_gateway;
SELECT set_config('request.jwt.claims', '{"sub": "20000000-0000-4000-8000-000000000001"}', false) IS NOT NULL AS "user 1";
SELECT * FROM seen() ORDER BY place;
RESET SESSION AUTHORIZATION;
SELECT audit_set_membership_source('members', 'workspace_id', 'user_id') \g /dev/null

-- With a source: user 1 reads 1 and 3, user 2 reads 2 and 3, a stranger nothing.
SET SESSION AUTHORIZATION t_gateway;
SELECT * FROM seen() ORDER BY place;
SELECT set_config('request.jwt.claims', '{"sub": "20000000-0000-4000-8000-000000000002"}', false) IS NOT NULL AS "user 2";
SELECT * FROM seen() ORDER BY place;
SELECT set_config('request.jwt.claims', '', false), set_config('audit_ext.user_id', '20000000-0000-4000-8000-000000000009', false) AS "a stranger, by the setting";
SELECT * FROM seen() ORDER BY place;
RESET audit_ext.user_id;
SELECT set_config('request.jwt.claims', '{"sub": "20000000-0000-4000-8000-000000000002"}', false) IS NOT NULL AS "user 2 again";
-- Under another role it is still the gateway.
SET ROLE t_app;
SELECT * FROM seen() ORDER BY place;
RESET ROLE;
-- Security events that belong to no workspace are not for a gateway's user.
SELECT count(*) AS "of the trail itself" FROM vw_security_audit WHERE workspace_id = '00000000-0000-0000-0000-000000000000';
RESET SESSION AUTHORIZATION;

-- Anybody else reads what the level allows; the settings are data, not a key.
SET SESSION AUTHORIZATION t_reader;
SELECT * FROM seen() ORDER BY place;
SELECT count(*) > 0 AS "of the trail itself" FROM vw_security_audit WHERE workspace_id = '00000000-0000-0000-0000-000000000000';
RESET SESSION AUTHORIZATION;

-- Taken from the gateway, or from the members: at once, in the same session.
DELETE FROM members WHERE user_id = '20000000-0000-4000-8000-000000000002' AND workspace_id = '10000000-0000-4000-8000-000000000003';
SET SESSION AUTHORIZATION t_gateway;
SELECT * FROM seen() ORDER BY place;
RESET SESSION AUTHORIZATION;
SELECT audit_revoke('t_gateway', 'gateway') \g /dev/null
SET SESSION AUTHORIZATION t_gateway;
SELECT * FROM seen() ORDER BY place;
RESET SESSION AUTHORIZATION;
SELECT audit_grant('t_gateway', 'gateway') \g /dev/null
SET SESSION AUTHORIZATION t_gateway;
SELECT * FROM seen() ORDER BY place;
-- A function that leaks what it sees is not called for rows of others.
CREATE FUNCTION pg_temp.leak(uuid) RETURNS boolean LANGUAGE plpgsql COST 0.0001 AS $$ BEGIN RAISE NOTICE 'saw workspace %', right($1::text, 1); RETURN true; END $$;
SELECT count(*) FROM vw_security_audit WHERE pg_temp.leak(workspace_id);
RESET SESSION AUTHORIZATION;

-- A gateway that is renamed keeps the rights of the other levels, and is still a gateway; so is every role without a level, until that name is withdrawn.
ALTER ROLE t_gateway RENAME TO t_renamed;
SELECT level.role_name, level.access FROM audit_access AS level WHERE role_name = 't_gateway' AND revoked_at IS NULL ORDER BY 2;
SET SESSION AUTHORIZATION t_renamed;
RESET audit_ext.user_id;
SELECT set_config('request.jwt.claims', '', false) AS nobody;
SELECT * FROM seen() ORDER BY place;
SELECT set_config('request.jwt.claims', '{"sub": "20000000-0000-4000-8000-000000000001"}', false) IS NOT NULL AS "user 1";
SELECT * FROM seen() ORDER BY place;
-- Others read as before.
SET SESSION AUTHORIZATION t_reader;
SELECT * FROM seen() ORDER BY place;
RESET SESSION AUTHORIZATION;
SELECT * FROM seen() ORDER BY place;
