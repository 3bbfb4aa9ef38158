//! The names of the relations of the trail.

pub const EVENTS: &str = "audit_events";
pub const ARCHIVE: &str = "audit_events_archive";
pub const POLICIES: &str = "audit_retention_policies";
pub const FLOORS: &str = "audit_sequence_floors";
pub const MEMBERSHIP_SOURCE: &str = "audit_membership_source";
pub const ACCESS: &str = "audit_access";
pub const HOLDS: &str = "audit_legal_holds";
pub const TRACKING: &str = "audit_tracking";
pub const TRACKING_INDEX: &str = "audit_tracking_in_force_idx";
pub const REQUESTS: &str = "audit_deletion_requests";
/// What this node has carried out of the log of its Citus cluster.
pub const CLUSTER_APPLIED: &str = "audit_cluster_applied";
/// Made by `audit_cluster_enable()` only. Citus keeps them, so they are none of [`super::RELATIONS`].
pub const CLUSTER_LOG: &str = "audit_cluster_log";
pub const CLUSTER_NODES: &str = "audit_cluster_nodes";
pub const OF_CLUSTER: [&str; 2] = [CLUSTER_LOG, CLUSTER_NODES];
pub const DELETION_LOG: &str = "audit_deletion_log";
pub const DELETION_MONTHS: &str = "audit_deletion_months";
pub const DELETION_SCRUBS: &str = "audit_deletion_scrubs";
pub const DELETION_EVENTS: &str = "audit_deletion_events";
pub const LOG_TILES: &str = "audit_log_tiles";
pub const LOG_SEALS: &str = "audit_log_seals";
pub const LOG_INCARNATIONS: &str = "audit_log_incarnations";
pub const LOG_SIGNATURES: &str = "audit_log_signatures";
pub const ARCHIVE_RUNS: &str = "audit_archive_runs";
pub const RESTORED: &str = "audit_restored_events";
pub const COLD_OBJECTS: &str = "audit_cold_objects";
pub const COLD_CHUNKS: &str = "audit_cold_chunks";
pub const COLD_LOANS: &str = "audit_cold_loans";
pub const COLD_ERASURES: &str = "audit_cold_erasures";
pub const IMPORTS: &str = "audit_imports";
pub const STREAM_DEFINITIONS: &str = "audit_stream_definitions";
pub const STREAM_CURSORS: &str = "audit_stream_cursors";
pub const ACTION_TYPES: &str = "audit_action_types";
pub const INDEXES: &str = "audit_indexes";
pub const STREAMS: &str = "audit_streams";
pub const ARCHIVE_ATTEMPTS: &str = "audit_archive_attempts";
pub const IDEMPOTENCY_KEYS: [&str; 2] = ["audit_idempotency_keys_1", "audit_idempotency_keys_2"];
pub const RESOURCE_SALT: &str = "audit_resource_salt";
pub const EVENT_SEQUENCE: &str = "audit_event_sequence";
pub const PARTITION_SCHEDULE: &str = "partition_schedule";
pub const SECURITY_VIEW: &str = "vw_security_audit";
pub const TRACKED_TABLES: &str = "audit_tracked_tables";

/// What a seal writes.
pub const SEALED: [&str; 3] = [LOG_TILES, LOG_SEALS, LOG_INCARNATIONS];
