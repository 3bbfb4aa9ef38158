\echo
\echo '━━━ Chapter 5. Reading ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━'
\echo
\echo 'The trail of one document, newest first:'
SELECT created_at::timestamptz(0), action_type, changed_fields, ip_address FROM get_audit_trail(:'workspace', 'document', :'resource', p_days_back => 200, p_limit => 5);
\echo 'The next page begins after the last event of this one, whatever is recorded meanwhile:'
SELECT id AS last FROM get_audit_trail(:'workspace', 'document', :'resource', p_days_back => 200, p_limit => 5) ORDER BY created_at, id LIMIT 1 \gset
SELECT created_at::timestamptz(0), action_type, changed_fields, ip_address
FROM get_audit_trail(:'workspace', 'document', :'resource', p_days_back => 200, p_limit => 3, p_before_event_id => :'last');
\echo 'What a security officer looks at, the last week:'
SELECT action_type, count(*) AS events, demo.bar(count(*), max(count(*)) OVER (), 30) AS " " FROM vw_security_audit WHERE created_at > now() - interval '7 days'
GROUP BY action_type ORDER BY count(*) DESC, action_type LIMIT 6;
