-- An error is told as what it is, not as what is mostly wrong at that place.
\i tests/golden/prelude.sql
CREATE EXTENSION audit_ext;
CREATE FUNCTION w() RETURNS uuid LANGUAGE sql IMMUTABLE AS $$ SELECT uuid '10000000-0000-4000-8000-000000000001' $$;
CREATE FUNCTION u() RETURNS uuid LANGUAGE sql IMMUTABLE AS $$ SELECT uuid '20000000-0000-4000-8000-000000000001' $$;

-- A membership source that cannot be read, since its owner may not: PostgreSQL's own error goes through. One that is gone is told as gone.
CREATE ROLE t_source_owner;
CREATE TABLE members (workspace_id uuid, user_id uuid);
INSERT INTO members VALUES (w(), u());
ALTER TABLE members OWNER TO t_source_owner;
REVOKE SELECT ON members FROM t_source_owner;
SELECT audit_set_membership_source('members', 'workspace_id', 'user_id') \g /dev/null
CREATE FUNCTION attempts() RETURNS TABLE (way text, code text, constraint_name text, message text, hint text) LANGUAGE sql AS $$
  SELECT way, refusal.* FROM (VALUES (1, 'function', $q$SELECT insert_audit_event('A', 'r', NULL, w(), u())$q$),
    (2, 'INSERT', $q$INSERT INTO audit_events (action_type, resource_type, workspace_id, created_by_user_id) VALUES ('A', 'r', w(), u())$q$),
    (3, 'bulk', $q$SELECT insert_audit_events(jsonb_build_array(jsonb_build_object('action_type', 'A', 'resource_type', 'r', 'workspace_id', w(), 'created_by_user_id', u())))$q$))
    AS given (no, way, statement), LATERAL test.refusal(statement) ORDER BY no
$$;
SELECT way, code, constraint_name, message, hint FROM attempts();
GRANT SELECT ON members TO t_source_owner;
SELECT way, code FROM attempts();
DROP TABLE members;
SELECT way, code, constraint_name, message, hint FROM attempts();
SELECT audit_set_membership_source(NULL) \g /dev/null

-- A floor is too low only where there is something newer. That the newest cannot be looked for is another matter.
SELECT insert_audit_event('A', 'r', NULL, w(), u()) IS NOT NULL AS recorded;
CREATE FUNCTION floor_at(p_time text) RETURNS text LANGUAGE sql AS $$ SELECT format('INSERT INTO audit_event_sequence VALUES (w(), gen_random_uuid(), %L)', p_time) $$;
SELECT code, message FROM test.refusal(floor_at('2020-01-01'));
BEGIN;
CALL test.past_the_guard('ALTER TABLE audit_sequence_floors DROP CONSTRAINT audit_sequence_floors_pkey');
SELECT code, message, hint FROM test.refusal(floor_at('2020-01-01'));
ROLLBACK;

-- Code of somebody else that calls maintenance from within maintenance: it is not the lock that is missing, and nothing to try again.
CREATE FUNCTION nest() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM public.place_audit_hold(NEW.workspace_id, 'again'); RETURN NEW; END $$;
BEGIN;
CALL test.past_the_guard('CREATE TRIGGER zz_nest AFTER INSERT ON audit_legal_holds FOR EACH ROW EXECUTE FUNCTION nest()');
SELECT code, message, hint FROM test.refusal('SELECT place_audit_hold(w(), ''case 1'')');
SELECT count(*) AS holds FROM audit_legal_holds;
ROLLBACK;
SELECT code FROM test.refusal('SELECT place_audit_hold(w(), ''case 1'')');
