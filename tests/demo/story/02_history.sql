\echo '━━━ Chapter 2. Five months of history ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━'
\echo
\echo 'An import of 24,000 events with their own times. They must come in order; nothing else is asked of them.'
INSERT INTO audit_events (created_at, workspace_id, created_by_user_id, action_type, resource_type, resource_id, old_values, new_values, ip_address, user_agent, tags)
SELECT at, workspace, person, action, kind, CASE WHEN kind <> 'session' THEN resource END,
       CASE WHEN action LIKE 'UPDATE%' THEN jsonb_build_object('title', 'Draft ' || step, 'pages', step % 40) END,
       CASE WHEN action LIKE 'UPDATE%' THEN jsonb_build_object('title', 'Final ' || step, 'pages', step % 40, 'signed', step % 2 = 0) END,
       ('203.0.113.' || step % 250)::inet, 'Mozilla/5.0', CASE WHEN action = 'EXPORT_DATA' THEN ARRAY['security'] END
FROM demo.history ORDER BY at;
SELECT to_char(created_at, 'YYYY-MM') AS month, count(*) AS events, demo.bar(count(*), max(count(*)) OVER ()) AS " "
FROM audit_events WHERE action_type NOT LIKE 'AUDIT%' GROUP BY 1 ORDER BY 1;

\echo 'Past months had no partition. Nothing was refused: the events waited in the default partition.'
SELECT parent_table, default_partition_rows FROM partition_schedule ORDER BY parent_table;
\echo 'Maintenance makes their months and moves them, while others go on recording:'
SELECT partition_name FROM create_monthly_audit_partition() WHERE partition_name NOT LIKE '%archive%';
SELECT parent_table, newest_partition, months_ahead, default_partition_rows FROM partition_schedule ORDER BY parent_table;
