\echo
\echo '━━━ Chapter 5. Reading, finding, handing out ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━'
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
\echo 'What did this person do here in all these months? The index knows, whatever the page costs:'
SELECT created_at::timestamptz(0), action_type, resource_type FROM search_audit_events(:'workspace', p_from => '-infinity', p_user_ids => ARRAY[:'person']::uuid[], p_limit => 4);
\echo 'And how much of it was about documents? A count stops where nobody would count on:'
SELECT event_count, is_exact FROM count_audit_events(:'workspace', p_from => '-infinity', p_user_ids => ARRAY[:'person']::uuid[], p_resource_types => ARRAY['document'], p_up_to => 20);
\echo 'One request of a client, and all that it did:'
SELECT insert_audit_event('INVITE_MEMBER', 'member', :'person', :'workspace', :'person', p_request_id => 'req-8814', p_new_values => '{"role": "editor"}') AS invited,
  insert_audit_event('CHANGE_ROLE', 'member', :'person', :'workspace', :'person', p_request_id => 'req-8814', p_old_values => '{"role": "editor"}', p_new_values => '{"role": "owner"}') AS changed \gset
-- prints CHANGE_ROLE
SELECT action_type, old_values ->> 'role' AS "from", new_values ->> 'role' AS "to" FROM search_audit_events(:'workspace', p_request_id => 'req-8814');
\echo 'The same for an auditor, as CSV that a spreadsheet opens without running a formula; that it left is an event too:'
-- prints AUDIT_EVENTS_EXPORTED
\pset format unaligned
\pset tuples_only on
SELECT left(export_audit_events(:'workspace', p_request_id => 'req-8814', p_format => 'csv_safe'), 150) || ' …';
\pset tuples_only off
\pset format aligned
SELECT action_type, new_values ->> 'format' AS format FROM search_audit_events(:'workspace', p_actions => ARRAY['AUDIT_EVENTS_EXPORTED']);
