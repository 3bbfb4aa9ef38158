//! The relations of the trail, in the order in which they are made.

use super::guards::{
    APPEND_ONLY, APPLIED_GUARDS, CHECKED, COLD_LOANS_INSERT_GUARD, COLD_STEPS, FLOOR_SETTING, IMMUTABLE,
    KEYS_INSERT_GUARD, POLICY, RESTORABLE, changed_by, emptied_by, inserted_by, updated_by, written_by,
};
pub use super::names::*;
use super::relation::{Audited, ObjectKind, TrailRelation, Updated};
use crate::access::{COMPLIANCE, READERS, SCHEDULERS, STAFF, WRITERS, insert, select, update};

/// What moves an object of cold storage on.
const COLD_FUNCTIONS: &str = "store_audit_cold_object(), release_audit_cold_object(), replace_audit_cold_object(), \
     discard_audit_cold_object() or confirm_audit_cold_removed()";

/// What moves the cursor of a stream.
const STREAM_FUNCTIONS: &str =
    "create_audit_stream(), fetch_audit_stream(), ack_audit_stream(), resume_audit_stream() or drop_audit_stream()";

/// A table that nothing more is said of.
const TABLE: TrailRelation = TrailRelation {
    name: "",
    kind: ObjectKind::Table,
    sql: "",
    indexes: &[],
    defaults: &[],
    guards: &[],
    audited: None,
    rights: &[],
    is_essential: false,
    since: "0.1.0",
};

/// A table of keys. Nobody reads it: who knows a key could find out what it recorded.
const KEYS: TrailRelation = TrailRelation {
    guards: &[&written_by(
        KEYS_INSERT_GUARD,
        "audit_idempotency_keys_guard",
        "insert_audit_event() or insert_audit_events(); audit_seal() and the daily jobs forget keys",
    )],
    ..TABLE
};

/// A table that staff read.
const READ: TrailRelation = TrailRelation { rights: &[select(STAFF)], ..TABLE };
const VIEW: TrailRelation = TrailRelation { kind: ObjectKind::View, ..TABLE };

/// A table that records one event for every change, whatever it is.
const fn audited(event: &'static str, key: &'static str) -> Option<Audited> {
    Some(Audited { inserted: event, updated: Updated::Event(event), key })
}

macro_rules! schema {
    ($file:literal) => {
        include_str!(concat!("../../../../sql/schema/", $file, ".sql"))
    };
}

pub static RELATIONS: &[TrailRelation] = &[
    TrailRelation {
        name: EVENTS,
        kind: ObjectKind::Monthly,
        sql: schema!("events"),
        indexes: &["audit_events_id_idx", "audit_events_resource_idx", "audit_events_seal_idx"],
        defaults: &[("id", "audit_event_id"), ("created_at", "audit_event_time")],
        guards: &[&CHECKED, &IMMUTABLE],
        rights: &[insert(WRITERS), select(STAFF)],
        is_essential: true,
        ..TABLE
    },
    TrailRelation {
        name: ARCHIVE,
        kind: ObjectKind::Monthly,
        sql: schema!("events_archive"),
        indexes: &["audit_events_archive_id_idx", "audit_events_archive_resource_idx", "audit_events_archive_seal_idx"],
        guards: &[&IMMUTABLE, &RESTORABLE],
        rights: &[select(STAFF)],
        is_essential: true,
        ..TABLE
    },
    TrailRelation {
        name: POLICIES,
        sql: schema!("retention"),
        guards: &[&POLICY],
        audited: audited("AUDIT_RETENTION_POLICY_CHANGED", "workspace_id"),
        rights: &[select(STAFF), insert(COMPLIANCE), update(COMPLIANCE)],
        is_essential: true,
        ..TABLE
    },
    TrailRelation {
        name: FLOORS,
        sql: schema!("sequence_floors"),
        audited: audited("AUDIT_SEQUENCE_FLOOR_SET", "workspace_id"),
        rights: &[select(STAFF)],
        is_essential: true,
        ..TABLE
    },
    TrailRelation {
        name: MEMBERSHIP_SOURCE,
        sql: schema!("membership_source"),
        audited: audited("AUDIT_MEMBERSHIP_SOURCE_CHANGED", "singleton"),
        rights: &[select(STAFF)],
        is_essential: true,
        ..TABLE
    },
    TrailRelation {
        name: ACCESS,
        sql: schema!("access"),
        indexes: &["audit_access_in_force_idx"],
        audited: audited("AUDIT_ACCESS_CHANGED", "role_name"),
        rights: &[select(STAFF)],
        is_essential: true,
        ..TABLE
    },
    TrailRelation {
        name: HOLDS,
        sql: schema!("holds"),
        indexes: &["audit_legal_holds_in_force_idx"],
        guards: &[&[
            inserted_by("audit_holds_insert_guard", "place_audit_hold()"),
            updated_by("audit_holds_update_guard", "release_audit_hold()"),
        ]],
        audited: Some(Audited {
            inserted: "AUDIT_HOLD_PLACED",
            updated: Updated::Event("AUDIT_HOLD_RELEASED"),
            key: "id",
        }),
        rights: &[select(STAFF)],
        is_essential: true,
        ..TABLE
    },
    TrailRelation {
        name: TRACKING,
        sql: schema!("tracking"),
        indexes: &[TRACKING_INDEX],
        audited: audited("AUDIT_TRACKING_CHANGED", "table_name"),
        rights: &[select(STAFF)],
        ..TABLE
    },
    TrailRelation {
        name: ACTION_TYPES,
        sql: schema!("action_types"),
        audited: audited("AUDIT_ACTION_TYPE_CHANGED", "action_type"),
        rights: &[select(READERS), insert(COMPLIANCE), update(COMPLIANCE)],
        ..TABLE
    },
    TrailRelation { name: INDEXES, sql: schema!("indexes"), audited: audited("AUDIT_INDEX_CHANGED", "kind"), ..READ },
    TrailRelation {
        name: REQUESTS,
        sql: schema!("deletion_requests"),
        indexes: &["audit_deletion_requests_open_idx", "audit_deletion_requests_entry_idx"],
        guards: &[&[
            inserted_by(
                "audit_requests_insert_guard",
                "request_audit_deletion(), request_audit_person_deletion(), request_audit_purge(), request_audit_cold_release() or request_audit_offboarding()",
            ),
            updated_by(
                "audit_requests_update_guard",
                "approve_audit_deletion(), execute_audit_deletion() or reject_audit_deletion()",
            ),
        ]],
        audited: Some(Audited { inserted: "AUDIT_DELETION_REQUESTED", updated: Updated::ByState, key: "id" }),
        rights: &[select(STAFF)],
        is_essential: true,
        ..TABLE
    },
    TrailRelation {
        name: DELETION_LOG,
        sql: schema!("deletion_log"),
        indexes: &["audit_deletion_log_workspace_idx", "audit_deletion_log_parent_idx"],
        guards: &[
            &APPEND_ONLY,
            &[inserted_by(
                "audit_deletion_log_insert_guard",
                "delete_user_audit_events_compliant(), purge_expired_audit_events() or the retention jobs",
            )],
        ],
        rights: &[select(STAFF)],
        ..TABLE
    },
    TrailRelation {
        name: DELETION_MONTHS,
        sql: schema!("deletion_months"),
        guards: &[
            &APPEND_ONLY,
            &[inserted_by(
                "audit_deletion_log_insert_guard",
                "delete_user_audit_events_compliant() or purge_expired_audit_events()",
            )],
        ],
        rights: &[select(STAFF)],
        ..TABLE
    },
    TrailRelation {
        name: DELETION_SCRUBS,
        sql: schema!("deletion_scrubs"),
        indexes: &["audit_deletion_scrubs_entry_idx"],
        guards: &[&APPEND_ONLY, &[inserted_by("audit_deletion_log_insert_guard", "audit_scrub()")]],
        rights: &[select(STAFF)],
        ..TABLE
    },
    TrailRelation {
        name: DELETION_EVENTS,
        sql: schema!("deletion_events"),
        guards: &[&written_by(
            "audit_deletion_events_insert_guard",
            "audit_deletion_events_guard",
            "delete_user_audit_events_compliant(), purge_expired_audit_events() or audit_adopt_events()",
        )],
        rights: &[select(STAFF)],
        ..TABLE
    },
    TrailRelation {
        name: LOG_TILES,
        sql: schema!("log_tiles"),
        guards: &[&written_by("audit_log_tiles_insert_guard", "audit_log_tiles_guard", "audit_seal()")],
        rights: &[select(STAFF)],
        ..TABLE
    },
    TrailRelation {
        name: LOG_SEALS,
        sql: schema!("log_seals"),
        indexes: &["audit_log_seals_size_idx"],
        guards: &[&written_by("audit_log_seals_insert_guard", "audit_log_seals_guard", "audit_seal()")],
        rights: &[select(STAFF)],
        ..TABLE
    },
    TrailRelation {
        name: LOG_INCARNATIONS,
        sql: schema!("log_incarnations"),
        guards: &[&written_by(
            "audit_log_incarnations_insert_guard",
            "audit_log_incarnations_guard",
            "audit_seal() or audit_begin_incarnation()",
        )],
        rights: &[select(STAFF)],
        ..TABLE
    },
    TrailRelation {
        name: LOG_SIGNATURES,
        sql: schema!("log_signatures"),
        guards: &[&written_by(
            "audit_log_signatures_insert_guard",
            "audit_log_signatures_guard",
            "audit_add_signatures() or audit_add_timestamp()",
        )],
        rights: &[select(STAFF)],
        ..TABLE
    },
    TrailRelation { name: CLUSTER_APPLIED, sql: schema!("cluster_applied"), guards: &APPLIED_GUARDS, ..READ },
    TrailRelation {
        name: ARCHIVE_RUNS,
        sql: schema!("archive_runs"),
        indexes: &["audit_archive_runs_started_at_idx"],
        guards: &[&[
            inserted_by("audit_archive_runs_insert_guard", "archive_old_audit_events()"),
            changed_by("audit_archive_runs_guard", "archive_old_audit_events()"),
            emptied_by("audit_archive_runs_truncate_guard", "archive_old_audit_events()"),
        ]],
        rights: &[select(STAFF)],
        ..TABLE
    },
    TrailRelation {
        name: RESTORED,
        sql: schema!("restored_events"),
        indexes: &["audit_restored_events_created_at_idx"],
        guards: &[&[
            inserted_by("audit_restored_events_insert_guard", "restore_audit_events()"),
            changed_by("audit_restored_events_guard", "restore_audit_events()"),
            emptied_by("audit_restored_events_truncate_guard", "restore_audit_events()"),
        ]],
        rights: &[select(STAFF)],
        ..TABLE
    },
    TrailRelation {
        name: COLD_OBJECTS,
        sql: schema!("cold_objects"),
        indexes: &[
            "audit_cold_objects_path_idx",
            "audit_cold_objects_live_idx",
            "audit_cold_objects_successor_idx",
            "audit_cold_objects_released_idx",
            "audit_cold_objects_month_idx",
        ],
        guards: &[
            &[
                inserted_by(
                    "audit_cold_objects_insert_guard",
                    "begin_audit_cold_object() or adopt_audit_cold_object()",
                ),
                changed_by("audit_cold_objects_guard", COLD_FUNCTIONS),
                emptied_by("audit_cold_objects_truncate_guard", COLD_FUNCTIONS),
            ],
            &COLD_STEPS,
        ],
        rights: &[select(STAFF)],
        ..TABLE
    },
    TrailRelation {
        name: COLD_CHUNKS,
        sql: schema!("cold_chunks"),
        guards: &[&written_by(
            "audit_cold_chunks_insert_guard",
            "audit_cold_chunks_guard",
            "store_audit_cold_object(), erase_audit_cold_chunk() or adopt_audit_cold_object()",
        )],
        rights: &[select(STAFF)],
        ..TABLE
    },
    TrailRelation {
        name: COLD_LOANS,
        sql: schema!("cold_loans"),
        guards: &[&written_by(
            COLD_LOANS_INSERT_GUARD,
            "audit_cold_loans_guard",
            "restore_audit_cold_events() or return_audit_cold_loans()",
        )],
        rights: &[select(STAFF)],
        ..TABLE
    },
    TrailRelation {
        name: COLD_ERASURES,
        sql: schema!("cold_erasures"),
        indexes: &[
            "audit_cold_erasures_entry_idx",
            "audit_cold_erasures_carried_out_idx",
            "audit_cold_erasures_pending_idx",
        ],
        guards: &[&written_by(
            "audit_cold_erasures_insert_guard",
            "audit_cold_erasures_guard",
            "delete_user_audit_events_compliant() or replace_audit_cold_object()",
        )],
        rights: &[select(STAFF)],
        ..TABLE
    },
    TrailRelation {
        name: IMPORTS,
        sql: schema!("imports"),
        guards: &[&[
            inserted_by("audit_imports_insert_guard", "import_audit_events()"),
            changed_by("audit_imports_guard", "import_audit_events()"),
            emptied_by("audit_imports_truncate_guard", "import_audit_events()"),
        ]],
        rights: &[select(STAFF)],
        ..TABLE
    },
    TrailRelation {
        name: STREAM_DEFINITIONS,
        sql: schema!("stream_definitions"),
        indexes: &["audit_stream_definitions_in_force_idx"],
        guards: &[&[
            inserted_by("audit_stream_definitions_insert_guard", "create_audit_stream()"),
            updated_by("audit_stream_definitions_update_guard", "drop_audit_stream()"),
        ]],
        audited: Some(Audited {
            inserted: "AUDIT_STREAM_CREATED",
            updated: Updated::Event("AUDIT_STREAM_DROPPED"),
            key: "name",
        }),
        rights: &[select(STAFF)],
        ..TABLE
    },
    TrailRelation {
        name: STREAM_CURSORS,
        sql: schema!("stream_cursors"),
        guards: &[&written_by("audit_stream_cursors_insert_guard", "audit_stream_cursors_guard", STREAM_FUNCTIONS)],
        rights: &[select(STAFF)],
        ..TABLE
    },
    TrailRelation { name: ARCHIVE_ATTEMPTS, kind: ObjectKind::Sequence, sql: schema!("archive_attempts"), ..TABLE },
    TrailRelation {
        name: RESOURCE_SALT,
        sql: schema!("resource_salt"),
        // Drawn once; a dump may bring an older one.
        guards: &[&[
            inserted_by("audit_salt_insert_guard", "audit_setup(): it draws the salt once"),
            changed_by("audit_salt_guard", "audit_setup(): it draws the salt once"),
            emptied_by("audit_salt_truncate_guard", "audit_setup(): it draws the salt once"),
        ]],
        ..TABLE
    },
    TrailRelation { name: IDEMPOTENCY_KEYS[0], sql: schema!("idempotency_keys_1"), ..KEYS },
    TrailRelation { name: IDEMPOTENCY_KEYS[1], sql: schema!("idempotency_keys_2"), ..KEYS },
    TrailRelation {
        name: EVENT_SEQUENCE,
        sql: schema!("event_sequence_view"),
        guards: &[&FLOOR_SETTING],
        rights: &[select(STAFF)],
        ..VIEW
    },
    TrailRelation {
        name: PARTITION_SCHEDULE,
        sql: schema!("partition_schedule_view"),
        rights: &[select(SCHEDULERS)],
        ..VIEW
    },
    TrailRelation { name: SECURITY_VIEW, sql: schema!("security_view"), rights: &[select(READERS)], ..VIEW },
    TrailRelation { name: STREAMS, sql: schema!("streams_view"), rights: &[select(STAFF)], ..VIEW },
    TrailRelation { name: TRACKED_TABLES, sql: schema!("tracked_tables_view"), rights: &[select(STAFF)], ..VIEW },
];
