-- What must be the same on all nodes. Whatever the search_path is there, as in sql/citus/trigger_list.sql.
SELECT pg_catalog.jsonb_build_object(
  'version', (SELECT e.extversion FROM pg_catalog.pg_extension AS e WHERE e.extname = 'audit_ext'),
  'system', (SELECT c.system_identifier::text FROM pg_catalog.pg_control_system() AS c),
  'retention policies', (SELECT pg_catalog.jsonb_object_agg(policy.workspace_id, pg_catalog.jsonb_build_array(
      hot_retention_days, warm_archive_days, cold_retention_days, is_compliance_mode, requires_approval, archive_by, approval_expiry_days, cooling_off_days))
    FROM @extschema@.audit_retention_policies AS policy
    WHERE (hot_retention_days, warm_archive_days, cold_retention_days, is_compliance_mode, requires_approval, archive_by, approval_expiry_days, cooling_off_days)
      IS DISTINCT FROM (90, 365, NULL, false, false, 'event', 30, 0)),
  'legal holds', (SELECT pg_catalog.jsonb_agg(pg_catalog.jsonb_build_array(hold.workspace_id, hold.user_id, hold.reason) ORDER BY hold.workspace_id, hold.user_id, hold.reason)
    FROM @extschema@.audit_legal_holds AS hold WHERE hold.released_at IS NULL),
  'access levels', (SELECT pg_catalog.jsonb_agg(pg_catalog.concat(access.role_name, ' ', access.access) ORDER BY access.role_name, access.access)
    FROM @extschema@.audit_access AS access WHERE access.revoked_at IS NULL),
  'membership source', (SELECT pg_catalog.jsonb_build_array(source.table_schema, source.table_name, source.workspace_column, source.user_column)
    FROM @extschema@.audit_membership_source AS source WHERE source.table_name IS NOT NULL))::text
