-- Tables that exist already are adopted only if they are just as we make them; otherwise the error names what differs, and nothing
-- is changed. Each kind of difference, put on tables that were ours.
\i tests/golden/prelude.sql
CREATE ROLE t_other;
CREATE EXTENSION audit_ext;
SELECT insert_audit_event('A', 'r', NULL, '10000000-0000-4000-8000-000000000001', '20000000-0000-4000-8000-000000000001') IS NOT NULL AS recorded;
SET client_min_messages = error;
DROP EXTENSION audit_ext CASCADE;
RESET client_min_messages;
SET client_min_messages = warning;
CREATE FUNCTION foreign_trigger() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';

-- Makes a difference, tries CREATE EXTENSION, tells code and DETAIL, and takes all of it back.
CREATE FUNCTION adoption(p_difference text, OUT code text, OUT differences text, OUT hint text) LANGUAGE plpgsql AS $$
DECLARE message text;
BEGIN
  BEGIN
    EXECUTE p_difference;
    BEGIN
      CREATE EXTENSION audit_ext;
      code := 'accepted';
    EXCEPTION WHEN OTHERS THEN
      GET STACKED DIAGNOSTICS code = RETURNED_SQLSTATE, differences = PG_EXCEPTION_DETAIL, message = MESSAGE_TEXT, hint = PG_EXCEPTION_HINT;
      IF differences = '' THEN differences := message; END IF;
    END;
    RAISE EXCEPTION 'undo' USING ERRCODE = 'XX999';
  EXCEPTION WHEN SQLSTATE 'XX999' THEN NULL;
  END;
END $$;
SELECT * FROM adoption('SELECT 1');
CREATE TABLE difference (no serial, what text, statement text);
INSERT INTO difference (what, statement) VALUES
  ('column type', 'ALTER TABLE audit_retention_policies ALTER COLUMN compliance_reason TYPE varchar'),
  ('column type of the parent', 'ALTER TABLE audit_events ALTER COLUMN user_agent TYPE varchar(100)'),
  ('extra column', 'ALTER TABLE audit_deletion_log ADD COLUMN extra int'), ('extra column of the parent', 'ALTER TABLE audit_events ADD COLUMN extra int'),
  ('columns of the seal missing', 'ALTER TABLE audit_events DROP COLUMN seal_key, DROP COLUMN seal_xid'),
  ('renamed column', 'ALTER TABLE audit_events RENAME COLUMN tags TO labels'),
  ('missing NOT NULL', 'ALTER TABLE audit_deletion_log ALTER COLUMN event_count DROP NOT NULL'),
  ('missing constraint', 'ALTER TABLE audit_events DROP CONSTRAINT check_workspace_id_not_null'),
  ('missing key', 'ALTER TABLE audit_retention_policies DROP CONSTRAINT audit_retention_policies_pkey'),
  ('weaker constraint', 'ALTER TABLE audit_events DROP CONSTRAINT check_old_values_not_empty; ALTER TABLE audit_events ADD CONSTRAINT check_old_values_not_empty CHECK (true)'),
  ('foreign constraint', 'ALTER TABLE audit_events ADD CONSTRAINT theirs CHECK (user_agent <> ''x'')'),
  ('foreign trigger', 'CREATE TRIGGER theirs BEFORE INSERT ON audit_events FOR EACH ROW EXECUTE FUNCTION foreign_trigger()'),
  ('foreign trigger on a partition', 'CREATE TRIGGER theirs BEFORE INSERT ON audit_events_default FOR EACH ROW EXECUTE FUNCTION foreign_trigger()'),
  ('rule', 'CREATE RULE theirs AS ON INSERT TO audit_deletion_log DO INSTEAD NOTHING'),
  ('policy', 'CREATE POLICY theirs ON audit_events USING (false)'), ('row level security', 'ALTER TABLE audit_access ENABLE ROW LEVEL SECURITY'), ('policy on a partition', 'CREATE POLICY theirs ON audit_events_default USING (false)'),
  ('default', 'ALTER TABLE audit_events ALTER COLUMN metadata SET DEFAULT ''{"a": 1}'''), ('other default', 'ALTER TABLE audit_retention_policies ALTER COLUMN hot_retention_days SET DEFAULT 9'),
  ('default that forges ids', 'ALTER TABLE audit_events ALTER COLUMN id SET DEFAULT gen_random_uuid()'),
  ('other owner', 'ALTER TABLE audit_events OWNER TO t_other'), ('other owner of a partition', 'ALTER TABLE audit_events_default OWNER TO t_other'),
  ('unlogged', 'ALTER TABLE audit_deletion_log SET UNLOGGED'), ('detached partition', 'ALTER TABLE audit_events DETACH PARTITION audit_events_default'),
  ('other partitioning', 'DROP TABLE audit_events_archive CASCADE; CREATE TABLE audit_events_archive (LIKE audit_events INCLUDING CONSTRAINTS, PRIMARY KEY (workspace_id, created_at, id) INCLUDE (created_by_user_id)) PARTITION BY LIST (workspace_id)'),
  ('plain table', 'DROP TABLE audit_events CASCADE; CREATE TABLE audit_events (LIKE audit_events_archive INCLUDING CONSTRAINTS, PRIMARY KEY (workspace_id, created_at, id) INCLUDE (created_by_user_id))'),
  ('a view instead', 'DROP TABLE audit_access CASCADE; CREATE VIEW audit_access AS SELECT 1 AS id'), ('a table instead of a view', 'DROP VIEW IF EXISTS partition_schedule; CREATE TABLE partition_schedule (a int)'),
  ('another''s view', 'DROP VIEW IF EXISTS vw_security_audit; CREATE VIEW vw_security_audit AS SELECT 1 AS id; ALTER VIEW vw_security_audit OWNER TO t_other'),
  ('a stranger named as a partition', 'CREATE TABLE audit_events_1999_01 (a int)'), ('two differences', 'ALTER TABLE audit_access ADD COLUMN x int; ALTER TABLE audit_deletion_log OWNER TO t_other'),
  ('foreign key', 'CREATE TABLE other (id uuid PRIMARY KEY); ALTER TABLE audit_deletion_log ADD CONSTRAINT theirs FOREIGN KEY (workspace_id) REFERENCES other');
SELECT what, code, regexp_replace(differences, '_[0-9]{4}_[0-9]{2}', '_<month>', 'g') AS differences FROM difference, LATERAL adoption(statement) ORDER BY no;
-- Kinds whose wording is free: refused, and what differs is named.
SELECT what, code, differences ~ named AS named FROM (VALUES
  (1, 'missing column', 'revoked_by', 'ALTER TABLE audit_access DROP COLUMN revoked_by'),
  (2, 'generated column', 'archive_by', 'ALTER TABLE audit_retention_policies DROP COLUMN archive_by; ALTER TABLE audit_retention_policies ADD COLUMN archive_by text NOT NULL GENERATED ALWAYS AS (''event'') STORED'),
  (3, 'missing default', 'hot_retention_days', 'ALTER TABLE audit_retention_policies ALTER COLUMN hot_retention_days DROP DEFAULT'),
  (4, 'foreign constraint on a partition', 'theirs', 'ALTER TABLE audit_events_default ADD CONSTRAINT theirs CHECK (user_agent <> ''x'')')) AS given (no, what, named, statement),
  LATERAL adoption(statement) ORDER BY no;

-- The whole error once; nothing was changed by it, and without the difference the tables are adopted.
BEGIN;
ALTER TABLE audit_deletion_log ADD COLUMN extra int;
CREATE EXTENSION audit_ext;
\echo :LAST_ERROR_SQLSTATE
ROLLBACK;
SELECT count(*) AS schemas FROM pg_namespace WHERE nspname ~ 'scratch';
SELECT count(*) AS extensions FROM pg_extension WHERE extname = 'audit_ext';
CREATE EXTENSION audit_ext;
SELECT insert_audit_event('A', 'r', NULL, '10000000-0000-4000-8000-000000000001', '20000000-0000-4000-8000-000000000001') IS NOT NULL AS recorded;
SELECT count(*) FROM get_audit_trail('10000000-0000-4000-8000-000000000001');
