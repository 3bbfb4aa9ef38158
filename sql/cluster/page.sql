SELECT pg_catalog.jsonb_build_object(
  -- By functions alone: Citus runs a query that names the log where a copy of it is. The first has the node catch up.
  'events', (SELECT pg_catalog.jsonb_agg(pg_catalog.to_jsonb(page)) FROM @extschema@.audit_cluster_page(@wanted@::pg_catalog.text) AS page),
  'newest', @extschema@.audit_cluster_newest(),
  'system', (SELECT c.system_identifier FROM pg_catalog.pg_control_system() AS c))::text
