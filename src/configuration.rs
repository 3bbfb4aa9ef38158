//! Configuration of the trail (policies, access, membership source, floors, holds, tracked tables) is itself audited: it cannot be deleted, and
//! every change becomes an event with the old and the new row.

use crate::deletion::state::State;
use crate::error::{Error, Immutable};
use crate::event::own::{self, OwnEvent};
use crate::event::resource_id;
use crate::pg::call::{Answer, Call};
use crate::pg::door::{self, Deed};
use crate::pg::trigger::{Operation, Trigger};
use crate::pg::{jsonb, relation, spi};
use crate::retention::appear;
use crate::storage::{ACCESS, FLOORS, HOLDS, MEMBERSHIP_SOURCE, POLICIES, REQUESTS, Storage, TRACKING};

struct Audited {
    table: &'static str,
    /// The events that a new row and a changed one record.
    inserted: &'static str,
    updated: &'static str,
    /// The column that names what was changed.
    key: &'static str,
}

const fn audited(table: &'static str, inserted: &'static str, updated: &'static str, key: &'static str) -> Audited {
    Audited { table, inserted, updated, key }
}

const TABLES: [Audited; 7] = [
    audited(POLICIES, "AUDIT_RETENTION_POLICY_CHANGED", "AUDIT_RETENTION_POLICY_CHANGED", "workspace_id"),
    audited(FLOORS, "AUDIT_SEQUENCE_FLOOR_SET", "AUDIT_SEQUENCE_FLOOR_SET", "workspace_id"),
    audited(MEMBERSHIP_SOURCE, "AUDIT_MEMBERSHIP_SOURCE_CHANGED", "AUDIT_MEMBERSHIP_SOURCE_CHANGED", "singleton"),
    audited(ACCESS, "AUDIT_ACCESS_CHANGED", "AUDIT_ACCESS_CHANGED", "role_name"),
    audited(HOLDS, "AUDIT_HOLD_PLACED", "AUDIT_HOLD_RELEASED", "id"),
    audited(TRACKING, "AUDIT_TRACKING_CHANGED", "AUDIT_TRACKING_CHANGED", "table_name"),
    // What an UPDATE means is told by the state it leads to.
    audited(REQUESTS, "AUDIT_DELETION_REQUESTED", BY_STATE, "id"),
];

/// The event of an UPDATE depends on the state that the row gets.
const BY_STATE: &str = "by state";

/// The steps of a request for deletion, by the state they lead to.
const STEPS: [(State, &str); 4] = [
    (State::CoolingOff, "AUDIT_DELETION_APPROVED"),
    (State::Executed, "AUDIT_DELETION_EXECUTED"),
    (State::Rejected, "AUDIT_DELETION_REJECTED"),
    (State::Expired, "AUDIT_DELETION_EXPIRED"),
];

/// The guards of all tables of configuration, to be filled with the schema.
pub fn guards() -> impl Iterator<Item = String> {
    TABLES.into_iter().map(|Audited { table, inserted, updated, key }| {
        let values = [("table", table), ("event", inserted), ("change", updated), ("key", key)];
        let values = values.map(|(name, value)| (name, value.to_owned()));
        spi::fill(include_str!("../sql/schema/configuration_guards.sql"), &values)
    })
}

/// `audit_configuration_changed(event of INSERT, event of UPDATE, key column)`: AFTER INSERT OR UPDATE, for each row.
pub fn changed(call: &Call) -> Result<Answer, Error> {
    let trigger = Trigger::of(call)?;
    let storage = Storage::of(call)?;
    let row = trigger.new_row();
    // Nobody remembers that a workspace has no policy.
    if appear::is_making_default() {
        return Ok(trigger.pass(row));
    }
    // Other backends remember the configuration they read: this tells them, when the transaction commits.
    relation::tell_changed(trigger.table());
    let old = (trigger.operation() == Operation::Update).then(|| trigger.row_as_jsonb(trigger.old_row()));
    let new = trigger.row_as_jsonb(row);
    let unchanged = old.is_some_and(|old| jsonb::changed_keys(old, new).is_some_and(|keys| keys.is_empty()));
    if !unchanged {
        let event = if old.is_some() { trigger.argument(1) } else { trigger.argument(0) };
        let step = event.filter(|event| *event == BY_STATE).and_then(|_| step(&trigger, row));
        let event = step.or(event);
        let key = trigger.argument(2).and_then(|column| trigger.column_as_text(row, column)).unwrap_or_default();
        let table = trigger.table_name();
        own::record(
            &storage,
            &OwnEvent {
                action_type: event.unwrap_or("AUDIT_CONFIGURATION_CHANGED"),
                resource_type: &table,
                resource_id: Some(resource_id(&table, &key)),
                workspace_id: trigger.column_by_name(row, "workspace_id"),
                old_values: old,
                new_values: Some(new),
            },
        )?;
    }
    Ok(trigger.pass(row))
}

fn step(trigger: &Trigger, row: pgrx::pg_sys::HeapTuple) -> Option<&'static str> {
    let state = trigger.column_as_text(row, "state").as_deref().and_then(State::parse)?;
    STEPS.into_iter().find(|(leads_to, _)| *leads_to == state).map(|(_, event)| event)
}

/// `audit_configuration_guard()`: BEFORE DELETE for each row, BEFORE TRUNCATE for each statement.
pub fn guard(call: &Call) -> Result<Answer, Error> {
    crate::immutability::refuse(&Trigger::of(call)?, Immutable::Configuration)
}

/// `audit_functions_only_guard(functions)`: BEFORE INSERT OR UPDATE, for each row of a table that only functions write.
pub fn functions_only(call: &Call) -> Result<Answer, Error> {
    let trigger = Trigger::of(call)?;
    match door::lets_through(|deed| deed == Deed::Configure { table: trigger.table() }) {
        Some(_) => Ok(trigger.pass(trigger.new_row())),
        None => Err(Error::FunctionsOnly {
            table: trigger.table_name(),
            functions: trigger.argument(0).unwrap_or_default().to_owned(),
        }),
    }
}
