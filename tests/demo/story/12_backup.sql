\echo '━━━ Chapter 12. Backup and restore ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━'
\echo
\echo 'pg_dump demo | psql demo_restored, then the same questions:'
DROP DATABASE IF EXISTS demo_restored;
CREATE DATABASE demo_restored TEMPLATE template0;
\! "$PGBIN/pg_dump" demo | "$PGBIN/psql" -X -q -d demo_restored 2>&1 >/dev/null | grep -vE '^(WARNING|HINT)'
SELECT count(*) AS events, md5(string_agg(event::text, '' ORDER BY id)) AS digest FROM (TABLE audit_events UNION ALL TABLE audit_events_archive) AS event;
\connect demo_restored
SET timezone = 'UTC';
SELECT count(*) AS events, md5(string_agg(event::text, '' ORDER BY id)) AS digest FROM (TABLE audit_events UNION ALL TABLE audit_events_archive) AS event;
-- refused
DELETE FROM audit_events;
\connect demo
DROP DATABASE demo_restored;
