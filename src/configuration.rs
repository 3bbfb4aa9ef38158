//! Configuration of the trail (policies, access, membership source, floors, tracked tables) is itself audited: it cannot be deleted, and
//! every change becomes an event with the old and the new row.

use crate::error::{Error, Immutable};
use crate::event::own::{self, OwnEvent};
use crate::event::resource_id;
use crate::pg::call::{Answer, Call};
use crate::pg::trigger::{Operation, Trigger};
use crate::pg::{clock, jsonb, relation, spi};
use crate::retention;
use crate::storage::{ACCESS, FLOORS, MEMBERSHIP_SOURCE, POLICIES, Storage, TRACKING};

/// The tables of configuration, the event that a change of each records, and the column that names what was changed.
const TABLES: [(&str, &str, &str); 5] = [
    (POLICIES, "AUDIT_RETENTION_POLICY_CHANGED", "workspace_id"),
    (FLOORS, "AUDIT_SEQUENCE_FLOOR_SET", "workspace_id"),
    (MEMBERSHIP_SOURCE, "AUDIT_MEMBERSHIP_SOURCE_CHANGED", "singleton"),
    (ACCESS, "AUDIT_ACCESS_CHANGED", "role_name"),
    (TRACKING, "AUDIT_TRACKING_CHANGED", "table_name"),
];

/// The guards of all tables of configuration, to be filled with the schema.
pub fn guards() -> impl Iterator<Item = String> {
    TABLES.into_iter().map(|(table, event, key)| {
        let values = [("table", table.to_owned()), ("event", event.to_owned()), ("key", key.to_owned())];
        spi::fill(include_str!("../sql/schema/configuration_guards.sql"), &values)
    })
}

/// `audit_configuration_changed(action_type, key column)`: AFTER INSERT OR UPDATE, for each row.
pub fn changed(call: &Call) -> Result<Answer, Error> {
    let trigger = Trigger::of(call)?;
    let storage = Storage::of(call)?;
    let row = if trigger.operation() == Operation::Update { trigger.new_row() } else { trigger.old_row() };
    // Other backends remember the configuration they read: this tells them, when the transaction commits.
    relation::tell_changed(trigger.table());
    if retention::is_making_default() {
        return Ok(trigger.pass(row));
    }
    let old = (trigger.operation() == Operation::Update).then(|| trigger.row_as_jsonb(trigger.old_row()));
    let new = trigger.row_as_jsonb(row);
    let unchanged = old.is_some_and(|old| {
        jsonb::changed_keys(jsonb::Jsonb::of(old), jsonb::Jsonb::of(new)).is_some_and(|keys| keys.is_empty())
    });
    if !unchanged {
        let key = trigger.argument(1).and_then(|column| trigger.column_as_text(row, column)).unwrap_or_default();
        let table = trigger.table_name();
        own::record(
            &storage,
            &OwnEvent {
                action_type: trigger.argument(0).unwrap_or("AUDIT_CONFIGURATION_CHANGED"),
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

/// `audit_configuration_guard()`: BEFORE DELETE for each row, BEFORE TRUNCATE for each statement.
pub fn guard(call: &Call) -> Result<Answer, Error> {
    crate::immutability::refuse(&Trigger::of(call)?, Immutable::Configuration)
}

/// `audit_policy_before_update()`: `updated_at` tells when, `created_at` and `workspace_id` stay.
pub fn touch_policy(call: &Call) -> Result<Answer, Error> {
    let trigger = Trigger::of(call)?;
    let row = trigger.new_row();
    let changes: Vec<_> = ["workspace_id", "created_at"]
        .into_iter()
        .filter_map(|name| trigger.column_number(name).map(|n| (n, trigger.column_by_name(trigger.old_row(), name))))
        .chain(trigger.column_number("updated_at").map(|n| (n, Some(pgrx::pg_sys::Datum::from(clock::now())))))
        .collect();
    Ok(trigger.pass_with(row, &changes))
}
