-- A table of the trail that Citus keeps in shards is refused by everything that records, reads or operates, and named by health. Citus is not
-- needed here: what tells is its catalog, so one that looks like it is made by hand.
\i tests/golden/prelude.sql
CREATE EXTENSION audit_ext;
SELECT insert_audit_event('BEFORE', 'r', NULL, '10000000-0000-4000-8000-000000000001', '20000000-0000-4000-8000-000000000001') IS NOT NULL AS recorded;
CREATE TABLE app (id uuid PRIMARY KEY, workspace_id uuid);
SELECT audit_track_table('app') \g /dev/null
CREATE TABLE pg_dist_partition (logicalrelid regclass PRIMARY KEY, partmethod "char" NOT NULL, partkey text, colocationid int DEFAULT 0 NOT NULL, repmodel "char" DEFAULT 'c' NOT NULL, autoconverted bool DEFAULT false NOT NULL);
ALTER TABLE pg_dist_partition SET SCHEMA pg_catalog;
-- Distributes a table, and brings it back: Citus too tells all sessions that the table has changed.
CREATE PROCEDURE distribute(p_table regclass) LANGUAGE sql AS $$
  INSERT INTO pg_dist_partition (logicalrelid, partmethod) VALUES (p_table, 'h');
  UPDATE pg_class SET reltuples = reltuples WHERE oid = p_table;
$$;
CREATE PROCEDURE undistribute(p_table regclass) LANGUAGE sql AS $$
  DELETE FROM pg_dist_partition WHERE logicalrelid = p_table;
  UPDATE pg_class SET reltuples = reltuples WHERE oid = p_table;
$$;
CREATE FUNCTION recorded() RETURNS text LANGUAGE sql AS $$
  SELECT code FROM test.refusal('SELECT insert_audit_event(''A'', ''r'', NULL, ''10000000-0000-4000-8000-000000000001'', ''20000000-0000-4000-8000-000000000001'')')
$$;
-- A table of that name that is nobody's catalog tells nothing; nor do tables of the application.
CALL distribute('audit_events');
SELECT recorded();
CALL undistribute('audit_events');
INSERT INTO pg_extension (oid, extname, extowner, extnamespace, extrelocatable, extversion) VALUES (1000000, 'citus', 10, 'pg_catalog'::regnamespace, false, '0');
CALL distribute('app');
SELECT recorded();

-- In the middle of a session that has recorded.
CALL distribute('audit_events');
SELECT * FROM test.refusal('SELECT insert_audit_event(''A'', ''r'', NULL, ''10000000-0000-4000-8000-000000000001'', ''20000000-0000-4000-8000-000000000001'')');
SELECT what, code FROM (VALUES
  ('insert_audit_events', 'SELECT insert_audit_events(''[]'')'),
  ('INSERT', 'INSERT INTO audit_events (action_type, resource_type, workspace_id, created_by_user_id) VALUES (''A'', ''r'', ''10000000-0000-4000-8000-000000000001'', ''20000000-0000-4000-8000-000000000001'')'),
  ('capture', 'INSERT INTO app VALUES (''30000000-0000-4000-8000-000000000001'', NULL)'),
  ('get_audit_trail', 'SELECT get_audit_trail(''10000000-0000-4000-8000-000000000001'')'),
  ('vw_security_audit', 'SELECT * FROM vw_security_audit'),
  ('archive_old_audit_events', 'SELECT archive_old_audit_events()'),
  ('restore_audit_events', 'SELECT restore_audit_events(''{}'')'),
  ('create_monthly_audit_partition', 'SELECT create_monthly_audit_partition()'),
  ('erasure', 'SELECT delete_user_audit_events_compliant(''20000000-0000-4000-8000-000000000001'', ''10000000-0000-4000-8000-000000000001'', ''GDPR'', ''T'')'),
  ('purge', 'SELECT purge_expired_audit_events(''10000000-0000-4000-8000-000000000001'', ''GDPR'', ''T'')'),
  ('request', 'SELECT request_audit_deletion(''20000000-0000-4000-8000-000000000001'', ''10000000-0000-4000-8000-000000000001'', ''GDPR'')'),
  ('hold', 'SELECT place_audit_hold(''10000000-0000-4000-8000-000000000001'', ''case'')'),
  ('policy', 'INSERT INTO audit_retention_policies (workspace_id) VALUES (''10000000-0000-4000-8000-000000000009'')'),
  ('explain_audit_retention', 'SELECT explain_audit_retention(''10000000-0000-4000-8000-000000000001'')'),
  ('audit_grant', 'SELECT audit_grant(current_user::regrole, ''reader'')'),
  ('audit_setup', 'SELECT audit_setup()'),
  ('audit_track_table', 'SELECT audit_track_table(''app'')')) AS tried (what, statement), LATERAL test.refusal(statement);
SELECT * FROM audit_health();
-- Nothing got in, and all is well again as soon as the table is back.
CALL undistribute('audit_events');
SELECT recorded();
SELECT action_type, count(*) FROM audit_events WHERE action_type IN ('A', 'BEFORE') GROUP BY 1 ORDER BY 1;

-- Any table of the trail, a partition too.
DO $$
DECLARE
  part regclass;
BEGIN
  FOR part IN SELECT oid::regclass FROM pg_class WHERE relname ~ '^audit_' AND relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace ORDER BY relname LOOP
    CALL distribute(part);
    -- Citus distributes partitions with their table only, so sessions notice with that.
    UPDATE pg_class SET reltuples = reltuples WHERE oid = (SELECT inhparent FROM pg_inherits WHERE inhrelid = part);
    IF recorded() <> '0A000' THEN RAISE EXCEPTION '% is not refused', part; END IF;
    CALL undistribute(part);
  END LOOP;
END $$;
SELECT recorded();
DELETE FROM pg_extension WHERE extname = 'citus';
