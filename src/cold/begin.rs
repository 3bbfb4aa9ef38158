//! `begin_audit_cold_object()`: an object is announced before its file is written.
//!
//! It keeps erasers out until its transaction ends. So either the snapshot under which the rows are read sees what an erasure did, or
//! the erasure sees the object. The transaction must end before the rows are read: an eraser waits for ten seconds only.

use std::rc::Rc;

use audit_core::argument::Argument;
use audit_core::catalogue::COLD_OBJECTS;
use audit_core::cold::conflict::Conflict;
use audit_core::cold::location::{self, Store};
use audit_core::cold::obstacle::Obstacle;
use audit_core::cold::refusal::StepError;
use audit_core::cold::state::State;
use audit_core::ids::WorkspaceId;
use audit_core::month::Month;
use serde_json::json;
use uuid::Uuid;

use super::object::{self, Object};
use super::{discard, due, stored, workspace};
use crate::error::Error;
use crate::interlock::{self, Contention};
use crate::pg::backend::Session;
use crate::pg::call::{Answer, Call};
use crate::pg::{datum, lock, parameter, spi};
use crate::storage::Storage;

const BEGINNING: &str = "beginning a cold object";

/// `begin_audit_cold_object(p_workspace_id, p_month, p_store, p_replaces)`.
pub fn call(call: &Call) -> Result<Answer, Error> {
    stored::demand_current_view(BEGINNING)?;
    let storage = Storage::of(call)?;
    let workspace = workspace(call)?;
    let month = month(call)?;
    let store = Store::parse(call.text(2))?;
    interlock::move_events(&storage, BEGINNING)?;
    let replaces = match call.uuid(3) {
        Some(replaced) => Some(replaceable(&storage, replaced, workspace, month)?.id),
        None => {
            demand_due(&storage, workspace, month)?;
            None
        }
    };
    clear_way(&storage, workspace, month)?;
    let object = insert(&storage, &Wanted { workspace, month, store, replaces, is_adopted: false })?;
    object.record(&storage, "AUDIT_COLD_BEGUN", &json!({}))?;
    Ok(call.record(&[Some(datum::from_uuid(&object.id)), Some(datum::from_text(object.path.as_bytes()))]))
}

fn month(call: &Call) -> Result<Month, Argument> {
    let first = call.date(1);
    first.and_then(Month::of).filter(|month| Some(month.start()) == first).ok_or(
        Argument::new("p_month")
            .problem("must be the first day of a month")
            .hint("Give it as DATE '2026-01-01'; audit_cold_due() shows the months that are due."),
    )
}

fn demand_due(storage: &Storage, workspace: WorkspaceId, month: Month) -> Result<(), Error> {
    match due::of_month(storage, workspace, month)? {
        Some(obstacle) => Err(Conflict::Blocked { month, obstacle }.into()),
        None => Ok(()),
    }
}

/// The released object that a successor of this workspace and month is to replace.
fn replaceable(storage: &Storage, replaced: Uuid, workspace: WorkspaceId, month: Month) -> Result<Object, Error> {
    let object = Object::locked(storage, "p_replaces", Some(replaced))?;
    if (object.workspace, object.month) != (workspace, month) {
        return Err(Conflict::OtherMonth { parameter: "p_replaces", object: object.id }.into());
    }
    object.demand_state(State::Released)?;
    match is_erasure_pending(storage, object.id) {
        true => Ok(object),
        false => Err(StepError::NoErasurePending { object: object.id }.into()),
    }
}

fn is_erasure_pending(storage: &Storage, object: Uuid) -> bool {
    let sql = storage.fill("SELECT FROM @extschema@.audit_cold_erasures WHERE object_id = $1 AND NOT is_done", &[]);
    spi::count_with(&sql, &[parameter::uuid(object)]) > 0
}

/// Takes the object of a session that has ended out of the way; any other that is under way stays.
fn clear_way(storage: &Rc<Storage>, workspace: WorkspaceId, month: Month) -> Result<(), Error> {
    let Some(object) = Object::under_way(storage, workspace, month)? else { return Ok(()) };
    match object.state {
        State::Open if !object.session.is_alive() => discard::abandoned(storage, &object),
        State::Open => Err(Conflict::Blocked { month, obstacle: Obstacle::UnderWay }.into()),
        _ => Err(Conflict::Blocked { month, obstacle: Obstacle::Stored }.into()),
    }
}

/// An object to be.
pub struct Wanted {
    pub workspace: WorkspaceId,
    pub month: Month,
    pub store: Store,
    pub replaces: Option<Uuid>,
    pub is_adopted: bool,
}

/// Of two sessions that begin an object of one month at once, the second waits here for some seconds at most, and is refused.
pub fn insert(storage: &Storage, wanted: &Wanted) -> Result<Object, Error> {
    let id = spi::find_row("SELECT pg_catalog.gen_random_uuid()", |row| row.uuid(1)).unwrap_or_default();
    insert_as(storage, wanted, id)
}

pub fn insert_as(storage: &Storage, wanted: &Wanted, id: Uuid) -> Result<Object, Error> {
    let Wanted { workspace, month, .. } = *wanted;
    let [user, role] = object::who(storage);
    let session = Session::own();
    let parameters = [
        parameter::uuid(id),
        parameter::uuid(workspace),
        parameter::text(&month.as_date()),
        parameter::text(wanted.store.as_str()),
        parameter::text(&location::path(workspace, month, id)),
        parameter::uuid(wanted.replaces),
        parameter::bool(wanted.is_adopted),
        user,
        role,
        parameter::int4(session.pid),
        parameter::time(session.started_at),
    ];
    let sql = storage.fill(include_str!("../../sql/cold/begin.sql"), &[]);
    let mut inserted = Ok(0);
    // A permit ends with an attempt that waited too long.
    let insert = || inserted = storage.writing(COLD_OBJECTS).map(|_permit| spi::count_with(&sql, &parameters));
    if !lock::with_patience(insert) {
        return Err(Contention::Turn { what: "beginning a cold object" }.into());
    }
    match inserted? {
        1 => Object::locked(storage, "p_object_id", Some(id)),
        _ => Err(Conflict::Blocked { month, obstacle: Obstacle::UnderWay }.into()),
    }
}
