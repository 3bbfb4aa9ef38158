-- Tables that lost a capture trigger, or were tracked and dropped, by the running command, and whether the table itself is gone.
WITH gone AS (
  SELECT object_type, object_name, schema_name, address_names FROM pg_catalog.pg_event_trigger_dropped_objects()
), lost AS (
  SELECT address_names[1] AS table_schema, address_names[2] AS table_name
  FROM gone
  WHERE object_type = 'trigger' AND address_names[3] ~ '^audit_capture_((early_)?(insert|update|delete)|truncate|row)$'
  UNION
  SELECT tracking.table_schema, tracking.table_name
  FROM @tracking@ AS tracking
  JOIN gone ON gone.object_type = 'table' AND gone.schema_name = tracking.table_schema AND gone.object_name = tracking.table_name
  WHERE tracking.untracked_at IS NULL
)
SELECT lost.table_schema, lost.table_name, NOT EXISTS (
  SELECT FROM pg_catalog.pg_class AS class JOIN pg_catalog.pg_namespace AS schema ON schema.oid = class.relnamespace
  WHERE schema.nspname = lost.table_schema AND class.relname = lost.table_name)
FROM lost
ORDER BY 1, 2
