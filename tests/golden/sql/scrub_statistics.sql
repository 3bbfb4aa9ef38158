-- What ANALYZE keeps of payload outlives an erasure in a catalog that anybody who reads the table may read: columns of which somebody turned sampling on, expressions in indexes,
-- statistics objects. A scrub removes it for the table, its months and their indexes, and turns the sampling off.
\i tests/golden/prelude.sql
CREATE EXTENSION audit_ext;
CREATE FUNCTION w(int) RETURNS uuid LANGUAGE sql IMMUTABLE RETURN ('00000000-0000-4000-8000-' || lpad($1::text, 12, '0'))::uuid;
CREATE INDEX theirs ON audit_events (lower(user_agent));
SET client_min_messages = warning;
CALL test.past_the_guard('ALTER TABLE audit_events ALTER user_agent SET STATISTICS 100, ALTER request_id SET STATISTICS 100');
CALL test.past_the_guard('CREATE STATISTICS theirs_too ON user_agent, request_id FROM audit_events');
DO $$ BEGIN EXECUTE format('CALL test.past_the_guard(%L)', 'CREATE STATISTICS theirs_three ON user_agent, request_id FROM audit_events_' || to_char(now() AT TIME ZONE 'UTC', 'YYYY_MM')); END $$;
RESET client_min_messages;
INSERT INTO audit_events (action_type, resource_type, workspace_id, created_by_user_id, user_agent, request_id) SELECT 'A', 'thing', w(1), w(1), 'SECRETUA', 'SECRETID' FROM generate_series(1, 100);
ANALYZE audit_events;
-- Tables by what they are, and what is kept of them.
CREATE VIEW kept AS
SELECT CASE WHEN tablename ~ '_\d{4}_\d{2}' THEN regexp_replace(tablename, '\d{4}_\d{2}', 'month') ELSE tablename END AS of, attname, most_common_vals::text ILIKE '%secret%' AS secret
FROM pg_stats WHERE schemaname = 'public' AND most_common_vals::text ILIKE '%secret%'
UNION ALL
SELECT CASE WHEN tablename ~ '_\d{4}_\d{2}' THEN 'month' ELSE tablename END, statistics_name, most_common_vals::text ILIKE '%secret%' FROM pg_stats_ext WHERE schemaname = 'public' AND most_common_vals IS NOT NULL;
SELECT * FROM kept ORDER BY 1, 2;
SELECT deletion_log_id AS log FROM delete_user_audit_events_compliant(w(1), w(1), 'GDPR', 'T-1') \gset
SELECT count(*) > 0 AS "kept after the erasure" FROM kept;
SELECT audit_scrub(:'log');
SELECT * FROM kept ORDER BY 1, 2;
-- Others stay, and no ANALYZE keeps payload again.
SELECT count(*) > 0 AS "others are kept" FROM pg_stats WHERE schemaname = 'public' AND attname = 'action_type' AND tablename LIKE 'audit_events%';
INSERT INTO audit_events (action_type, resource_type, workspace_id, created_by_user_id, user_agent, request_id) SELECT 'A', 'thing', w(1), w(2), 'SECRETUA', 'SECRETID' FROM generate_series(1, 100);
SET client_min_messages = error;
ANALYZE audit_events;
SELECT * FROM kept ORDER BY 1, 2;
