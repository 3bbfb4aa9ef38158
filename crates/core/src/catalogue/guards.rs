//! The triggers of the trail.
//!
//! The triggers that keep events immutable and refuse TRUNCATE are ENABLE ALWAYS, so they also fire under session_replication_role =
//! replica. The triggers that check an INSERT are not, so a subscriber or a data-only restore stores events as they were.

/// A trigger on a relation of the trail.
#[derive(Clone, Copy, Debug)]
pub struct TrailTrigger {
    pub name: &'static str,
    /// As CREATE TRIGGER says it: `BEFORE UPDATE OR DELETE`.
    pub fires: &'static str,
    /// `ROW` or `STATEMENT`.
    pub level: &'static str,
    pub function: &'static str,
    /// The argument of the function.
    pub argument: Option<&'static str>,
    pub state: TriggerState,
    /// Whether each partition has one of its own: triggers for each statement are not inherited.
    pub is_on_partitions: bool,
}

/// In which sessions a trigger fires.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TriggerState {
    Plain,
    Always,
    /// Plain, or disabled by the owner, which is the documented way to turn the check off.
    PlainOrOff,
}

impl TriggerState {
    /// The values of `pg_trigger.tgenabled` that are right.
    pub fn admitted(self) -> &'static str {
        match self {
            TriggerState::Plain => "O",
            TriggerState::Always => "A",
            TriggerState::PlainOrOff => "OD",
        }
    }
}

impl TrailTrigger {
    const fn row(name: &'static str, fires: &'static str, function: &'static str) -> TrailTrigger {
        TrailTrigger {
            name,
            fires,
            level: "ROW",
            function,
            argument: None,
            state: TriggerState::Plain,
            is_on_partitions: false,
        }
    }

    const fn statement(name: &'static str, fires: &'static str, function: &'static str) -> TrailTrigger {
        TrailTrigger { level: "STATEMENT", ..TrailTrigger::row(name, fires, function) }
    }

    const fn always(self) -> TrailTrigger {
        TrailTrigger { state: TriggerState::Always, ..self }
    }

    const fn telling(self, argument: &'static str) -> TrailTrigger {
        TrailTrigger { argument: Some(argument), ..self }
    }
}

/// Keeps times in order within a workspace; its function has its name.
pub const ORDER_TRIGGER: &str = "audit_events_before_insert";
/// The one trigger that may be switched off, and on again; its function has its name.
pub const MEMBERSHIP_TRIGGER: &str = "check_audit_workspace_membership";

// The functions of the others.
pub const ARCHIVED: &str = "audit_events_archive_before_insert";
pub const EVENTS_GUARD: &str = "audit_events_guard";
pub const RESTORE_FRAME: &str = "audit_events_restore";
pub const DELETION_LOG_GUARD: &str = "audit_deletion_log_guard";
pub const CONFIGURATION_CHANGED: &str = "audit_configuration_changed";
pub const CONFIGURATION_GUARD: &str = "audit_configuration_guard";
pub const POLICY_BEFORE_WRITE: &str = "audit_policy_before_update";
pub const SET_FLOOR: &str = "audit_event_sequence_insert";
pub const FUNCTIONS_ONLY: &str = "audit_functions_only_guard";
pub const COLD_LOANS_INSERT_GUARD: &str = "audit_cold_loans_insert_guard";
pub const KEYS_INSERT_GUARD: &str = "audit_idempotency_keys_insert_guard";
pub const COLD_STEP: &str = "audit_cold_object_step";
/// On the log of a cluster, which is none of the trail's tables.
pub const CARRY_OUT: &str = "audit_cluster_carry_out";
/// On tables that are tracked, of which none is the trail's.
pub const CAPTURE_CHANGES: &str = "audit_capture_changes";

/// Check the order and the membership of a new event.
pub(super) const CHECKED: [TrailTrigger; 2] = [
    TrailTrigger::row(ORDER_TRIGGER, "BEFORE INSERT", ORDER_TRIGGER),
    TrailTrigger {
        state: TriggerState::PlainOrOff,
        ..TrailTrigger::row(MEMBERSHIP_TRIGGER, "BEFORE INSERT", MEMBERSHIP_TRIGGER)
    },
];

/// Keep events from being changed, and from being removed except by maintenance.
pub(super) const IMMUTABLE: [TrailTrigger; 2] = [
    TrailTrigger::row("audit_events_guard", "BEFORE UPDATE OR DELETE", EVENTS_GUARD).always(),
    TrailTrigger {
        is_on_partitions: true,
        ..TrailTrigger::statement("audit_events_truncate_guard", "BEFORE TRUNCATE", EVENTS_GUARD).always()
    },
];

/// A restore takes rows from the archive; at its end each must be stored among the hot events.
pub(super) const RESTORABLE: [TrailTrigger; 3] = [
    TrailTrigger::row(ORDER_TRIGGER, "BEFORE INSERT", ARCHIVED),
    TrailTrigger::statement("audit_events_restore_begin", "BEFORE DELETE", RESTORE_FRAME).always(),
    TrailTrigger::statement("audit_events_restore_end", "AFTER DELETE", RESTORE_FRAME).always(),
];

/// The deletion log and what goes with it are never changed.
pub(super) const APPEND_ONLY: [TrailTrigger; 2] = [
    TrailTrigger::row("audit_deletion_log_guard", "BEFORE UPDATE OR DELETE", DELETION_LOG_GUARD).always(),
    TrailTrigger::statement("audit_deletion_log_truncate_guard", "BEFORE TRUNCATE", DELETION_LOG_GUARD).always(),
];

/// Keep configuration from being deleted, and record every change as an event, also under session_replication_role = replica. Rows that
/// replication or a dump brings come with their own events.
pub(super) const CONFIGURATION: [TrailTrigger; 3] = [
    TrailTrigger::row("audit_configuration_changed", "AFTER INSERT OR UPDATE", CONFIGURATION_CHANGED).always(),
    TrailTrigger::row("audit_configuration_guard", "BEFORE DELETE", CONFIGURATION_GUARD).always(),
    TrailTrigger::statement("audit_configuration_truncate_guard", "BEFORE TRUNCATE", CONFIGURATION_GUARD).always(),
];

/// A policy tells when it was changed, and remembers terms that must still be kept. UPDATE is ALWAYS: nobody may shorten a policy unnoticed.
pub(super) const POLICY: [TrailTrigger; 2] = [
    TrailTrigger::row("audit_policy_before_update", "BEFORE UPDATE", POLICY_BEFORE_WRITE).always(),
    TrailTrigger::row("audit_policy_before_insert", "BEFORE INSERT", POLICY_BEFORE_WRITE),
];

/// A step of a cold object leads forward.
pub(super) const COLD_STEPS: [TrailTrigger; 1] =
    [TrailTrigger::row("audit_cold_objects_step", "BEFORE UPDATE", COLD_STEP).always()];

/// An INSERT into the view stores a floor.
pub(super) const FLOOR_SETTING: [TrailTrigger; 1] =
    [TrailTrigger::row("audit_event_sequence_insert", "INSTEAD OF INSERT", SET_FLOOR)];

/// Only functions of ours insert rows; the text names them.
pub(super) const fn inserted_by(name: &'static str, functions: &'static str) -> TrailTrigger {
    TrailTrigger::row(name, "BEFORE INSERT", FUNCTIONS_ONLY).telling(functions)
}

/// Rows are changed by functions of ours only.
pub(super) const fn updated_by(name: &'static str, functions: &'static str) -> TrailTrigger {
    TrailTrigger::row(name, "BEFORE UPDATE", FUNCTIONS_ONLY).telling(functions).always()
}

/// Rows are changed and removed by functions of ours only.
pub(super) const fn changed_by(name: &'static str, functions: &'static str) -> TrailTrigger {
    TrailTrigger::row(name, "BEFORE UPDATE OR DELETE", FUNCTIONS_ONLY).telling(functions).always()
}

pub(super) const fn emptied_by(name: &'static str, functions: &'static str) -> TrailTrigger {
    TrailTrigger::statement(name, "BEFORE TRUNCATE", FUNCTIONS_ONLY).telling(functions).always()
}

/// What a node has carried out of the log of its cluster.
pub(super) const APPLIED_GUARDS: [&[TrailTrigger]; 2] =
    [&APPEND_ONLY, &[inserted_by("audit_cluster_applied_insert_guard", "the log of the cluster")]];

/// A table that functions of ours write in batches: the guards are asked once a statement, not once a row.
pub(super) const fn written_by(
    insert_guard: &'static str,
    guard: &'static str,
    functions: &'static str,
) -> [TrailTrigger; 2] {
    [
        TrailTrigger::statement(insert_guard, "BEFORE INSERT", FUNCTIONS_ONLY).telling(functions),
        TrailTrigger::statement(guard, "BEFORE UPDATE OR DELETE OR TRUNCATE", FUNCTIONS_ONLY)
            .telling(functions)
            .always(),
    ]
}
