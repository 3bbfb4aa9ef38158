-- =====================================================================================================================
-- How many events of which months a deletion concerned. Append-only like the log.
-- =====================================================================================================================
CREATE TABLE IF NOT EXISTS @extschema@.audit_deletion_months (
  deletion_log_id  uuid    NOT NULL,
  month            date    NOT NULL,
  event_count      bigint  NOT NULL,
  PRIMARY KEY (deletion_log_id, month),
  -- A month without an event is not told.
  CONSTRAINT check_month_has_events CHECK (event_count >= 1)
);
COMMENT ON TABLE @extschema@.audit_deletion_months IS 'How many events of which UTC months an irrevocable deletion concerned; append-only. For certificates, which must not depend on rows that are purged later.';
COMMENT ON COLUMN @extschema@.audit_deletion_months.deletion_log_id IS 'The entry in audit_deletion_log.';
COMMENT ON COLUMN @extschema@.audit_deletion_months.month IS 'First day of the UTC month.';
COMMENT ON COLUMN @extschema@.audit_deletion_months.event_count IS 'How many events of that month.';
