-- What is due: by events or by whole UTC months, per workspace, to the microsecond of the policy; a month changes sides as a whole when all its
-- workspaces agree, and only then; soft edges: default partition, restored events, a workspace without a policy row.
\i tests/golden/prelude.sql
CREATE EXTENSION audit_ext;
CREATE FUNCTION w(int) RETURNS uuid LANGUAGE sql IMMUTABLE RETURN ('10000000-0000-4000-8000-' || lpad($1::text, 12, '0'))::uuid;
CREATE FUNCTION month(int) RETURNS timestamptz LANGUAGE sql STABLE RETURN (date_trunc('month', now() AT TIME ZONE 'UTC') + $1 * interval '1 month') AT TIME ZONE 'UTC';
CREATE PROCEDURE add(p_workspace int, p_at timestamptz, p_name text) LANGUAGE sql AS $$
  INSERT INTO audit_events (created_at, action_type, resource_type, workspace_id, created_by_user_id) VALUES (p_at, p_name, 'r', w(p_workspace), w(99)) $$;
CREATE VIEW place AS SELECT right(workspace_id::text, 1) AS w, action_type, side FROM (SELECT workspace_id, action_type, 'hot' AS side FROM audit_events UNION ALL SELECT workspace_id, action_type, 'archive' FROM audit_events_archive) AS e WHERE action_type NOT LIKE 'AUDIT%';
INSERT INTO audit_retention_policies (workspace_id, hot_retention_days, archive_by) VALUES (w(1), 10, 'event'), (w(2), 10, 'month'), (w(3), 300, 'event');

-- Around the edge of ten days, and of a month.
CALL add(1, now() - interval '10 days' - interval '1 minute', 'JUST_DUE');
CALL add(1, now() - interval '10 days' + interval '1 minute', 'NOT_YET');
CALL add(2, month(-3), 'FIRST_OF_MONTH');
CALL add(2, month(-2) - interval '1 microsecond', 'LAST_OF_MONTH');
CALL add(2, now() - interval '11 days', 'IN_A_RUNNING_MONTH');
CALL add(3, month(-3), 'KEPT_LONGER');
CALL add(4, now() - interval '91 days', 'BY_DEFAULT_TERMS');
SELECT archived_count > 0 AS archived, archived_count = deleted_count AS "the same number left" FROM archive_old_audit_events();
SELECT * FROM place WHERE action_type <> 'IN_A_RUNNING_MONTH' ORDER BY 1, 2;
-- By months: an event of a month that is not over for its policy stays, whatever its own age.
SELECT side = CASE WHEN now() - interval '10 days' >= month(0) AND now() - interval '11 days' < month(0) THEN 'archive' ELSE 'hot' END AS "as its month" FROM place WHERE action_type = 'IN_A_RUNNING_MONTH';
-- They came from the default partition; nothing is left there that a month exists for.
SET client_min_messages = warning;
SELECT count(*) > 0 AS made FROM create_monthly_audit_partition(2);
RESET client_min_messages;
SELECT (SELECT count(*) FROM audit_events_default) + (SELECT count(*) FROM audit_events_archive_default) AS strays;

-- A month of its own: both its workspaces archive by months. The table itself changes sides: same file, no row touched, no name left behind.
UPDATE audit_retention_policies SET hot_retention_days = 10, archive_by = 'month';
CALL add(5, month(-7) + interval '1 day', 'A');
CALL add(6, month(-7) + interval '2 days', 'B');
CALL add(6, month(-7) + interval '3 days', 'C');
INSERT INTO audit_retention_policies (workspace_id) VALUES (w(5)), (w(6)) ON CONFLICT DO NOTHING;
UPDATE audit_retention_policies SET archive_by = 'month' WHERE workspace_id IN (w(5), w(6));
SET client_min_messages = warning;
SELECT count(*) FROM create_monthly_audit_partition(2);
RESET client_min_messages;
CREATE TEMP TABLE before AS SELECT tableoid AS oid, pg_relation_filenode(tableoid) AS file, id, ctid AS place, xmin AS written FROM audit_events WHERE action_type IN ('A', 'B', 'C');
SELECT count(DISTINCT oid) AS tables FROM before;
-- Whatever the session prints and reads by.
SET quote_all_identifiers = on;
SET escape_string_warning = off;
SET standard_conforming_strings = off;
SELECT audit_setup();
SELECT archived_count > 0 AS archived, archived_count = deleted_count AS "the same number left" FROM archive_old_audit_events();
RESET standard_conforming_strings;
RESET quote_all_identifiers;
SELECT count(*) AS "moved with their table" FROM audit_events_archive AS e JOIN before AS b USING (id) WHERE e.tableoid = b.oid AND e.ctid = b.place AND e.xmin = b.written AND pg_relation_filenode(e.tableoid) = b.file;
SELECT bool_and(tableoid::regclass::text = 'audit_events_archive_' || to_char(month(-7) AT TIME ZONE 'UTC', 'YYYY_MM')) AS "named for its side" FROM audit_events_archive WHERE action_type IN ('A', 'B', 'C');
SELECT count(*) AS "names left behind" FROM pg_class WHERE relname = 'audit_month_changing_sides';
SELECT event_count, right(workspace_id::text, 1) AS w FROM audit_deletion_log WHERE workspace_id IN (w(5), w(6)) ORDER BY 2;
-- The table that took its place is a hot month like any other: defaults, guards, indexes, and a restore finds room there.
SELECT status, detail FROM audit_health() WHERE check_name IN ('guards', 'default_partition');
SELECT DISTINCT a.attname, pg_get_expr(d.adbin, d.adrelid) AS default FROM pg_attrdef d JOIN pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum WHERE d.adrelid = ('audit_events_' || to_char(month(-7) AT TIME ZONE 'UTC', 'YYYY_MM'))::regclass ORDER BY 1;
SELECT count(*) AS "defaults in the archive" FROM pg_attrdef AS d JOIN pg_inherits AS i ON i.inhrelid = d.adrelid WHERE i.inhparent = 'audit_events_archive'::regclass;
SELECT restore_audit_events(ARRAY(SELECT id FROM audit_events_archive WHERE action_type = 'C'));
SELECT bool_and(tableoid::regclass::text = 'audit_events_' || to_char(month(-7) AT TIME ZONE 'UTC', 'YYYY_MM')) AS "in its month" FROM audit_events WHERE action_type = 'C';
SELECT code FROM test.refusal(format('UPDATE audit_events_%s SET action_type = ''X''', to_char(month(-7) AT TIME ZONE 'UTC', 'YYYY_MM')));
SELECT code FROM test.refusal(format('TRUNCATE audit_events_archive_%s', to_char(month(-7) AT TIME ZONE 'UTC', 'YYYY_MM')));
-- A month with an event that is kept hot does not change sides, nor one whose archive table is not empty: rows move instead, and the kept one stays.
CALL add(6, month(-7) + interval '4 days', 'D');
SELECT archived_count > 0 AS archived, archived_count = deleted_count AS "the same number left" FROM archive_old_audit_events();
SELECT action_type, side FROM place WHERE w IN ('5', '6') ORDER BY 1;
-- The whole state is as audit_setup() would make it.
SELECT audit_setup();
SET client_min_messages = warning;
DROP EXTENSION audit_ext CASCADE;
CREATE EXTENSION audit_ext;
SELECT count(*) FROM place;
