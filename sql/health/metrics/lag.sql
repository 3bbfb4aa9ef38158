-- For how many days ($1) the oldest event has been due.
SELECT 'audit_archive_lag_seconds', '{}'::jsonb, $1 * 86400.0::double precision, 'How long the event that has been due for longest waits to be archived, in whole days; 0 below two'
