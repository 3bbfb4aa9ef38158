//! `adopt_audit_cold_object()`: a file is taken into a catalog that lost it.
//!
//! After a recovery to a time before a file replaced another, the catalog has the former one, whose file was removed, and the successor is unknown or
//! open. The successor holds the same events. It takes over what the catalog had of the other: the release, the loans, and the erasures. An
//! erasure that the file has already finds nothing in it.
//!
//! An event must not be in two places, so nothing is adopted while the database has events between the first and the last of the file. Those that
//! vouch for a deletion never leave it, and loans are known.
//!
//! The entry of the release, if the log has it, is found again: a purge then lists which events were in the file. So is the floor of the order.

use std::rc::Rc;

use audit_core::argument::Argument;
use audit_core::catalogue::{COLD_ERASURES, COLD_LOANS};
use audit_core::cold::conflict::Conflict;
use audit_core::cold::location::{self, Store};
use audit_core::cold::manifest::Manifest;
use audit_core::cold::state::State;
use audit_core::deletion::voucher;
use audit_core::ids::EventId;
use audit_core::month::Month;
use audit_core::time::Timestamp;
use audit_evidence::hash::hex;
use serde_json::json;
use uuid::Uuid;

use super::begin::{self, Wanted};
use super::object::{Object, STEP};
use super::store::Given;
use super::stored;
use crate::error::Error;
use crate::interlock::Contention;
use crate::pg::call::{Answer, Call};
use crate::pg::parameter::Parameter;
use crate::pg::{parameter, spi};
use crate::storage::Storage;
use crate::{interlock, sequence};

const ADOPTING: &str = "adopting a cold object";

/// `adopt_audit_cold_object(p_manifest, p_store, p_path)`.
pub fn call(call: &Call) -> Result<Answer, Error> {
    stored::demand_current_view(ADOPTING)?;
    let storage = Storage::of(call)?;
    let given = Given::read(call.datum(0))?;
    let store = Store::parse(call.text(1))?;
    let manifest = &given.manifest;
    let path = location::path(manifest.workspace, manifest.month, manifest.object);
    if call.text(2).as_deref() != Some(path.as_str()) {
        return Err(Argument::new("p_path")
            .problem("is not where the file of this object is")
            .hint(format!("Its path is {path}."))
            .into());
    }
    // Erasers and purge are kept out: an erasure sees the object, or its entry is seen here.
    interlock::move_events(&storage, ADOPTING)?;
    // Locked before its successor, as whoever begins one does.
    let replaced = replaced(&storage, manifest)?;
    demand_unknown(&storage, manifest)?;
    let former = former(&storage, manifest, replaced)?;
    demand_not_in_database(&storage, manifest)?;
    let stored = given.accept(&storage, &opened(&storage, manifest, store)?)?;
    let entry = former.as_ref().and_then(|former| former.release_entry);
    stored.release(&storage, entry.or_else(|| release_entry(&storage, manifest)), None)?;
    if let Some(former) = former {
        take_over(&storage, &former, stored.id)?;
    }
    await_erasures(&storage, &stored)?;
    // The floor may be lost with the catalog. A system event does not count for it, but which one the last is is known to the file alone.
    let last = (manifest.last.created_at, EventId(manifest.last.id));
    sequence::keep_order_without(&storage, manifest.workspace, last)?;
    stored.record(&storage, "AUDIT_COLD_ADOPTED", &json!({}))?;
    Ok(Answer::Nothing)
}

/// The catalog may know the object as a successor that a session which has ended began, and nothing that came of it.
fn demand_unknown(storage: &Storage, manifest: &Manifest) -> Result<(), Error> {
    let known = Object::find(storage, manifest.object, STEP)?;
    let is_abandoned =
        |known: &Object| known.state == State::Open && known.replaces.is_some() && !known.session.is_alive();
    if let Some(known) = known.filter(|known| !is_abandoned(known)) {
        return Err(Conflict::Known { object: known.id, state: known.state }.into());
    }
    let sql = storage.fill(
        "SELECT object_id FROM @extschema@.audit_cold_objects WHERE replaces = $1 AND (stored_at IS NOT NULL OR state = 'open')",
        &[],
    );
    match spi::find_row_with(&sql, &[parameter::uuid(manifest.object)], |row| row.uuid(1)) {
        Some(successor) => Err(Conflict::Superseded { object: manifest.object, successor }.into()),
        None => Ok(()),
    }
}

/// What the catalog has of the object that the manifest names as replaced.
fn replaced(storage: &Storage, manifest: &Manifest) -> Result<Option<Object>, Contention> {
    manifest.replaces.map_or(Ok(None), |replaced| Object::find(storage, replaced, STEP))
}

/// The released object that this one replaced, at once or by files in between that the catalog has lost.
fn former(storage: &Storage, manifest: &Manifest, replaced: Option<Object>) -> Result<Option<Object>, Error> {
    let is_lost = manifest.replaces.is_some() && replaced.is_none();
    match replaced {
        Some(object) if object.state == State::Released => {
            let fits = (object.workspace, object.month) == (manifest.workspace, manifest.month);
            return if fits { Ok(Some(object)) } else { Err(no_predecessor(&object)) };
        }
        Some(object) if !matches!(object.state, State::Condemned | State::Gone) => return Err(no_predecessor(&object)),
        _ => {}
    }
    match with_same_events(storage, manifest) {
        // The catalog knows all that came before an object which it did not adopt. So what it does not know came later.
        Some((released, false)) if is_lost => Ok(Object::find(storage, released, STEP)?),
        Some((released, _)) => Err(Conflict::SameEvents { object: manifest.object, released }.into()),
        None => Ok(None),
    }
}

fn no_predecessor(object: &Object) -> Error {
    Conflict::OtherMonth { parameter: "p_manifest.replaces", object: object.id }.into()
}

/// Where its events are in the order of their workspace, and how many.
fn content(manifest: &Manifest) -> [Parameter<'static>; 5] {
    let Manifest { event_count, first, last, .. } = manifest;
    [
        parameter::count(*event_count),
        parameter::time(first.created_at),
        parameter::uuid(first.id),
        parameter::time(last.created_at),
        parameter::uuid(last.id),
    ]
}

/// The released object that has them, and whether it was adopted.
fn with_same_events(storage: &Storage, manifest: &Manifest) -> Option<(Uuid, bool)> {
    let [count, first_time, first, last_time, last] = content(manifest);
    let (workspace, month) = (parameter::uuid(manifest.workspace), parameter::text(&manifest.month.as_date()));
    let sql = storage.fill(include_str!("../../sql/cold/same_events.sql"), &[]);
    let parameters = [workspace, month, count, first_time, first, last_time, last];
    spi::find_row_with(&sql, &parameters, |row| Some((row.uuid(1)?, row.bool(2)?)))
}

fn demand_not_in_database(storage: &Storage, manifest: &Manifest) -> Result<(), Conflict> {
    let [_, first_time, first, last_time, last] = content(manifest);
    let workspace = parameter::uuid(manifest.workspace);
    let sql = storage.fill(include_str!("../../sql/cold/in_database.sql"), &[]);
    let parameters = [workspace, first_time, first, last_time, last, parameter::texts(voucher::ACTIONS)];
    match spi::find_row_with(&sql, &parameters, |row| row.int8(1)) {
        Some(count @ 1..) => Err(Conflict::InDatabase { count: count as u64 }),
        _ => Ok(()),
    }
}

/// The object as the catalog knows it, or begun now.
fn opened(storage: &Storage, manifest: &Manifest, store: Store) -> Result<Object, Error> {
    let Manifest { workspace, month, object, replaces, .. } = *manifest;
    match Object::find(storage, object, STEP)? {
        Some(known) if known.store == store.as_str() => Ok(known),
        Some(known) => Err(Argument::new("p_store")
            .problem("is not where the catalog has the object")
            .hint(format!("Its store is {}.", known.store))
            .into()),
        None => begin::insert_as(storage, &Wanted { workspace, month, store, replaces, is_adopted: true }, object),
    }
}

/// The entry of the deletion log that tells of the release. It names the first object that held the events, and the file; after an erasure both are others.
fn release_entry(storage: &Storage, manifest: &Manifest) -> Option<Uuid> {
    let [count, oldest, _, newest, _] = content(manifest);
    let ids = [Some(manifest.object), manifest.replaces].into_iter().flatten().map(|id| id.to_string());
    let names = parameter::texts(ids.chain([hex(&manifest.file_sha256)]));
    let sql = storage.fill(include_str!("../../sql/cold/release_entry.sql"), &[]);
    let parameters = [parameter::uuid(manifest.workspace), count, oldest, newest, names];
    spi::find_row_with(&sql, &parameters, |row| row.uuid(1))
}

/// What the catalog had of the object that was replaced is of the adopted one.
fn take_over(storage: &Rc<Storage>, former: &Object, adopted: Uuid) -> Result<(), Error> {
    former.condemn(storage, &format!("replaced by object {adopted}"))?;
    let objects = [parameter::uuid(former.id), parameter::uuid(adopted)];
    {
        let _permit = storage.writing(COLD_LOANS)?;
        spi::count_with(&storage.fill(include_str!("../../sql/cold/hand_on_loans.sql"), &[]), &objects);
    }
    let _permit = storage.writing(COLD_ERASURES)?;
    spi::count_with(&storage.fill(include_str!("../../sql/cold/hand_on_erasures.sql"), &[]), &objects);
    let done = "UPDATE @extschema@.audit_cold_erasures SET is_done = true, done_at = pg_catalog.clock_timestamp(), event_count = 0 \
                WHERE object_id = $1 AND NOT is_done";
    spi::count_with(&storage.fill(done, &[]), &objects[..1]);
    Ok(())
}

/// Erasures that were logged since the month ended may not have reached the file. Earlier ones were done before its events left.
fn await_erasures(storage: &Storage, object: &Object) -> Result<(), Error> {
    let _permit = storage.writing(COLD_ERASURES)?;
    let end = object.month.plus(1).map_or(Timestamp::FUTURE, Month::start);
    let parameters = [parameter::uuid(object.id), parameter::uuid(object.workspace), parameter::time(end)];
    spi::count_with(&storage.fill(include_str!("../../sql/cold/await_erasures.sql"), &[]), &parameters);
    Ok(())
}
