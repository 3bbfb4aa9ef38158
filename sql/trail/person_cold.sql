-- What is in files of cold storage, by workspace and month. Only the files tell whose events they hold.
SELECT workspace_id, extract(year FROM month)::int4, extract(month FROM month)::int4, count(*), sum(event_count)::int8
FROM @extschema@.audit_cold_objects WHERE state = 'released'
GROUP BY 1, 2, 3
ORDER BY 1, 2, 3
