//! What no statement may do to an object of cold storage, whoever runs it: take a step back, or change what is known of the file.

use audit_core::catalogue;
use audit_core::cold::conflict::Conflict;
use audit_core::cold::state::State;
use uuid::Uuid;

use crate::error::Error;
use crate::pg::call::{Answer, Call};
use crate::pg::expected::{Expected, On};
use crate::pg::fired::{Fired, Level, Operation, Timing};
use crate::pg::jsonb;
use crate::pg::trigger::{Trigger, Tuple};

static STEP: Expected = Expected {
    on: On::Tables(catalogue::COLD_STEP),
    fired: Fired::when(Timing::Before, &[Operation::Update], Level::Row),
    columns: &[],
};

/// Columns that change; all others are set once.
fn changes_again(column: &str) -> bool {
    column == "state" || column.starts_with("check")
}

/// `audit_cold_object_step()`: BEFORE UPDATE, for each row.
pub fn step(call: &Call) -> Result<Answer, Error> {
    let trigger = Trigger::of(call, &STEP)?;
    let (old, new) = (trigger.old_row(), trigger.new_row());
    let state = |row: Tuple| trigger.column_as_text(row, "state").as_deref().and_then(State::parse);
    let (from, to) = (state(old), state(new));
    let is_a_step = from == to || from.zip(to).is_some_and(|(from, to)| from.may_become(to));
    let changed = jsonb::changed_keys(trigger.row_as_jsonb(old), trigger.row_as_jsonb(new)).unwrap_or_default();
    let is_set_twice = changed
        .into_iter()
        .filter_map(|column| std::str::from_utf8(column).ok())
        .any(|column| !changes_again(column) && trigger.column_as_text(old, column).is_some());
    match is_a_step && !is_set_twice {
        true => Ok(trigger.pass(new)),
        false => Err(Conflict::NoStep {
            object: trigger
                .column_as_text(old, "object_id")
                .and_then(|id| Uuid::parse_str(&id).ok())
                .unwrap_or_default(),
            state: from.unwrap_or(State::Gone),
        }
        .into()),
    }
}
