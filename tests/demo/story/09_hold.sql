\echo
\echo '━━━ Chapter 9. A lawyer calls: hold ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━'
\echo
SELECT place_audit_hold(:'workspace', 'case 2026-17') AS hold \gset
-- refused
SELECT delete_user_audit_events_compliant(:'person', :'workspace', 'GDPR', 'TICKET-4711');
SELECT release_audit_hold(:'hold', 'case 2026-17 is closed') \g /dev/null
\echo
\echo '━━━ Chapter 10. Four eyes ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━'
\echo
\echo '   pending ──approve by another──► cooling_off ──► executed       pending ──► rejected, expired'
\echo
UPDATE audit_retention_policies SET requires_approval = true WHERE workspace_id = :'workspace';
DROP ROLE IF EXISTS demo_anna; DROP ROLE IF EXISTS demo_ben;
CREATE ROLE demo_anna; CREATE ROLE demo_ben;
SELECT audit_grant('demo_anna', 'compliance'), audit_grant('demo_ben', 'compliance') \g /dev/null
\echo '── erasing without a request'
SET SESSION AUTHORIZATION demo_anna;
-- refused
SELECT delete_user_audit_events_compliant(:'person', :'workspace', 'GDPR', 'TICKET-4711');
\echo
\echo '── Anna requests, and would approve her own request'
SELECT request_audit_deletion(:'person', :'workspace', 'GDPR', 'ticket 4711') AS request \gset
-- refused
SELECT approve_audit_deletion(:'request', 'TICKET-4711');
RESET SESSION AUTHORIZATION;
