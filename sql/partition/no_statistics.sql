-- Samples of personal payload must be in no statistics: they would outlive an erasure.
ALTER TABLE @table@
  ALTER COLUMN old_values SET STATISTICS 0, ALTER COLUMN new_values SET STATISTICS 0, ALTER COLUMN changed_fields SET STATISTICS 0,
  ALTER COLUMN ip_address SET STATISTICS 0, ALTER COLUMN user_agent SET STATISTICS 0, ALTER COLUMN request_id SET STATISTICS 0,
  ALTER COLUMN tags SET STATISTICS 0, ALTER COLUMN metadata SET STATISTICS 0;
