-- Whoever may record can invent events of any month and any workspace: maintenance makes the months of a year back, and no more; older events stay in the default partition,
-- where everything works for them, until the owner makes their months. Policies of workspaces that are no more can be cleared.
\i tests/golden/prelude.sql
CREATE EXTENSION audit_ext;
CREATE FUNCTION w(int) RETURNS uuid LANGUAGE sql IMMUTABLE RETURN ('00000000-0000-4000-8000-' || lpad($1::text, 12, '0'))::uuid;
CREATE FUNCTION months_back(int) RETURNS timestamptz LANGUAGE sql STABLE RETURN (date_trunc('month', now() AT TIME ZONE 'UTC') - $1 * interval '1 month' + interval '12 hours') AT TIME ZONE 'UTC';
SET client_min_messages = warning;
-- An event in each month of the last twenty years, each of a workspace of its own.
INSERT INTO audit_events (created_at, action_type, resource_type, workspace_id, created_by_user_id, new_values, resource_id)
SELECT months_back(n), 'INVENTED', 'thing', w(n), w(1000), '{"a": 1}', w(n) FROM generate_series(1, 240) AS n;
SELECT count(*) AS made, min(test.masked(partition_name)) AS oldest FROM create_monthly_audit_partition(2) WHERE partition_name NOT LIKE '%archive%';
SELECT count(*) AS again FROM create_monthly_audit_partition(2);
SELECT count(*) AS "in the default partition" FROM ONLY audit_events_default;
-- Health tells how many wait and what to call.
SELECT status, detail, regexp_replace(hint, '\d{4}-\d{2}-01', '<month>', 'g') AS hint FROM audit_health() WHERE check_name = 'default_partition' ORDER BY detail;

-- Trail, archive, restore, erasure and purge work where they are.
-- The month that changes sides below stays hot, also where it began ninety days ago.
UPDATE audit_retention_policies SET hot_retention_days = 365 WHERE workspace_id = w(2);
SELECT count(*) AS trail FROM get_audit_trail(w(100), p_days_back => 36500);
SELECT archived_count > 200 AND archived_count = deleted_count AS archived FROM archive_old_audit_events();
SELECT tableoid::regclass AS archived_in, count(*) FROM audit_events_archive WHERE workspace_id IN (w(100), w(200)) GROUP BY 1;
SELECT restore_audit_events(ARRAY(SELECT id FROM audit_events_archive WHERE workspace_id = w(100))) AS restored;
SELECT tableoid::regclass AS hot_in FROM audit_events WHERE workspace_id = w(100) AND action_type = 'INVENTED';
SELECT deleted_count FROM delete_user_audit_events_compliant(w(1000), w(100), 'GDPR', 'T-1');
SELECT deleted_count FROM delete_user_audit_events_compliant(w(1000), w(200), 'GDPR', 'T-2');
SELECT deleted_at IS NOT NULL AS erased, new_values FROM audit_events WHERE workspace_id = w(100) AND action_type = 'INVENTED';
SELECT deleted_count FROM purge_expired_audit_events(w(200), 'TEST', 'T-3');
SELECT audit_scrub(id) FROM audit_deletion_log WHERE approval_ticket_id = 'T-2';
SELECT code, message FROM test.refusal('DELETE FROM ONLY audit_events_default');

-- A month changes sides although old events lie in the default partitions, and does not while one of its own does.
UPDATE audit_retention_policies SET archive_by = 'month', hot_retention_days = 1 WHERE workspace_id = w(2);
INSERT INTO audit_events (created_at, action_type, resource_type, workspace_id, created_by_user_id) SELECT months_back(2) + n * interval '1 minute', 'MONTH', 'thing', w(2), w(1000) FROM generate_series(1, 3) AS n;
CREATE FUNCTION month_of(int) RETURNS text LANGUAGE sql STABLE RETURN to_char(months_back($1), '_YYYY_MM');
SELECT ('audit_events' || month_of(2))::regclass::oid AS before \gset
SELECT archived_count FROM archive_old_audit_events();
SELECT to_regclass('audit_events_archive' || month_of(2))::oid = :before AS "changed sides";

-- The owner makes the months asked for, and nobody else may.
SELECT count(*) AS made FROM create_past_audit_partitions(months_back(20)::date, months_back(14)::date);
SELECT count(*) AS again FROM create_past_audit_partitions(months_back(20)::date, months_back(14)::date);
SELECT what, (test.refusal(format('SELECT create_past_audit_partitions(%s)', what))).* FROM unnest(ARRAY['NULL, now()::date', '''2020-02-01'', ''2020-01-31''', '''1969-12-31'', ''2020-01-01''', '''-infinity'', ''infinity''']) AS what;
CREATE ROLE t_all;
SELECT audit_grant('t_all', level) FROM unnest(ARRAY['writer', 'reader', 'operator', 'compliance', 'gateway']) AS level \g /dev/null
SET ROLE t_all;
SELECT code FROM test.refusal('SELECT create_past_audit_partitions(''2020-01-01'', ''2020-01-01'')') UNION ALL SELECT code FROM test.refusal('SELECT audit_clear_unused_policies()');
RESET ROLE;
SELECT code, message FROM test.refusal('GRANT EXECUTE ON FUNCTION audit_clear_unused_policies() TO t_all');

-- Policies go when nobody changed them and nothing else is known of the workspace.
SELECT count(*) FROM audit_retention_policies;
SELECT audit_clear_unused_policies() AS cleared;
INSERT INTO audit_retention_policies (workspace_id) SELECT w(n) FROM generate_series(2001, 2007) AS n;
UPDATE audit_retention_policies SET hot_retention_days = 91 WHERE workspace_id = w(2001);
UPDATE audit_retention_policies SET requires_approval = true WHERE workspace_id = w(2002);
SELECT place_audit_hold(w(2003), 'case') IS NOT NULL AS held, request_audit_deletion(w(1), w(2004), 'GDPR') IS NOT NULL AS requested;
INSERT INTO audit_event_sequence VALUES (w(2005), w(1), now());
SELECT insert_audit_event('A', 'r', NULL, w(2006), w(1)) IS NOT NULL AS recorded;
SELECT audit_clear_unused_policies() AS cleared;
SELECT n FROM generate_series(2001, 2007) AS n JOIN audit_retention_policies ON workspace_id = w(n) ORDER BY n;
SELECT action_type, workspace_id, new_values FROM audit_events WHERE action_type = 'AUDIT_UNUSED_POLICIES_CLEARED' ORDER BY id;
-- A backend that knew the policy makes it again with the next event; a run of the archive makes none for what the trail itself tells of.
SELECT deleted_count FROM purge_expired_audit_events(w(150), 'TEST', 'T-4');
SELECT audit_clear_unused_policies() AS cleared, (SELECT count(*) FROM audit_retention_policies WHERE workspace_id = w(150)) AS "before";
SELECT count(*) FROM audit_retention_policies WHERE workspace_id = w(150);
SELECT insert_audit_event('A', 'r', NULL, w(150), w(1)) IS NOT NULL AS recorded;
SELECT count(*) FROM audit_retention_policies WHERE workspace_id = w(150);
SELECT code, message FROM test.refusal('DELETE FROM audit_retention_policies WHERE workspace_id = w(150)');
SELECT check_name, detail FROM audit_health() WHERE status = 'fail';
