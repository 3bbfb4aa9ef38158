-- Whoever owns the extension may hang its trigger functions on any table, for any event, and need not be a superuser. A function answers for the tables,
-- the operation, the level and the time that it is made for; everything else is an error before a row is looked at, and nothing is recorded.
\i tests/golden/prelude.sql
CREATE ROLE t_owner SUPERUSER;
SET ROLE t_owner;
CREATE EXTENSION audit_ext;
RESET ROLE;
ALTER ROLE t_owner NOSUPERUSER;
CREATE SCHEMA odd AUTHORIZATION t_owner;
SET ROLE t_owner;
SET search_path = odd, public;
-- Capture takes away its triggers from tables that are not tracked; not from now on.
ALTER EVENT TRIGGER audit_capture_altered DISABLE;

CREATE TABLE one (a int);
CREATE TABLE workspace_number (workspace_id int);
CREATE TABLE workspace_text (workspace_id text);
CREATE TABLE three (a int, b int, c int);
CREATE TABLE audit_events (LIKE public.audit_events INCLUDING DEFAULTS);
CREATE TABLE audit_events_archive (LIKE public.audit_events) PARTITION BY RANGE (created_at);
CREATE TABLE month PARTITION OF audit_events_archive DEFAULT;
CREATE TABLE audit_retention_policies (LIKE public.audit_retention_policies INCLUDING ALL);
CREATE TABLE audit_legal_holds () INHERITS (three);
CREATE TABLE audit_deletion_log (workspace_id uuid, state bigint, id bigint, is_compliance_mode text, protected_until text, hot_retention_days text);
CREATE VIEW audit_event_sequence AS SELECT * FROM three;

INSERT INTO one VALUES (1);
INSERT INTO workspace_number VALUES (1);
INSERT INTO workspace_text VALUES ('ABCDEFGHIJKLMNOP');
INSERT INTO three VALUES (1, 1, 1);
INSERT INTO audit_events (action_type, resource_type, workspace_id, created_by_user_id) VALUES ('A', 'thing', gen_random_uuid(), gen_random_uuid());
INSERT INTO audit_events_archive SELECT * FROM audit_events;
INSERT INTO audit_retention_policies VALUES (gen_random_uuid());
INSERT INTO audit_legal_holds VALUES (1, 1, 1);
INSERT INTO audit_deletion_log VALUES (NULL, 1, 1, 'x', 'x', 'x');

-- What a function answers to one statement as a trigger; then all is as before.
CREATE FUNCTION answer(p_trigger text, p_statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  is_made boolean := false;
  hint text;
BEGIN
  EXECUTE p_trigger;
  is_made := true;
  EXECUTE p_statement;
  RAISE SQLSTATE 'ZZ000';
EXCEPTION
  WHEN SQLSTATE 'ZZ000' THEN
    RETURN 'accepted';
  WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS hint = PG_EXCEPTION_HINT;
    RETURN CASE WHEN is_made THEN concat_ws(', ', SQLSTATE, substring(hint FROM 'Drop the trigger|Call audit_track_table')) ELSE 'no such trigger' END;
END $$;

CREATE TABLE answers AS
  SELECT function, name, timing, operation, level, answer(
    format('CREATE TRIGGER t %s %s ON %I %s FOR EACH %s EXECUTE FUNCTION public.%s(%s)', timing, operation, name, transition, level, function, arguments),
    format(CASE operation
      WHEN 'INSERT' THEN CASE name WHEN 'audit_retention_policies' THEN 'INSERT INTO %I VALUES (gen_random_uuid())' ELSE 'INSERT INTO %I SELECT * FROM (TABLE %1$I) AS known LIMIT 1' END
      WHEN 'UPDATE' THEN 'UPDATE %I SET %I = %2$I'
      WHEN 'DELETE' THEN 'DELETE FROM %I'
      ELSE 'TRUNCATE %I' END, name, key)) AS answer
  FROM unnest(ARRAY['audit_events_before_insert', 'audit_events_archive_before_insert', 'check_audit_workspace_membership', 'audit_events_guard',
      'audit_deletion_log_guard', 'audit_configuration_guard', 'audit_configuration_changed', 'audit_functions_only_guard',
      'audit_policy_before_update', 'audit_event_sequence_insert', 'audit_events_restore', 'audit_capture_changes']) AS function,
    (VALUES ('one', 'a'), ('workspace_number', 'workspace_id'), ('workspace_text', 'workspace_id'), ('three', 'a'), ('audit_events', 'id'), ('audit_events_archive', 'id'),
      ('month', 'id'), ('audit_retention_policies', 'created_at'), ('audit_legal_holds', 'a'), ('audit_deletion_log', 'workspace_id'), ('audit_event_sequence', 'a')) AS tables (name, key),
    unnest(ARRAY['BEFORE', 'AFTER', 'INSTEAD OF']) AS timing,
    unnest(ARRAY['INSERT', 'UPDATE', 'DELETE', 'TRUNCATE']) AS operation,
    unnest(ARRAY['ROW', 'STATEMENT']) AS level,
    unnest(ARRAY['', $$'a', 'b', 'id'$$, $$'FORGED_BY_OWNER', 'x', 'workspace_id'$$, $$'1', '{"resource_type": "x"}'$$]) AS arguments,
    LATERAL unnest(CASE WHEN function = 'audit_capture_changes' AND timing = 'AFTER' THEN ARRAY['', 'REFERENCING OLD TABLE AS o', 'REFERENCING NEW TABLE AS n',
      'REFERENCING OLD TABLE AS o NEW TABLE AS n'] ELSE ARRAY[''] END) AS transition
  -- Of a view only triggers in the place of the statement are called.
  WHERE name <> 'audit_event_sequence' OR timing = 'INSTEAD OF';
SELECT function, string_agg(DISTINCT answer, '; ' ORDER BY answer) AS answers FROM answers GROUP BY function ORDER BY function;
-- Capture is made for any table, but not for any trigger.
SELECT timing, operation, level, string_agg(DISTINCT answer, '; ' ORDER BY answer) AS answers FROM answers
WHERE function = 'audit_capture_changes' AND answer <> 'no such trigger' AND name NOT LIKE '%archive' GROUP BY timing, operation, level ORDER BY timing, operation, level;

-- In words, and with nothing undone by a test.
CREATE TRIGGER forged AFTER INSERT ON workspace_text FOR EACH ROW EXECUTE FUNCTION audit_configuration_changed('FORGED_BY_OWNER', 'x', 'workspace_id');
INSERT INTO workspace_text VALUES ('ABCDEFGHIJKLMNOP');
CREATE TRIGGER late AFTER DELETE ON audit_events FOR EACH STATEMENT EXECUTE FUNCTION audit_events_guard('archive');
DELETE FROM audit_events;
CREATE TRIGGER seen AFTER UPDATE ON three REFERENCING NEW TABLE AS n FOR EACH STATEMENT EXECUTE FUNCTION audit_capture_changes('1', '{"resource_type": "x"}');
UPDATE three SET a = 2;
SELECT count(*) FROM public.audit_events;
