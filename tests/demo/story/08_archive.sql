\echo '━━━ Chapter 8. Time passes ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━'
\echo
\echo 'What the archive would do with this workspace, and why:'
SELECT location, outcome, reason, event_count FROM explain_audit_retention(:'workspace');
SELECT * FROM archive_old_audit_events();
\echo 'Hot (█) and archived (░) events by month:'
SELECT to_char(created_at, 'YYYY-MM') AS month,
       demo.bar(count(*) FILTER (WHERE NOT archived), max(count(*)) OVER ()) || demo.bar(count(*) FILTER (WHERE archived), max(count(*)) OVER (), p_stroke => '░') AS events
FROM (SELECT created_at, false AS archived FROM audit_events UNION ALL SELECT created_at, true FROM audit_events_archive) AS event GROUP BY 1 ORDER BY 1;
\echo 'Readers see one trail:'
SELECT is_archived, count(*) FROM get_audit_trail(:'workspace', p_days_back => 200, p_limit => 10000) GROUP BY is_archived ORDER BY 1;
\echo 'An archived event comes back, byte for byte; a DELETE alone fails, for anybody:'
SELECT restore_audit_events(ARRAY[(SELECT id FROM audit_events_archive WHERE workspace_id = :'workspace' ORDER BY id LIMIT 1)]) AS restored;
-- refused
DELETE FROM audit_events_archive WHERE workspace_id = :'workspace';
