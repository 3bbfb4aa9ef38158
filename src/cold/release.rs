//! The events of a stored object leave the database.
//!
//! The file was read back, and its digests are known. What is believed is not the file but the database's own rows, now: they are read in the order of
//! the key, cut as the object is cut, and each chunk must have the digest that the catalog has. Then exactly these rows go, under a permit, listed
//! and logged as a purge does it. Nobody moves or changes archived events meanwhile ([`crate::interlock`]).

use std::rc::Rc;

use audit_core::cold::conflict::Conflict;
use audit_core::cold::content::Comparison;
use audit_core::cold::obstacle;
use audit_core::cold::refusal::StepError;
use audit_core::cold::state::State;
use audit_core::deletion::authorised::{Approval, Authorised, ColdRelease};
use audit_core::deletion::grounds::Grounds;
use audit_core::deletion::voucher;
use audit_core::tier::Tier;
use uuid::Uuid;

use super::archived::{self, Found};
use super::object::Object;
use super::order;
use super::rows::Window;
use super::stored::{self, Content, workspace_of};
use crate::deletion::log::{COLD, Entry};
use crate::deletion::removal::Removal;
use crate::deletion::{Done, authorise};
use crate::error::Error;
use crate::partition::leaves;
use crate::permit::{Breach, Purpose};
use crate::pg::call::{Answer, Call};
use crate::pg::{clock, parameter};
use crate::policy::policy_of;
use crate::sequence;
use crate::storage::Storage;

const RELEASING: &str = "releasing a cold object";

/// `release_audit_cold_object(p_object_id, p_authority, p_approval_ticket_id)`.
pub fn call(call: &Call) -> Result<Answer, Error> {
    stored::demand_current_view(RELEASING)?;
    let storage = Storage::of(call)?;
    let (object, workspace) = workspace_of(&storage, call.uuid(0))?;
    let grounds = Grounds::parse(call.text(1), call.text(2), None)?;
    let authorised = authorise::cold_release(&storage, workspace, grounds, &Approval::Direct)?;
    Ok(release(&storage, &authorised, object, None)?.answer(call))
}

/// Releases all stored objects of a workspace, for a request that was approved. Gives how many events left, and the entry of the last object.
pub fn execute(storage: &Rc<Storage>, authorised: &Authorised<ColdRelease>, request: Uuid) -> Result<Done, Error> {
    stored::demand_current_view(RELEASING)?;
    let workspace = authorised.workspace();
    let mut done: Option<Done> = None;
    for object in order::lock_stored(storage, workspace, RELEASING)? {
        let released = release(storage, authorised, object, Some(request))?;
        done = Some(Done { count: released.count + done.map_or(0, |done| done.count), entry: released.entry });
    }
    Ok(done.ok_or(StepError::NothingStored { workspace: workspace.0 })?)
}

fn release(
    storage: &Rc<Storage>,
    authorised: &Authorised<ColdRelease>,
    object: Uuid,
    request: Option<Uuid>,
) -> Result<Done, Error> {
    let object = stored::locked(storage, object, RELEASING)?;
    let content = stored::content(storage, &object, State::Stored)?;
    if let Some(replaces) = object.replaces {
        return Err(StepError::IsSuccessor { object: object.id, replaces }.into());
    }
    // The policy may have changed since the month was exported.
    let terms = policy_of(storage, object.workspace).terms;
    if let Some(obstacle) = obstacle::of_policy(&terms, object.month, clock::now()) {
        return Err(Conflict::Blocked { month: object.month, obstacle }.into());
    }
    stored::demand_sound_file(storage, &object)?;
    let window = content.window;
    let chunks = stored::chunks(storage, &object);
    let mut comparison = Comparison::with(object.id, &chunks);
    let found = archived::chunks(storage, window, |chunk| Ok(comparison.next(chunk)?))?;
    let count = comparison.finish()?;
    let removal = remove(storage, window, &found)?;
    if removal.total() != count {
        return Err(Breach::Surplus { table: Tier::Archive.table().to_owned() }.into());
    }
    let done = removal.log(storage, entry(authorised, &object, &content))?;
    object.release(storage, Some(done.entry), request)?;
    if let Some(newest) = found.newest {
        sequence::keep_order_without(storage, window.workspace, newest)?;
    }
    Ok(done)
}

fn remove<'a>(storage: &'a Rc<Storage>, window: Window, found: &Found) -> Result<Removal<'a>, Error> {
    let Window { workspace, first, last } = window;
    let parameters = [
        parameter::uuid(workspace),
        parameter::time(first.0),
        parameter::uuid(first.1.0),
        parameter::time(last.0),
        parameter::uuid(last.1.0),
        parameter::uuids(found.too_large.iter().copied()),
        parameter::texts(voucher::ACTIONS),
    ];
    let mut removal = Removal::begin_as_sealed(storage, workspace);
    for leaf in leaves::over(storage, Tier::Archive, first.0, last.0) {
        let sql = storage.fill(include_str!("../../sql/cold/release.sql"), &[("leaf", leaf.name.clone())]);
        removal.run(Purpose::Cold { workspace, from: first.0, to: last.0 }, &leaf.name, &sql, &parameters)?;
    }
    Ok(removal)
}

fn entry(authorised: &Authorised<ColdRelease>, object: &Object, content: &Content) -> Entry {
    Entry {
        reason: format!("released to cold storage: object {}, file_sha256 {}", object.id, content.file_sha256),
        is_irrevocable: false,
        kind: Some(COLD),
        ..Entry::of_removal(authorised, None, clock::now())
    }
}
