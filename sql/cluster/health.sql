SELECT pg_catalog.jsonb_build_object(
  'applied', (SELECT pg_catalog.max(applied.ordinal) FROM @extschema@.audit_cluster_applied AS applied),
  'findings', (SELECT pg_catalog.jsonb_agg(pg_catalog.to_jsonb(finding)) FROM @extschema@.audit_health() AS finding))::text
