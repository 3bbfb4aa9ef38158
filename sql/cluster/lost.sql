SELECT coalesce(pg_catalog.jsonb_agg(pg_catalog.to_jsonb(log) ORDER BY log.ordinal), '[]')::text
FROM (SELECT * FROM @extschema@.audit_cluster_log WHERE ordinal > @newest@ ORDER BY ordinal LIMIT 1000) AS log
