\echo '━━━ Chapter 6. Who may ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━'
\echo
\echo 'Nobody may do anything until a level says so. A role that may record, and nothing else:'
DROP ROLE IF EXISTS demo_app;
CREATE ROLE demo_app;
SELECT audit_grant('demo_app', 'writer') \g /dev/null
SET ROLE demo_app;
SELECT insert_audit_event('LOGIN', 'session', NULL, :'workspace', :'person') IS NOT NULL AS recorded;
-- refused
SELECT count(*) FROM audit_events;
RESET ROLE;
SELECT audit_revoke('demo_app', 'writer') \g /dev/null
REVOKE USAGE ON SCHEMA public FROM demo_app;
DROP ROLE demo_app;
