\echo
\echo '━━━ Chapter 11. A person is forgotten ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━'
\echo
\echo 'Ben approves. The payload is erased, the fact stays, and the bytes that PostgreSQL left in its files go too:'
SET SESSION AUTHORIZATION demo_ben;
SELECT deletion_log_id AS entry, deleted_count FROM approve_audit_deletion(:'request', 'TICKET-4711') \gset
RESET SESSION AUTHORIZATION;
SELECT audit_scrub(:'entry') \g /dev/null
SELECT :deleted_count AS erased_events;
SELECT action_type, new_values, ip_address, deleted_at IS NOT NULL AS erased, deletion_reason FROM audit_events WHERE id = :'event';
\echo 'The certificate, to hand to the person:'
SELECT key, value FROM jsonb_each_text(audit_deletion_certificate(:'entry'))
WHERE key IN ('authority', 'approval_ticket_id', 'event_count', 'events_by_month', 'is_scrubbed', 'erased_fields') ORDER BY key;
SELECT request.requested_by_role AS requested_by, request.decided_by_role AS approved_by, request.state FROM audit_deletion_requests AS request;
SELECT audit_revoke('demo_anna', 'compliance'), audit_revoke('demo_ben', 'compliance') \g /dev/null
REVOKE USAGE ON SCHEMA public FROM demo_anna, demo_ben;
DROP ROLE demo_anna, demo_ben;
