-- audit_health(): each check says what is wrong and what to do, and is ok again once that is done.
\i tests/golden/prelude.sql
CREATE EXTENSION audit_ext;
SET client_min_messages = warning;
CREATE FUNCTION w(int) RETURNS uuid LANGUAGE sql IMMUTABLE RETURN ('10000000-0000-4000-8000-' || lpad($1::text, 12, '0'))::uuid;
CREATE VIEW sick AS SELECT check_name, status, regexp_replace(regexp_replace(test.masked(detail), '\d{4}-\d{2}-\d{2}T[0-9:.]+Z', '<time>'), '^\d+ events', '<n> events') AS detail, hint FROM audit_health() WHERE status <> 'ok';

-- A new trail: everything is checked; what must still be arranged is a warning.
SELECT DISTINCT check_name FROM audit_health() ORDER BY 1;
SELECT * FROM sick;
SELECT * FROM archive_old_audit_events();
SELECT status FROM audit_health() WHERE check_name = 'archive_run';

-- Events that wait for a month, events that are overdue, a run that failed and left nothing but its beginning.
INSERT INTO audit_events (created_at, action_type, resource_type, workspace_id, created_by_user_id) SELECT now() - d * interval '1 day', 'A', 'r', w(1), w(9) FROM unnest(ARRAY[200, 93]) AS d;
INSERT INTO audit_retention_policies (workspace_id, hot_retention_days, archive_by) VALUES (w(2), 10, 'month');
INSERT INTO audit_events (created_at, action_type, resource_type, workspace_id, created_by_user_id) VALUES (now() - interval '13 days', 'A', 'r', w(3), w(9));
UPDATE audit_retention_policies SET hot_retention_days = 10 WHERE workspace_id = w(3);
CALL test.past_the_guard('ALTER TABLE audit_deletion_log ADD CONSTRAINT foreign_rule CHECK (deletion_authority <> ''RETENTION_POLICY'') NOT VALID');
SELECT code FROM test.refusal('SELECT archive_old_audit_events()');
SELECT check_name, status, detail FROM sick WHERE check_name <> 'scheduled_jobs';
CALL test.past_the_guard('ALTER TABLE audit_deletion_log DROP CONSTRAINT foreign_rule');
SELECT count(*) > 0 AS made FROM create_monthly_audit_partition(2);
SELECT archived_count > 0 AS archived FROM archive_old_audit_events();
UPDATE audit_retention_policies SET archive_by = 'month';
SELECT check_name, status, detail FROM sick WHERE check_name <> 'scheduled_jobs';

-- Guards: missing, disabled, and put back by audit_setup().
CALL test.past_the_guard('ALTER TABLE audit_events DISABLE TRIGGER audit_events_guard');
CALL test.past_the_guard('ALTER TABLE audit_events_archive ENABLE TRIGGER audit_events_restore_end');
CALL test.past_the_guard('DROP TRIGGER audit_events_truncate_guard ON audit_events_archive_default');
CALL test.past_the_guard('ALTER TABLE audit_events ALTER COLUMN id DROP DEFAULT');
SELECT check_name, status, detail, hint FROM sick WHERE check_name = 'guards' ORDER BY detail;
SELECT audit_setup();
SELECT DISTINCT status FROM audit_health() WHERE check_name IN ('guards', 'constraints', 'ddl_guard');

-- The way out of the guide is no illness, but it is told.
ALTER TABLE audit_events DISABLE TRIGGER check_audit_workspace_membership;
SELECT status, detail FROM audit_health() WHERE check_name = 'guards';
