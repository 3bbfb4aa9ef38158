-- =====================================================================================================================
-- Events that were brought back and stay hot for a while.
-- =====================================================================================================================
CREATE TABLE IF NOT EXISTS @extschema@.audit_restored_events (
  event_id        uuid        PRIMARY KEY,
  workspace_id    uuid        NOT NULL,
  created_at      timestamptz NOT NULL,
  restored_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
  keep_hot_until  timestamptz NOT NULL
);
CREATE INDEX IF NOT EXISTS audit_restored_events_created_at_idx ON @extschema@.audit_restored_events (created_at);
COMMENT ON TABLE @extschema@.audit_restored_events IS 'Events brought back from the archive, which are not archived again before a time. The first archive run after that time removes the row.';
COMMENT ON COLUMN @extschema@.audit_restored_events.event_id IS 'The event.';
COMMENT ON COLUMN @extschema@.audit_restored_events.workspace_id IS 'Its workspace.';
COMMENT ON COLUMN @extschema@.audit_restored_events.created_at IS 'Its time.';
COMMENT ON COLUMN @extschema@.audit_restored_events.restored_at IS 'When it was brought back.';
COMMENT ON COLUMN @extschema@.audit_restored_events.keep_hot_until IS 'When it may be archived again.';
