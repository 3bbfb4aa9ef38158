-- =====================================================================================================================
-- Archived events, of the same shape and partitioned like the hot ones.
-- =====================================================================================================================
CREATE TABLE IF NOT EXISTS @extschema@.audit_events_archive (
  LIKE @extschema@.audit_events INCLUDING CONSTRAINTS INCLUDING STORAGE INCLUDING COMPRESSION INCLUDING COMMENTS,
  PRIMARY KEY (workspace_id, created_at, id) INCLUDE (created_by_user_id)
) PARTITION BY RANGE (created_at);
CREATE INDEX IF NOT EXISTS audit_events_archive_id_idx ON @extschema@.audit_events_archive (id);
CREATE INDEX IF NOT EXISTS audit_events_archive_resource_idx
  ON @extschema@.audit_events_archive (workspace_id, resource_id, created_at, id) WHERE resource_id IS NOT NULL;
CREATE INDEX IF NOT EXISTS audit_events_archive_seal_idx ON @extschema@.audit_events_archive (seal_xid) WHERE seal_xid < 0;
COMMENT ON TABLE @extschema@.audit_events_archive IS 'Audit events past the hot period of their workspace, of the same shape as audit_events, partitioned by UTC month.';
