-- How the checks of audit_health() stand: their names ($1) and numbers ($2).
SELECT 'audit_check_status', jsonb_build_object('check', name), status, 'How a check of audit_health() stands: 0 ok, 1 warn, 2 fail'
FROM unnest($1, $2::double precision[]) AS found (name, status)
