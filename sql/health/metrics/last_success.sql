SELECT 'audit_archive_last_success_timestamp_seconds', '{}'::jsonb, extract(epoch FROM max(finished_at))::double precision, 'When the last archive run came to its end'
FROM @extschema@.audit_archive_runs WHERE outcome = 'done' HAVING max(finished_at) IS NOT NULL
