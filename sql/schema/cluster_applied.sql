-- =====================================================================================================================
-- What this node has carried out of the log of its Citus cluster; empty without one.
-- =====================================================================================================================
CREATE TABLE IF NOT EXISTS @extschema@.audit_cluster_applied (
  ordinal          bigint      PRIMARY KEY,
  log_id           uuid        NOT NULL,
  applied_at       timestamptz NOT NULL DEFAULT clock_timestamp(),
  deletion_log_id  uuid,
  event_count      bigint
);
COMMENT ON TABLE @extschema@.audit_cluster_applied IS 'The rows of audit_cluster_log that this node has carried out, in their order. Empty until audit_cluster_enable() was called on the coordinator of a Citus cluster.';
COMMENT ON COLUMN @extschema@.audit_cluster_applied.ordinal IS 'The place of the row in audit_cluster_log.';
COMMENT ON COLUMN @extschema@.audit_cluster_applied.log_id IS 'The id of the row.';
COMMENT ON COLUMN @extschema@.audit_cluster_applied.applied_at IS 'When this node carried it out.';
COMMENT ON COLUMN @extschema@.audit_cluster_applied.deletion_log_id IS 'Of an erasure or purge: the entry in the deletion log of this node.';
COMMENT ON COLUMN @extschema@.audit_cluster_applied.event_count IS 'Of an erasure or purge: how many events of this node it took.';
