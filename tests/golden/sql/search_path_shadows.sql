-- Operators, functions, types, tables and views of a caller that shadow the server's never run when the extension is called, as no access level, by no function,
-- view, trigger or event trigger, with and without a membership source.
\i tests/golden/prelude.sql
CREATE SCHEMA audit; CREATE EXTENSION audit_ext SCHEMA audit;
CREATE ROLE t_writer; CREATE ROLE t_reader; CREATE ROLE t_operator; CREATE ROLE t_compliance; CREATE ROLE t_gateway; CREATE ROLE t_none;
SELECT audit.audit_grant(('t_' || level)::regrole, level) FROM unnest(ARRAY['writer', 'reader', 'operator', 'compliance', 'gateway']) AS level \g /dev/null
SELECT audit.audit_grant('t_gateway', 'reader'), audit.audit_grant('t_gateway', 'writer') \g /dev/null
CREATE SCHEMA app; GRANT USAGE, CREATE ON SCHEMA app TO PUBLIC;
CREATE TABLE app.members (workspace_id text, user_id uuid);
INSERT INTO app.members VALUES ('10000000-0000-4000-8000-000000000001', '20000000-0000-4000-8000-000000000001');
CREATE TABLE app.tracked (id int PRIMARY KEY, workspace_id uuid DEFAULT '10000000-0000-4000-8000-000000000001', name text, data jsonb);
GRANT ALL ON app.tracked TO PUBLIC;
SELECT audit.audit_track_table('app.tracked') \g /dev/null

-- A shadow counts and raises. A sequence counts, for it remembers what is rolled back.
CREATE SEQUENCE test.ran; CREATE SEQUENCE test.accepted; SELECT nextval('test.ran'), nextval('test.accepted') \g /dev/null
GRANT ALL ON test.ran, test.accepted TO PUBLIC; GRANT USAGE ON SCHEMA test TO PUBLIC;
CREATE SCHEMA evil; GRANT USAGE ON SCHEMA evil TO PUBLIC;
DO $do$
DECLARE
  body constant text := $$ LANGUAGE plpgsql AS $f$ BEGIN PERFORM pg_catalog.nextval('test.ran'::pg_catalog.regclass); RAISE EXCEPTION 'a shadow ran'; END $f$ $$;
  o record;
BEGIN
  FOR o IN SELECT oprname, oprleft::regtype AS l, oprright::regtype AS r, oprresult::regtype AS result, row_number() OVER () AS n FROM pg_operator
    JOIN pg_type AS lt ON lt.oid = oprleft AND lt.typtype <> 'p' JOIN pg_type AS rt ON rt.oid = oprright AND rt.typtype <> 'p' JOIN pg_type AS re ON re.oid = oprresult AND re.typtype <> 'p' WHERE oprnamespace = 'pg_catalog'::regnamespace LOOP
    EXECUTE format('CREATE FUNCTION evil.operator_%s(%s, %s) RETURNS %s %s', o.n, o.l, o.r, o.result, body);
    EXECUTE format('CREATE OPERATOR evil.%s (LEFTARG = %s, RIGHTARG = %s, FUNCTION = evil.operator_%s)', o.oprname, o.l, o.r, o.n);
  END LOOP;
  FOR o IN SELECT p.oid, p.proname, oidvectortypes(proargtypes) AS arguments, prorettype::regtype AS result FROM pg_proc AS p JOIN pg_type AS t ON t.oid = prorettype AND t.typtype IN ('b', 'd')
    WHERE pronamespace = 'pg_catalog'::regnamespace AND prokind = 'f' AND NOT proretset AND provariadic = 0 AND NOT EXISTS (SELECT FROM unnest(proargtypes) AS a JOIN pg_type ON pg_type.oid = a AND typtype = 'p') LOOP
    EXECUTE format('CREATE FUNCTION evil.%I(%s) RETURNS %s %s', o.proname, o.arguments, o.result, body);
  END LOOP;
END $do$;
SELECT count(*) > 500 AS "operators enough" FROM pg_operator WHERE oprnamespace = 'evil'::regnamespace;
SELECT count(*) > 1500 AS "functions enough" FROM pg_proc WHERE pronamespace = 'evil'::regnamespace;
CREATE PROCEDURE test.make_temporary_shadows() LANGUAGE plpgsql AS $$
DECLARE name text;
BEGIN
  CREATE FUNCTION pg_temp.ran() RETURNS boolean LANGUAGE plpgsql AS $f$ BEGIN PERFORM pg_catalog.nextval('test.ran'::pg_catalog.regclass); RAISE EXCEPTION 'a shadow ran'; END $f$;
  FOREACH name IN ARRAY ARRAY['text', 'name', 'uuid', 'jsonb', 'timestamptz', 'int4', 'int8', 'oid', 'bool', 'inet', 'interval', 'date'] LOOP
    EXECUTE format('CREATE DOMAIN pg_temp.%I AS pg_catalog.%I CHECK (pg_temp.ran())', name, name);
  END LOOP;
  FOREACH name IN ARRAY ARRAY['pg_class', 'pg_proc', 'pg_type', 'pg_roles', 'pg_trigger', 'pg_namespace', 'audit_events', 'audit_events_archive', 'audit_access', 'audit_membership_source', 'audit_retention_policies', 'audit_tracking'] LOOP
    EXECUTE format('CREATE VIEW pg_temp.%I AS SELECT pg_temp.ran() AS oid', name);
    EXECUTE format('GRANT ALL ON pg_temp.%I TO PUBLIC', name);
  END LOOP;
END $$;

-- Whatever there is to call. Errors are as good as results here; what went through is counted.
CREATE PROCEDURE test.attempt(p_sql text) LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE p_sql;
  PERFORM pg_catalog.nextval('test.accepted'::pg_catalog.regclass);
EXCEPTION WHEN OTHERS THEN NULL;
END $$;
CREATE TABLE test.calls (no int GENERATED ALWAYS AS IDENTITY, statement text);
GRANT SELECT ON test.calls TO PUBLIC;
INSERT INTO test.calls (statement) VALUES
  ($$SELECT pg_catalog.set_config('request.jwt.claims', '{"sub": "20000000-0000-4000-8000-000000000001"}', false)$$),
  ($$SELECT audit.insert_audit_event('CALL', 'r', NULL, '10000000-0000-4000-8000-000000000001', '20000000-0000-4000-8000-000000000001', '{"a": 1}', '{"a": 2}')$$),
  ($$SELECT audit.insert_audit_event('CALL', 'r', NULL, '10000000-0000-4000-8000-000000000001', '20000000-0000-4000-8000-000000000009')$$),
  ($$SELECT audit.insert_audit_event('CALL', 'r', NULL, pg_catalog.gen_random_uuid(), '20000000-0000-4000-8000-000000000001')$$),
  ($$SELECT audit.insert_audit_events('[{"action_type": "BULK", "resource_type": "r", "workspace_id": "10000000-0000-4000-8000-000000000001", "created_by_user_id": "20000000-0000-4000-8000-000000000001", "tags": ["t"], "ip_address": "10.0.0.1"}]')$$),
  ($$INSERT INTO audit.audit_events (action_type, resource_type, workspace_id, created_by_user_id) VALUES ('ROW', 'r', '10000000-0000-4000-8000-000000000001', '20000000-0000-4000-8000-000000000001')$$),
  ($$INSERT INTO audit.audit_events (action_type, resource_type, workspace_id, created_by_user_id, created_at) VALUES ('ROW', 'r', '10000000-0000-4000-8000-000000000001', '20000000-0000-4000-8000-000000000001', '2020-01-01')$$),
  ($$UPDATE audit.audit_events SET action_type = 'x'$$), ($$DELETE FROM audit.audit_events$$), ($$DELETE FROM audit.audit_events_archive$$), ($$TRUNCATE audit.audit_events$$),
  ($$SELECT * FROM audit.get_audit_trail('10000000-0000-4000-8000-000000000001')$$), ($$SELECT * FROM audit.vw_security_audit$$), ($$SELECT * FROM audit.partition_schedule$$),
  ($$SELECT * FROM audit.audit_event_sequence$$), ($$SELECT * FROM audit.audit_tracked_tables$$), ($$SELECT audit.audit_may_read('10000000-0000-4000-8000-000000000001')$$),
  ($$SELECT * FROM audit.audit_newest_event('10000000-0000-4000-8000-000000000001')$$), ($$SELECT audit.audit_resource_id('a', 'b')$$), ($$SELECT audit.audit_event_id(), audit.audit_event_time()$$),
  ($$INSERT INTO audit.audit_event_sequence VALUES ('10000000-0000-4000-8000-000000000001', pg_catalog.gen_random_uuid(), pg_catalog.now())$$),
  ($$INSERT INTO audit.audit_retention_policies (workspace_id) VALUES (pg_catalog.gen_random_uuid())$$), ($$UPDATE audit.audit_retention_policies SET hot_retention_days = 91$$), ($$DELETE FROM audit.audit_retention_policies$$),
  ($$SELECT * FROM audit.create_monthly_audit_partition()$$), ($$SELECT * FROM audit.archive_old_audit_events()$$), ($$SELECT audit.restore_audit_events('{}')$$), ($$SELECT audit.restore_audit_events(ARRAY[pg_catalog.gen_random_uuid()])$$),
  ($$SELECT * FROM audit.audit_health()$$), ($$SELECT * FROM audit.audit_schedule_jobs()$$), ($$SELECT * FROM audit.explain_audit_retention('10000000-0000-4000-8000-000000000001')$$),
  ($$SELECT audit.place_audit_hold('10000000-0000-4000-8000-000000000002', 'why')$$), ($$SELECT audit.release_audit_hold(id, 'why') FROM audit.audit_legal_holds$$),
  ($$SELECT audit.request_audit_deletion('20000000-0000-4000-8000-000000000001', '10000000-0000-4000-8000-000000000001', 'GDPR', 'why')$$), ($$SELECT audit.request_audit_purge('10000000-0000-4000-8000-000000000001', 'GDPR')$$),
  ($$SELECT audit.approve_audit_deletion(id, 'T-1') FROM audit.audit_deletion_requests$$), ($$SELECT audit.execute_audit_deletion(id) FROM audit.audit_deletion_requests$$), ($$SELECT audit.reject_audit_deletion(id, 'no') FROM audit.audit_deletion_requests$$),
  ($$SELECT audit.delete_user_audit_events_compliant('20000000-0000-4000-8000-000000000001', '10000000-0000-4000-8000-000000000001', 'GDPR', 'T-1')$$),
  ($$SELECT audit.purge_expired_audit_events('10000000-0000-4000-8000-000000000001', 'GDPR', 'T-1')$$), ($$SELECT audit.audit_deletion_certificate(id) FROM audit.audit_deletion_log$$), ($$SELECT audit.audit_scrub(id) FROM audit.audit_deletion_log$$),
  ($$INSERT INTO app.tracked (id, name, data) VALUES (1, 'a', '{"a": 1}'), (2, 'b', NULL)$$), ($$UPDATE app.tracked SET name = 'c', data = '{"a": 2}'$$), ($$DELETE FROM app.tracked$$), ($$TRUNCATE app.tracked$$),
  ($$CREATE TABLE app.made (id pg_catalog.int4 PRIMARY KEY, workspace_id pg_catalog.uuid)$$), ($$SELECT audit.audit_track_table('app.made')$$), ($$ALTER TABLE app.made ADD COLUMN more pg_catalog.int4$$), ($$INSERT INTO app.made VALUES (1)$$),
  ($$ALTER TABLE app.made RENAME COLUMN more TO other$$), ($$CREATE INDEX ON app.made (other)$$), ($$SELECT audit.audit_untrack_table('app.made')$$), ($$DROP TABLE app.made$$),
  ($$ALTER TABLE audit.audit_events ADD COLUMN x pg_catalog.int4$$), ($$CREATE INDEX ON audit.audit_events (action_type)$$), ($$GRANT SELECT ON ALL TABLES IN SCHEMA audit TO t_none$$), ($$DROP TABLE audit.audit_access$$), ($$CREATE VIEW app.v AS TABLE app.tracked$$), ($$DROP VIEW app.v$$),
  ($$SELECT audit.audit_grant('t_none', 'reader')$$), ($$SELECT audit.audit_revoke('t_none', 'reader')$$), ($$SELECT audit.audit_setup()$$), ($$SELECT audit.audit_set_membership_source(NULL, NULL, NULL)$$);

\set role t_none
\i tests/golden/shadows.sql
\set role t_writer
\i tests/golden/shadows.sql
\set role t_reader
\i tests/golden/shadows.sql
\set role t_operator
\i tests/golden/shadows.sql
\set role t_compliance
\i tests/golden/shadows.sql
\set role t_gateway
\i tests/golden/shadows.sql
\set role postgres
\i tests/golden/shadows.sql
SELECT audit.audit_set_membership_source('app.members', 'workspace_id', 'user_id') \g /dev/null
\set role t_writer
\i tests/golden/shadows.sql
\set role t_reader
\i tests/golden/shadows.sql
\set role t_gateway
\i tests/golden/shadows.sql
\set role t_compliance
\i tests/golden/shadows.sql
\set role postgres
\i tests/golden/shadows.sql
