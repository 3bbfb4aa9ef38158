SELECT coalesce((
  SELECT pg_catalog.jsonb_build_object('deletion_log_id', applied.deletion_log_id, 'event_count', applied.event_count)
  FROM @extschema@.audit_cluster_applied AS applied WHERE applied.log_id = @id@), '{}')::text
