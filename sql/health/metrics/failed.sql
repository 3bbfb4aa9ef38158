-- How many groups of figures ($1) could not be read.
SELECT 'audit_metrics_failed', '{}'::jsonb, $1::double precision, 'Groups of figures that are missing here because they could not be read'
