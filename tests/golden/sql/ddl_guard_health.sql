-- What gets past the guard (event triggers disabled by a superuser, catalogs written by hand) is found, and audit_setup() repairs what it can.
\i tests/golden/prelude.sql
CREATE EXTENSION audit_ext;
CREATE VIEW guard_finding AS SELECT check_name, status, detail, hint FROM audit_health()
  WHERE check_name IN ('ddl_guard', 'guards', 'foreign_objects', 'statistics', 'publications', 'storage', 'constraints', 'functions') AND status <> 'ok';
SELECT check_name, status, test.masked(detail) AS detail FROM guard_finding;
CREATE FUNCTION theirs() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE ROLE t_other;
-- Makes something wrong with the guard off, tells what is found, and takes it back.
CREATE FUNCTION found(p_statement text, OUT check_name text, OUT detail text) RETURNS SETOF record LANGUAGE plpgsql SET client_min_messages = error AS $$
DECLARE
  told text;
BEGIN
  BEGIN
    ALTER EVENT TRIGGER audit_ddl_command_start DISABLE;
    ALTER EVENT TRIGGER audit_ddl_command_end DISABLE;
    ALTER EVENT TRIGGER audit_sql_drop DISABLE;
    EXECUTE p_statement;
    ALTER EVENT TRIGGER audit_ddl_command_start ENABLE ALWAYS;
    ALTER EVENT TRIGGER audit_ddl_command_end ENABLE ALWAYS;
    ALTER EVENT TRIGGER audit_sql_drop ENABLE ALWAYS;
    SELECT jsonb_agg(jsonb_build_object('c', f.check_name, 'd', test.masked(f.detail)))::text INTO told FROM guard_finding AS f;
    RAISE EXCEPTION 'undo' USING ERRCODE = 'UNDO1';
  EXCEPTION WHEN SQLSTATE 'UNDO1' THEN NULL;
  END;
  RETURN QUERY SELECT DISTINCT f->>'c', f->>'d' FROM jsonb_array_elements(coalesce(told, '[{"c": "NOTHING"}]')::jsonb) AS f ORDER BY 1, 2;
END $$;
SELECT what, found.* FROM (VALUES
  (1, 'a guard disabled', 'ALTER TABLE audit_deletion_log DISABLE TRIGGER audit_deletion_log_guard'),
  (2, 'a guard of a partition disabled', 'ALTER TABLE audit_events_default DISABLE TRIGGER audit_events_guard'),
  (3, 'a guard not always', 'ALTER TABLE audit_events_archive ENABLE TRIGGER audit_events_truncate_guard'),
  (4, 'a guard dropped', 'DROP TRIGGER audit_events_truncate_guard ON audit_events_default'),
  (5, 'a guard that guards not', 'CREATE OR REPLACE TRIGGER audit_deletion_log_guard BEFORE UPDATE OR DELETE ON audit_deletion_log FOR EACH ROW EXECUTE FUNCTION theirs(); ALTER TABLE audit_deletion_log ENABLE ALWAYS TRIGGER audit_deletion_log_guard'),
  (6, 'the membership check disabled', 'ALTER TABLE audit_events DISABLE TRIGGER check_audit_workspace_membership'),
  (7, 'somebody''s trigger', 'CREATE TRIGGER theirs BEFORE INSERT ON audit_access FOR EACH ROW EXECUTE FUNCTION theirs()'),
  (8, 'a rule', 'CREATE RULE theirs AS ON INSERT TO audit_deletion_log DO INSTEAD NOTHING'),
  (9, 'row security', 'ALTER TABLE audit_events ENABLE ROW LEVEL SECURITY'),
  (10, 'a unique index', 'CREATE UNIQUE INDEX theirs ON audit_events_default (action_type)'),
  (11, 'another owner', 'ALTER TABLE audit_access OWNER TO t_other'),
  (12, 'not permanent', 'ALTER TABLE audit_deletion_log SET UNLOGGED'),
  (13, 'no check', 'ALTER TABLE audit_events DROP CONSTRAINT check_action_type_not_empty'),
  (14, 'a weak check', 'ALTER TABLE audit_events_archive DROP CONSTRAINT check_new_values_not_empty; ALTER TABLE audit_events_archive ADD CONSTRAINT check_new_values_not_empty CHECK (true)'),
  (15, 'a check of somebody else', 'ALTER TABLE audit_events_default ADD CONSTRAINT theirs CHECK (action_type <> ''X'')'),
  (16, 'a function replaced', 'CREATE OR REPLACE FUNCTION audit_events_guard() RETURNS trigger LANGUAGE plpgsql AS ''BEGIN RETURN OLD; END'''),
  (17, 'a function of another symbol', 'CREATE OR REPLACE FUNCTION audit_events_guard() RETURNS trigger LANGUAGE c AS ''audit_ext'', ''audit_ext_policy_before_update'''),
  (18, 'invoker''s rights', 'ALTER FUNCTION insert_audit_event SECURITY INVOKER'),
  (19, 'an event trigger of a name', 'DROP EVENT TRIGGER audit_sql_drop; CREATE FUNCTION x() RETURNS event_trigger LANGUAGE plpgsql AS ''BEGIN END''; CREATE EVENT TRIGGER audit_sql_drop ON sql_drop EXECUTE FUNCTION x()'),
  (20, 'an index with an operator class of theirs', 'CREATE OPERATOR CLASS theirs_ops FOR TYPE text USING btree AS OPERATOR 3 =, FUNCTION 1 bttextcmp(text, text); CREATE INDEX theirs ON audit_events_default (action_type theirs_ops)'),
  (21, 'samples of payload', 'ALTER TABLE audit_events ALTER user_agent SET STATISTICS 100; CREATE STATISTICS theirs ON request_id, (metadata->>''k'') FROM audit_events_default'),
  (22, 'a row filter', 'CREATE PUBLICATION theirs FOR TABLE audit_events WHERE (action_type = ''X'') WITH (publish_via_partition_root = true)'),
  (23, 'a column list', 'CREATE PUBLICATION theirs FOR TABLE audit_events_archive (id, created_at), audit_events_default (workspace_id, created_at, id, tags) WITH (publish = ''delete'', publish_via_partition_root = true)'),
  (24, 'no identity', 'ALTER TABLE audit_access REPLICA IDENTITY NOTHING; CREATE PUBLICATION theirs FOR ALL TABLES'),
  (25, 'good publications', 'CREATE PUBLICATION theirs FOR TABLE audit_events WHERE (workspace_id IS NOT NULL) WITH (publish_via_partition_root = true); CREATE PUBLICATION more FOR TABLE audit_events_archive WHERE (action_type = ''X'') WITH (publish = ''insert'', publish_via_partition_root = true)'),
  (26, 'nothing', 'SELECT')) AS given (no, what, statement), LATERAL found(statement) ORDER BY no, 2, 3;

-- An owner of the extension who is no superuser any more can drop event triggers.
CREATE ROLE t_super SUPERUSER;
ALTER EVENT TRIGGER audit_sql_drop OWNER TO t_super;
ALTER ROLE t_super NOSUPERUSER;
SELECT detail FROM guard_finding;
ALTER EVENT TRIGGER audit_sql_drop OWNER TO CURRENT_USER;
-- The event triggers themselves, and their repair.
ALTER EVENT TRIGGER audit_ddl_command_start DISABLE;
ALTER EVENT TRIGGER audit_ddl_command_end ENABLE REPLICA;
DROP EVENT TRIGGER audit_sql_drop;
SELECT check_name, status, test.masked(detail) AS detail FROM guard_finding;
SELECT audit_setup();
SELECT check_name, status, test.masked(detail) AS detail FROM guard_finding;
SELECT evtname, evtenabled FROM pg_event_trigger ORDER BY 1;

-- Whoever owns the schema can shut a role out of it that has a level.
CREATE ROLE t_level;
SELECT audit_grant('t_level', 'writer') \g /dev/null
REVOKE USAGE ON SCHEMA public FROM t_level, PUBLIC;
SELECT check_name, status, detail, hint FROM audit_health() WHERE detail LIKE '%t_level%';
GRANT USAGE ON SCHEMA public TO PUBLIC;
SELECT count(*) FROM audit_health() WHERE detail LIKE '%t_level%';
