-- Relations in the schema that have names of ours.
SELECT c.oid FROM pg_catalog.pg_class AS c
WHERE c.relnamespace = @schema@::pg_catalog.regnamespace AND c.relkind NOT IN ('i', 'I')
  AND (c.relname IN ('audit_events', 'audit_events_archive', 'audit_retention_policies', 'audit_deletion_log', 'audit_sequence_floors',
      'audit_membership_source', 'audit_resource_salt', 'audit_access', 'audit_legal_holds', 'audit_deletion_requests', 'audit_deletion_months', 'audit_deletion_scrubs',
      'audit_restored_events', 'audit_archive_runs', 'audit_archive_attempts', 'audit_tracking', 'audit_tracked_tables', 'audit_event_sequence', 'partition_schedule', 'vw_security_audit')
    OR c.relname ~ '^audit_events(_archive)?_(default|[0-9]{4}_[0-9]{2})$')
