-- How far ahead partitions exist. Months are read from the partitions' names, which the extension gives.
CREATE OR REPLACE VIEW @extschema@.partition_schedule AS
SELECT parent.name AS parent_table,
       newest.name AS newest_partition,
       (newest.month + interval '1 month')::date AS next_partition_date,
       (12 * (extract(year FROM newest.month) - extract(year FROM now() AT TIME ZONE 'UTC'))
           + extract(month FROM newest.month) - extract(month FROM now() AT TIME ZONE 'UTC'))::integer AS months_ahead,
       parent.default_rows AS default_partition_rows
FROM (
  SELECT 'audit_events'::text AS name, '@extschema@.audit_events'::regclass AS oid,
         (SELECT count(*) FROM ONLY @extschema@.audit_events_default) AS default_rows
  UNION ALL
  -- Aliases here too, so that a dump of the view, restored, is dumped the same again.
  SELECT 'audit_events_archive'::text AS name, '@extschema@.audit_events_archive'::regclass AS oid,
         (SELECT count(*) FROM ONLY @extschema@.audit_events_archive_default) AS default_rows
) AS parent
LEFT JOIN LATERAL (
  SELECT child.relname::text AS name, to_date(right(child.relname::text, 7), 'YYYY_MM') AS month
  FROM pg_inherits AS link JOIN pg_class AS child ON child.oid = link.inhrelid
  WHERE link.inhparent = parent.oid AND child.relname ~ '_[0-9]{4}_[0-9]{2}$'
  ORDER BY child.relname DESC
  LIMIT 1
) AS newest ON true;
COMMENT ON VIEW @extschema@.partition_schedule IS 'Per table: the newest monthly partition, the first month without one, how many months ahead that is, and events waiting in the default partition.';
COMMENT ON COLUMN @extschema@.partition_schedule.parent_table IS 'audit_events or audit_events_archive.';
COMMENT ON COLUMN @extschema@.partition_schedule.newest_partition IS 'Name of the newest monthly partition.';
COMMENT ON COLUMN @extschema@.partition_schedule.next_partition_date IS 'First day of the first month after it (UTC).';
COMMENT ON COLUMN @extschema@.partition_schedule.months_ahead IS 'Months from the current one (UTC) to the newest partition; negative when overdue.';
COMMENT ON COLUMN @extschema@.partition_schedule.default_partition_rows IS 'Events in the default partition; create_monthly_audit_partition() moves them.';
