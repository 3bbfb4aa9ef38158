-- Figures for monitoring: named as Prometheus names them, one row for each metric and labels, no workspace, user or role among them.
\i tests/golden/prelude.sql
CREATE EXTENSION audit_ext;
\set ws 10000000-0000-4000-8000-000000000001
\set user 20000000-0000-4000-8000-000000000001
SELECT insert_audit_event('LOGIN', 'session', NULL, :'ws', :'user') IS NOT NULL AS recorded;

SELECT metric, labels, kind, help FROM audit_metrics() ORDER BY metric, labels;
SELECT count(*) = count(DISTINCT (metric, labels)) AS are_told_once, bool_and(value IS NOT NULL) AS have_values FROM audit_metrics();

-- What is open, held and waiting.
SELECT request_audit_deletion(:'user', :'ws', 'GDPR') IS NOT NULL AS requested, place_audit_hold(:'ws', 'case 1') IS NOT NULL AS held;
CREATE VIEW figures AS SELECT metric, labels, value FROM audit_metrics();
SELECT * FROM figures WHERE metric IN ('audit_requests_open', 'audit_holds_active', 'audit_partitions_months_ahead', 'audit_default_partition_rows') ORDER BY metric, labels;
SELECT value BETWEEN 0 AND 60 AS just_asked FROM figures WHERE metric = 'audit_requests_oldest_age_seconds';

-- Runs of the archive: one that went well, and one that failed.
SELECT archived_count FROM archive_old_audit_events();
SELECT metric, value BETWEEN extract(epoch FROM now()) - 60 AND extract(epoch FROM now()) + 60 AS is_now FROM figures WHERE metric ~ '_timestamp_' ORDER BY metric;
BEGIN;
SELECT archived_count FROM archive_old_audit_events();
ROLLBACK;
SELECT metric, value BETWEEN extract(epoch FROM now()) - 60 AND extract(epoch FROM now()) + 60 AS is_now FROM figures WHERE metric ~ '_timestamp_' ORDER BY metric;
SELECT labels, value FROM figures WHERE metric = 'audit_check_status' AND labels ->> 'check' LIKE 'archive%' ORDER BY labels;

-- The level monitor is told of all this, and sees no event.
CREATE ROLE metrics_monitor;
SELECT audit_grant('metrics_monitor', 'monitor');
SET ROLE metrics_monitor;
SELECT count(*) > 10 AS sees_figures FROM audit_metrics();
SELECT count(*) > 10 AS sees_checks FROM audit_health();
SELECT count(*) AS sees_tables FROM partition_schedule;
SELECT object, code FROM unnest(ARRAY['audit_events', 'audit_events_archive', 'vw_security_audit', 'audit_deletion_log', 'audit_deletion_requests',
    'audit_legal_holds', 'audit_retention_policies', 'audit_access', 'archive_old_audit_events()', 'get_audit_trail(NULL)']) AS object,
  test.refusal(format('SELECT FROM %s', object)) ORDER BY 1;
RESET ROLE;
