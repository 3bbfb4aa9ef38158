//! Stores an event, by the fast path if possible, otherwise by a statement.
//!
//! The statement runs the triggers, rules and policies that somebody else has attached to the table. Then the stored row is compared with
//! what was given: either the event is recorded as it was given, or an error is raised.

use std::rc::Rc;

use audit_core::catalogue::EVENTS;
use audit_core::event::column::Column;
use audit_core::event::id;
use audit_core::ids::EventId;
use pgrx::pg_sys::Oid;

use super::context::Context;
use super::draft::Draft;
use super::{fast_path, rules};
use crate::cached::Cached;
use crate::error::Error;
use crate::event::row::oid_of;
use crate::pg::datum::{self, Datum};
use crate::pg::image;
use crate::pg::spi::{Outcome, PreparedStatement};
use crate::storage::{Interference, Storage};

/// The columns a caller may give, in the order of the statement's parameters.
const GIVEN: [Column; 13] = [
    Column::CreatedByUserId,
    Column::ActionType,
    Column::ResourceType,
    Column::ResourceId,
    Column::WorkspaceId,
    Column::OldValues,
    Column::NewValues,
    Column::IpAddress,
    Column::UserAgent,
    Column::RequestId,
    Column::Tags,
    Column::Metadata,
    Column::CreatedAt,
];

thread_local! {
    /// Inserts an event with the time of insertion.
    static INSERT_NOW: Cached<PreparedStatement> = const { Cached::nothing() };
    /// Inserts an event with its caller's time.
    static INSERT_AT: Cached<PreparedStatement> = const { Cached::nothing() };
}

/// Stores the event and gives its id, in the memory context of the caller.
pub fn event(draft: &Draft, storage: &Rc<Storage>, context: Context) -> Result<Datum<'static>, Error> {
    match fast_path::store(draft, storage, context)? {
        Some(id) => Ok(id),
        None => Ok(by_statement(draft, storage, context)?),
    }
}

/// Runs triggers, rules and policies that somebody else has attached to the table.
fn by_statement(draft: &Draft, storage: &Storage, context: Context) -> Result<Datum<'static>, Interference> {
    let statement = match draft.created_at {
        None => storage.known_or(&INSERT_NOW, || prepare(storage, GIVEN.len() - 1)),
        Some(_) => storage.known_or(&INSERT_AT, || prepare(storage, GIVEN.len())),
    };
    let columns = draft.columns();
    let given = GIVEN.map(|column| columns.value(column));
    let count = if draft.created_at.is_some() { GIVEN.len() } else { GIVEN.len() - 1 };
    let changed_fields = rules::changed_fields(&columns);
    let _told = context.tell_triggers();
    statement.run(&given[..count], |outcome| stored_id(&given[..count], changed_fields, outcome))
}

fn prepare(storage: &Storage, count: usize) -> PreparedStatement {
    let names: Vec<&str> = GIVEN[..count].iter().map(|column| column.name()).collect();
    let parameters: Vec<String> = (1..=count).map(|n| format!("${n}")).collect();
    let types: Vec<Oid> = GIVEN[..count].iter().map(|column| oid_of(column.data_type())).collect();
    let columns = names.join(", ");
    let sql = format!(
        "INSERT INTO {} ({columns}) VALUES ({}) RETURNING id, created_at, changed_fields, deleted_at IS NULL AND deleted_by_user_id IS NULL AND deletion_reason IS NULL, seal_key IS NOT NULL AND seal_xid IS NOT NULL, {columns}",
        storage.qualified(EVENTS),
        parameters.join(", "),
    );
    PreparedStatement::prepare(&sql, &types)
}

/// The id of the row that was stored, if it was stored and is what was given: an id that carries its time, the fields that changed, no
/// deletion, what its seal needs, and all values.
fn stored_id(
    given: &[Option<Datum>],
    changed_fields: Option<Datum>,
    outcome: &Outcome,
) -> Result<Datum<'static>, Interference> {
    const BEFORE_GIVEN: i32 = 5;
    let altered = Interference::Altered { table: EVENTS };
    if outcome.processed != 1 {
        return Err(Interference::Suppressed { table: EVENTS });
    }
    let (Some(stored), Some(created_at)) = (outcome.column(1), outcome.column(2)) else { return Err(altered) };
    let values_are_given = given
        .iter()
        .enumerate()
        .all(|(position, given)| image::same(*given, outcome.column(position as i32 + BEFORE_GIVEN + 1)));
    if id::created_at(&EventId(datum::read_uuid(stored))) == Some(datum::read_time(created_at))
        && image::same(changed_fields, outcome.column(3))
        && outcome.column(4).is_some_and(datum::read_bool)
        && outcome.column(5).is_some_and(datum::read_bool)
        && values_are_given
    {
        Ok(datum::copy_uuid_out(stored))
    } else {
        Err(altered)
    }
}
