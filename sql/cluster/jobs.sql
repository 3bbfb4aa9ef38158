-- How many of its jobs a node has, as its health tells.
SELECT pg_catalog.count(*)::text FROM @extschema@.audit_health() AS finding WHERE finding.check_name = 'scheduled_jobs' AND finding.status = 'ok'
