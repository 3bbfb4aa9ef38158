//! The triggers on the tables of events, which every event passes on its way in, by whatever path.
//!
//! `audit_events_before_insert` gives the row its id and refuses what only maintenance may write; [`super::rules`] checks the named
//! constraints and the order, and sets `changed_fields`.

use audit_core::catalogue::{self, MEMBERSHIP_TRIGGER, ORDER_TRIGGER};
use audit_core::event::column::Column;
use audit_core::tier::Tier;

use super::rules::{self, Reserved};
use super::{context, stamp};
use crate::conservation::{self, Deletion};
use crate::error::Error;
use crate::event::row::{Columns, SHAPE};
use crate::membership;
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
    if let Some(deletion) = conservation::arrives(Tier::Hot, &columns) {
        let changes: Vec<_> =
            deletion.iter().flat_map(Deletion::columns).map(|(column, value)| (column.number(), value)).collect();
        return Ok(trigger.pass_with(row, &changes));
    }
    for column in [Column::DeletedAt, Column::DeletedByUserId, Column::DeletionReason] {
        if !columns.is_null(column) {
            return Err(Reserved::SoftDeletion { column: column.name() }.into());
        }
    }
    if !context::may_say_all() {
        rules::check_reserved(&columns)?;
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

    let mut changes: Vec<(i16, Option<Datum>)> = Vec::new();
    if let Some(id) = origin.id {
        changes.push((Column::Id.number(), Some(datum::from_uuid(&id.0))));
    }
    // The server's answer or none: a caller's own would be taken for it.
    let fields = rules::changed_fields(&columns);
    if fields.is_some() || !columns.is_null(Column::ChangedFields) {
        changes.push((Column::ChangedFields.number(), fields));
    }
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
    let id = columns.event();
    if !id.is_some_and(|id| conservation::is_arriving(Tier::Hot, &id)) {
        membership::check_row(storage, &columns)?;
    }
    Ok(())
}

/// `audit_events_archive_before_insert`: only an event that has just left the hot table comes in here.
pub fn before_archive_insert(call: &Call) -> Result<Answer, Error> {
    let trigger = Trigger::of(call, &BEFORE_ARCHIVE_INSERT)?;
    let row = trigger.new_row();
    match conservation::arrives(Tier::Archive, &trigger.inserted(&SHAPE)?) {
        Some(_) => Ok(trigger.pass_at_last(row)),
        None => Err(Reserved::Archive.into()),
    }
}
