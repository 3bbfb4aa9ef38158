SELECT figure.metric, jsonb_build_object('table', parent_table), figure.value::double precision, figure.help
FROM @extschema@.partition_schedule, LATERAL (VALUES
  ('audit_partitions_months_ahead', months_ahead::bigint, 'Months ahead that have a partition'),
  ('audit_default_partition_rows', default_partition_rows, 'Events in the default partition')) AS figure (metric, value, help)
