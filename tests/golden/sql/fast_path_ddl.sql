-- What maintenance and DBAs may do to the trail, in the session that records and has everything remembered: as it is, and undone to a savepoint.
-- After each of it an event lands in the partition of its time, once, and in every index.
\i tests/golden/prelude.sql
\i tests/golden/amcheck.sql
CREATE EXTENSION audit_ext;
\i tests/golden/oracle.sql
CREATE TABLE members (workspace uuid, member uuid);
INSERT INTO members SELECT w(n), w(1) FROM generate_series(1, 1000) AS n;
CREATE TABLE told (id uuid PRIMARY KEY);
CREATE SEQUENCE n START 2;
CREATE VIEW trail AS SELECT id, resource_type FROM audit_events UNION ALL SELECT id, resource_type FROM audit_events_archive;
-- Records three events, one of them of 2001, and tells where they are, and whether all events told so far are found, by every index.
CREATE FUNCTION recorded() RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  ids uuid[];
  past jsonb := jsonb_build_object('resource_type', 'ddl', 'workspace_id', w(nextval('n')), 'created_by_user_id', w(1), 'user_agent', 'agent', 'tags', jsonb_build_array('t'));
BEGIN
  ids := insert_audit_event('NOW', 'ddl', w(1), w(1), w(1), '{"a": 1}', '{"a": 2}', p_user_agent => 'agent', p_tags => '{t}')
    || ARRAY(SELECT insert_audit_events(jsonb_build_array(past || '{"action_type": "PAST", "created_at": "2001-02-03T04:05:06Z"}', past || '{"action_type": "BATCH"}')));
  INSERT INTO told SELECT unnest(ids);
  RETURN (SELECT string_agg(CASE tableoid::regclass::text WHEN test.month() THEN 'month' WHEN 'audit_events_2001_02' THEN '2001_02' ELSE 'default' END, ', ' ORDER BY id)
    FROM audit_events WHERE id = ANY (ids)) || CASE WHEN missed() = '' THEN '' ELSE ', but ' || missed() END;
END $$;
CREATE FUNCTION missed() RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  indexed bigint[];
  read bigint[];
  sums CONSTANT text := 'SELECT ARRAY[(SELECT count(*) FROM audit_events WHERE tags @> ''{t}''), (SELECT count(*) FROM audit_events WHERE user_agent = ''agent''), (SELECT count(*) FROM audit_events WHERE created_at > ''2000-01-01'')]';
BEGIN
  PERFORM bt_index_check(indexrelid, true) FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid JOIN pg_partition_tree('audit_events') AS tree ON indrelid = relid
  WHERE isleaf AND relam = (SELECT oid FROM pg_am WHERE amname = 'btree');
  PERFORM set_config('enable_seqscan', 'off', true);
  EXECUTE sums INTO indexed;
  PERFORM set_config('enable_seqscan', 'on', true), set_config('enable_indexscan', 'off', true), set_config('enable_bitmapscan', 'off', true);
  EXECUTE sums INTO read;
  PERFORM set_config('enable_indexscan', 'on', true), set_config('enable_bitmapscan', 'on', true);
  RETURN concat_ws(', ', CASE WHEN indexed <> read THEN 'an index misses some' END, (SELECT count(*) || ' are not there' FROM told WHERE id NOT IN (SELECT id FROM trail) HAVING count(*) > 0),
    (SELECT count(*) || ' are not told' FROM trail WHERE resource_type = 'ddl' AND id NOT IN (SELECT id FROM told) HAVING count(*) > 0));
END $$;
SELECT recorded();

CREATE TABLE ddl (no int GENERATED ALWAYS AS IDENTITY, statement text);
INSERT INTO ddl (statement) VALUES
  ('SELECT create_monthly_audit_partition(5), create_past_audit_partitions(''2001-02-01'', ''2001-02-28'')'), ('ANALYZE audit_events'), ('ALTER TABLE @month SET (fillfactor = 50)'), ('ALTER TABLE audit_events ALTER action_type SET STATISTICS 9'),
  ('ALTER TABLE @month REPLICA IDENTITY FULL'), ('CREATE PUBLICATION theirs FOR TABLE audit_events WITH (publish = ''insert'')'), ('DROP PUBLICATION theirs'),
  ('CREATE INDEX theirs ON audit_events (action_type, (metadata->>''k'')) WHERE resource_type <> ''x'''), ('REINDEX INDEX @month_pkey'), ('REINDEX TABLE @month'), ('CLUSTER @month USING @month_pkey'),
  ('ALTER TABLE @month SET WITHOUT CLUSTER'), ('ALTER INDEX @month_pkey SET (fillfactor = 70)'), ('DROP INDEX theirs'), ('CREATE INDEX theirs ON audit_events USING gin (tags)'), ('CREATE INDEX theirs_too ON @month USING hash (user_agent)'),
  ('CREATE INDEX theirs_three ON audit_events USING brin (created_at)'), ('DROP INDEX theirs, theirs_too'), ('DROP INDEX theirs_three'), ('CREATE STATISTICS theirs ON action_type, resource_type FROM audit_events'), ('DROP STATISTICS theirs'),
  ('SELECT audit_setup()'), ('SELECT audit_set_membership_source(''members'', ''workspace'', ''member'')'), ('ALTER TABLE audit_events DISABLE TRIGGER check_audit_workspace_membership'),
  ('ALTER TABLE audit_events ENABLE TRIGGER check_audit_workspace_membership'), ('SELECT audit_set_membership_source(NULL)'), ('COMMENT ON TABLE audit_events IS ''As in our handbook.'''),
  ('GRANT SELECT ON audit_events TO pg_monitor'), ('LOCK TABLE audit_events IN ACCESS EXCLUSIVE MODE'), ('ALTER SCHEMA public RENAME TO another; SET LOCAL search_path = another, test; SELECT insert_audit_event(''RENAMED'', ''x'', NULL, w(1), w(1)); ALTER SCHEMA another RENAME TO public; SET LOCAL search_path = public, test'),
  ('DROP EXTENSION audit_ext CASCADE; CREATE EXTENSION audit_ext'), ('ALTER EXTENSION plpgsql UPDATE');
-- Undone first, with events between and in the very transaction; then done.
CREATE FUNCTION try_all() RETURNS TABLE (statement text, within text, undone text, done text) LANGUAGE plpgsql SET client_min_messages = error AS $$
DECLARE each ddl;
BEGIN
  FOR each IN SELECT * FROM ddl ORDER BY no LOOP
    statement := left(each.statement, 60);
    BEGIN
      PERFORM recorded();
      EXECUTE replace(each.statement, '@month', test.month());
      within := recorded();
      RAISE EXCEPTION USING ERRCODE = 'ZZ001';
    EXCEPTION WHEN SQLSTATE 'ZZ001' THEN undone := recorded();
    END;
    EXECUTE replace(each.statement, '@month', test.month());
    done := recorded();
    RETURN NEXT;
  END LOOP;
END $$;
SELECT * FROM try_all();

-- What cannot be undone.
SELECT test.month() AS month \gset
VACUUM FULL :month;
SELECT recorded();
VACUUM audit_events;
SELECT recorded();
REINDEX TABLE CONCURRENTLY :month;
SELECT recorded();
CREATE INDEX CONCURRENTLY theirs ON :month (request_id);
SELECT recorded();
DROP INDEX CONCURRENTLY theirs;
SELECT recorded();
-- The month of 2001 changes sides, back and forth, and is restored into.
UPDATE audit_retention_policies SET archive_by = 'month';
SELECT 'audit_events_2001_02'::regclass::oid AS hot \gset
SELECT archived_count > 0 AS archived FROM archive_old_audit_events();
SELECT 'audit_events_archive_2001_02'::regclass::oid = :hot AS "changed sides", recorded();
BEGIN;
SELECT archived_count > 0 AS archived, recorded() FROM archive_old_audit_events();
ROLLBACK;
SELECT recorded();
SELECT restore_audit_events(ARRAY(SELECT id FROM audit_events_archive)) > 0 AS restored, recorded();
SELECT recorded();
SELECT count(*) FROM audit_events_archive;
-- The trail in another schema, and the old one left behind.
DROP VIEW trail;
SET client_min_messages = error;
CREATE SCHEMA elsewhere;
DROP EXTENSION audit_ext CASCADE;
ALTER TABLE audit_events RENAME TO former_events;
CREATE EXTENSION audit_ext SCHEMA elsewhere;
SELECT elsewhere.insert_audit_event('ELSEWHERE', 'ddl', w(1), w(1), w(1)) IS NOT NULL AS recorded;
SELECT action_type, tableoid::regclass::text = 'elsewhere.' || test.month() AS here FROM elsewhere.audit_events;
SELECT count(*) AS "left alone" FROM former_events WHERE action_type = 'ELSEWHERE';
