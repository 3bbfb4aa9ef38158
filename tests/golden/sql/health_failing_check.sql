-- A check that fails itself is told as a failure, and takes no other along, nor do figures that cannot be read: of tables and views that somebody has
-- dropped past the guard.
\i tests/golden/prelude.sql
CREATE EXTENSION audit_ext;
SELECT string_agg(DISTINCT check_name, ' ' ORDER BY check_name) AS checks FROM audit_health() \gset
SELECT array_agg(DISTINCT metric) AS metrics FROM audit_metrics() \gset
BEGIN;
CALL test.past_the_guard('DROP TABLE audit_archive_runs');
CALL test.past_the_guard('DROP VIEW audit_tracked_tables');
CALL test.past_the_guard('DROP INDEX audit_access_in_force_idx');
SELECT check_name, detail, hint FROM audit_health() WHERE status = 'fail' ORDER BY check_name, detail;
SELECT string_agg(DISTINCT check_name, ' ' ORDER BY check_name) = :'checks' AS every_check_is_told FROM audit_health();
CALL test.past_the_guard('DROP VIEW partition_schedule');
SELECT wanted.metric AS cannot_be_read FROM unnest(:'metrics'::text[]) AS wanted (metric) WHERE metric NOT IN (SELECT metric FROM audit_metrics()) ORDER BY 1;
SELECT metric, value FROM audit_metrics() WHERE metric = 'audit_metrics_failed';
-- The transaction goes on, and events are recorded.
SELECT insert_audit_event('CREATE_THING', 'thing', NULL, gen_random_uuid(), gen_random_uuid(), NULL, NULL) IS NOT NULL AS recorded;
COMMIT;
SELECT audit_setup();
SELECT check_name, detail FROM audit_health() WHERE status = 'fail';
