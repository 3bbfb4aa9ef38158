-- Defaults and triggers that are not there, or not in the state they must be in: table, trigger, whether the table is a
-- partition. The membership check may be disabled (the guide's own way out), so both states are right.
WITH ours AS (
  SELECT c.oid, c.relname::text AS name FROM pg_catalog.pg_class AS c WHERE c.relnamespace = @schema@
), expected (table_name, trigger_name, states) AS (
  VALUES
    ('audit_events', 'audit_events_before_insert', 'O'),
    ('audit_events', 'check_audit_workspace_membership', 'OD'),
    ('audit_events', 'audit_events_guard', 'A'),
    ('audit_events', 'audit_events_truncate_guard', 'A'),
    ('audit_events_archive', 'audit_events_before_insert', 'O'),
    ('audit_events_archive', 'audit_events_guard', 'A'),
    ('audit_events_archive', 'audit_events_truncate_guard', 'A'),
    ('audit_events_archive', 'audit_events_restore_begin', 'A'),
    ('audit_events_archive', 'audit_events_restore_end', 'A'),
    ('audit_deletion_log', 'audit_deletion_log_guard', 'A'),
    ('audit_deletion_log', 'audit_deletion_log_truncate_guard', 'A'),
    ('audit_deletion_months', 'audit_deletion_log_guard', 'A'),
    ('audit_deletion_months', 'audit_deletion_log_truncate_guard', 'A'),
    ('audit_deletion_scrubs', 'audit_deletion_log_guard', 'A'),
    ('audit_deletion_scrubs', 'audit_deletion_log_truncate_guard', 'A'),
    ('audit_deletion_log', 'audit_deletion_log_insert_guard', 'O'),
    ('audit_deletion_months', 'audit_deletion_log_insert_guard', 'O'),
    ('audit_deletion_scrubs', 'audit_deletion_log_insert_guard', 'O'),
    ('audit_archive_runs', 'audit_archive_runs_insert_guard', 'O'),
    ('audit_archive_runs', 'audit_archive_runs_guard', 'A'),
    ('audit_archive_runs', 'audit_archive_runs_truncate_guard', 'A'),
    ('audit_restored_events', 'audit_restored_events_insert_guard', 'O'),
    ('audit_restored_events', 'audit_restored_events_guard', 'A'),
    ('audit_restored_events', 'audit_restored_events_truncate_guard', 'A'),
    ('audit_deletion_requests', 'audit_requests_insert_guard', 'O'),
    ('audit_deletion_requests', 'audit_requests_update_guard', 'A'),
    ('audit_retention_policies', 'audit_policy_before_update', 'A'),
    ('audit_retention_policies', 'audit_policy_before_insert', 'O'),
    ('audit_legal_holds', 'audit_holds_insert_guard', 'O'),
    ('audit_legal_holds', 'audit_holds_update_guard', 'A'),
    ('audit_resource_salt', 'audit_salt_insert_guard', 'O'),
    ('audit_resource_salt', 'audit_salt_guard', 'A'),
    ('audit_resource_salt', 'audit_salt_truncate_guard', 'A')
  UNION ALL
  SELECT configuration, trigger_name, states
  FROM unnest(ARRAY['audit_retention_policies', 'audit_sequence_floors', 'audit_membership_source', 'audit_access', 'audit_legal_holds',
    'audit_deletion_requests', 'audit_tracking']) AS configuration,
    (VALUES ('audit_configuration_changed', 'A'), ('audit_configuration_guard', 'A'),
            ('audit_configuration_truncate_guard', 'A')) AS guard (trigger_name, states)
), partition AS (
  SELECT ours.name FROM pg_catalog.pg_inherits AS link JOIN ours ON ours.oid = link.inhrelid
  WHERE link.inhparent IN (SELECT oid FROM ours WHERE name IN ('audit_events', 'audit_events_archive'))
), wanted AS (
  SELECT table_name, trigger_name, states, false AS is_partition FROM expected
  UNION ALL
  SELECT name, 'audit_events_truncate_guard', 'A', true FROM partition
)
SELECT wanted.table_name, wanted.trigger_name, wanted.is_partition
FROM wanted JOIN ours ON ours.name = wanted.table_name
WHERE NOT EXISTS (
  SELECT FROM pg_catalog.pg_trigger AS t
  WHERE t.tgrelid = ours.oid AND t.tgname = wanted.trigger_name AND pg_catalog.strpos(wanted.states, t.tgenabled::text) > 0)
UNION ALL
SELECT 'audit_events', wanted_default.name, false
FROM (VALUES ('id'), ('created_at')) AS wanted_default (name)
WHERE NOT EXISTS (
  SELECT FROM pg_catalog.pg_attribute AS a JOIN ours ON ours.oid = a.attrelid AND ours.name = 'audit_events'
  WHERE a.attname = wanted_default.name AND a.atthasdef)
