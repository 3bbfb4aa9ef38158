//! The triggers on the tables of events, which every event passes on its way in, by whatever path.
//!
//! `audit_events_before_insert` gives the row its id, its key and its transaction, and refuses what only maintenance may write; [`super::rules`] checks the named
//! constraints and the order, and sets `changed_fields`.

use audit_core::catalogue::{self, MEMBERSHIP_TRIGGER, ORDER_TRIGGER};
use audit_core::event::column::{Column, DELETION, SEAL};
use audit_core::tier::Tier;

use super::rules::{self, Reserved};
use super::{context, seal, stamp};
use crate::conservation;
use crate::error::Error;
use crate::event::row::{Columns, SHAPE};
use crate::membership;
use crate::permit::{self, Purpose};
use crate::pg::call::{Answer, Call};
use crate::pg::datum;
use crate::pg::datum::Datum;
use crate::pg::expected::{Expected, On};
use crate::pg::fired::{Fired, Level, Operation, Timing};
use crate::pg::trigger::Trigger;
use crate::storage::Storage;

/// What checks an event on its way into `audit_events`.
pub static BEFORE_INSERT: Expected = Expected {
    on: On::Trees(ORDER_TRIGGER),
    fired: Fired::when(Timing::Before, &[Operation::Insert], Level::Row),
    columns: &SHAPE,
};

static BEFORE_ARCHIVE_INSERT: Expected = Expected { on: On::Trees(catalogue::ARCHIVED), ..BEFORE_INSERT };

pub fn before_insert(call: &Call) -> Result<Answer, Error> {
    prepare(call).map_err(context::about_element)
}

fn prepare(call: &Call) -> Result<Answer, Error> {
    let trigger = Trigger::of(call, &BEFORE_INSERT)?;
    let storage = Storage::of(call)?;
    let row = trigger.new_row();
    let columns: Columns = trigger.inserted(&SHAPE)?;
    // An event that comes back from the archive is itself again, and was checked when it was recorded.
    if let Some(unnamed) = conservation::arrives(&columns) {
        let changes = unnamed.columns().map(|(column, value)| (column.number(), value));
        return Ok(trigger.pass_with(row, &changes));
    }
    if let Some(column) = DELETION.iter().find(|column| !columns.is_null(**column)) {
        return Err(Reserved::SoftDeletion { column: column.name() }.into());
    }
    if let Some(column) = SEAL.iter().find(|column| !columns.is_null(**column)) {
        return Err(Reserved::Seal { column: column.name() }.into());
    }
    if !context::may_say_all() {
        rules::check_caller(&columns)?;
    }
    // A NULL time has no month; the column's own NOT NULL refuses it.
    let Some(created_at) = columns.time(Column::CreatedAt) else {
        return Ok(trigger.pass(row));
    };
    let id = columns.event();
    // A time that no id can carry is told after the constraints: in the far future, the named one answers.
    let origin = stamp::origin_of(id, created_at);
    let server_time = origin.as_ref().is_ok_and(|origin| origin.server_time);
    rules::check_constraints(&columns, created_at, server_time)?;
    let origin = origin?;
    rules::check_order(&storage, &columns, created_at, server_time)?;

    let mut changes: Vec<(i16, Option<Datum>)> = Vec::with_capacity(4);
    if let Some(id) = origin.id {
        changes.push((Column::Id.number(), Some(datum::from_uuid(&id.0))));
    }
    // The server's answer or none: a caller's own would be taken for it.
    let fields = rules::changed_fields(&columns);
    if fields.is_some() || !columns.is_null(Column::ChangedFields) {
        changes.push((Column::ChangedFields.number(), fields));
    }
    let seal = seal::values(server_time, created_at)?;
    changes.extend(seal.map(|(column, value)| (column.number(), Some(value))));
    Ok(trigger.insert_with(row, &changes, &[MEMBERSHIP_TRIGGER]))
}

/// The trigger `check_audit_workspace_membership`: BEFORE INSERT for each row.
pub fn check_membership(call: &Call) -> Result<Answer, Error> {
    let trigger = Trigger::of(call, &BEFORE_INSERT)?;
    if !context::take_exemption() {
        check_inserted(&trigger, &*Storage::of(call)?).map_err(context::about_element)?;
    }
    Ok(trigger.pass_at_last(trigger.new_row()))
}

fn check_inserted(trigger: &Trigger, storage: &Storage) -> Result<(), Error> {
    if !membership::has_source(storage)? {
        return Ok(());
    }
    let columns: Columns = trigger.inserted(&SHAPE)?;
    // Whoever acted was a member then: an event that comes back from the archive was checked when it was recorded.
    if !conservation::is_arriving(Tier::Hot, &columns) {
        membership::check_row(storage, &columns)?;
    }
    Ok(())
}

/// `audit_events_archive_before_insert`: only an event that has just left the hot table comes in here, or one from cold storage.
pub fn before_archive_insert(call: &Call) -> Result<Answer, Error> {
    let trigger = Trigger::of(call, &BEFORE_ARCHIVE_INSERT)?;
    let row = trigger.new_row();
    let columns: Columns = trigger.inserted(&SHAPE)?;
    let is_lent = |purpose| matches!(purpose, Purpose::Lend { workspace } if columns.workspace() == Some(workspace));
    match conservation::is_arriving(Tier::Archive, &columns) || permit::admits(is_lent).is_some() {
        true => Ok(trigger.pass_at_last(row)),
        false => Err(Reserved::Archive.into()),
    }
}
