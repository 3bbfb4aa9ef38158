\echo
\echo '━━━ Chapter 16. Is all well? ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━'
\echo
SELECT check_name, CASE status WHEN 'ok' THEN '✓ ok' WHEN 'warn' THEN '! warn' ELSE '✗ FAIL' END AS status, detail FROM audit_health();
\echo 'What the staff did in this story is in the trail as well:'
SELECT action_type, count(*) AS events, demo.bar(count(*), max(count(*)) OVER (), 20) AS " " FROM audit_events WHERE action_type LIKE 'AUDIT%' GROUP BY 1 ORDER BY 2 DESC, 1;
