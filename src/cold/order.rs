//! What an erasure or a purge orders of cold objects, in its own transaction.
//!
//! An erasure locks all live objects of the workspace before it touches an event, so it meets a release, a search or a replacement at the object's
//! row and not halfway. It condemns the files that are written from the archive and not released: they hold what is about to be erased, and the
//! database has their events. In each released object it is pending, until the file was searched, and what was found in it before counts no more. A
//! successor under way needs nothing: its predecessor is to be searched again, and [`super::replace`] refuses what does not fit that.
//!
//! A purge condemns released objects whose month is over and past its period, and what was begun to replace them. The lists of their releases tell which
//! events they hold. It also condemns files that are not released and hold what it took from the archive.
//!
//! Files that were condemned before, and are not known to be gone, may hold the same events. So erasures and purges are complete only when these are
//! gone, too.

use std::collections::HashSet;
use std::rc::Rc;

use audit_core::catalogue::{COLD_ERASURES, COLD_LOANS};
use audit_core::ids::WorkspaceId;
use audit_core::month::Month;
use audit_core::tally::Tally;
use audit_core::time::Timestamp;
use uuid::Uuid;

use super::object::Object;
use crate::deletion::removal::Removal;
use crate::error::Error;
use crate::hold;
use crate::interlock::Contention;
use crate::pg::spi::{self, ResultRow};
use crate::pg::{lock, parameter};
use crate::seal::deletions;
use crate::storage::Storage;

const ERASING: &str = "erasing events that may be in cold storage";
const PURGING: &str = "purging events that are in cold storage";

/// Takes row locks, waiting for steps of others for some seconds at most.
fn in_turn<T: Default>(what: &'static str, mut take: impl FnMut() -> T) -> Result<T, Contention> {
    let mut taken = T::default();
    match lock::with_patience(|| taken = take()) {
        true => Ok(taken),
        false => Err(Contention::Turn { what }),
    }
}

fn condemn(storage: &Rc<Storage>, object: Uuid, reason: &str) -> Result<(), Error> {
    Object::locked(storage, "p_object_id", Some(object))?.condemn(storage, reason)
}

/// An erasure that has condemned the files under way and is not logged yet.
pub struct Erasing {
    workspace: WorkspaceId,
}

/// An object that is not released: its file is being written, or was read back.
struct UnderWay {
    id: Uuid,
    replaces: Option<Uuid>,
}

/// Locks the live objects of the workspace, and gives those that are not released.
fn lock_live(storage: &Storage, workspace: WorkspaceId, what: &'static str) -> Result<Vec<UnderWay>, Contention> {
    let sql = storage.fill(include_str!("../../sql/cold/lock_live.sql"), &[]);
    let read = |row: ResultRow| Some((UnderWay { id: row.uuid(1)?, replaces: row.uuid(3) }, row.bool(2)?));
    let live = in_turn(what, || spi::rows_with(&sql, &[parameter::uuid(workspace)], read))?;
    Ok(live.into_iter().flatten().filter_map(|(object, is_under_way)| is_under_way.then_some(object)).collect())
}

/// Locks the live objects of all these workspaces.
pub fn lock_live_of_all(storage: &Storage, workspaces: &[WorkspaceId]) -> Result<(), Contention> {
    let sql = storage.fill(include_str!("../../sql/cold/lock_live_of_all.sql"), &[]);
    in_turn(ERASING, || spi::count_with(&sql, &[parameter::uuids(workspaces.iter().copied())])).map(drop)
}

/// Locks the released objects of the workspace.
pub fn lock_released(storage: &Storage, workspace: WorkspaceId, what: &'static str) -> Result<(), Contention> {
    let sql = storage.fill(include_str!("../../sql/cold/lock_released.sql"), &[]);
    in_turn(what, || spi::count_with(&sql, &[parameter::uuid(workspace)])).map(drop)
}

/// Locks the stored objects of the workspace, and gives them in the order of their months.
pub fn lock_stored(storage: &Storage, workspace: WorkspaceId, what: &'static str) -> Result<Vec<Uuid>, Contention> {
    let sql = storage.fill(include_str!("../../sql/cold/lock_stored.sql"), &[]);
    let read = |row: ResultRow| Some((row.time(2)?, row.uuid(1)?));
    let stored = in_turn(what, || spi::rows_with(&sql, &[parameter::uuid(workspace)], read))?;
    let mut stored: Vec<(Timestamp, Uuid)> = stored.into_iter().flatten().collect();
    stored.sort_unstable();
    Ok(stored.into_iter().map(|(_, object)| object).collect())
}

/// Locks the objects of the workspace, and condemns those that are written from the archive and not released.
pub fn erasure(storage: &Rc<Storage>, workspace: WorkspaceId) -> Result<Erasing, Error> {
    for object in lock_live(storage, workspace, ERASING)?.into_iter().filter(|object| object.replaces.is_none()) {
        condemn(storage, object.id, "a person's events were erased before they were released")?;
    }
    Ok(Erasing { workspace })
}

impl Erasing {
    /// The erasure has this entry. It is pending in the released objects, and waits for condemned files to go. `about`: it is of events about the person, too.
    pub fn order(self, storage: &Storage, entry: Uuid, about: bool) -> Result<(), Error> {
        let [workspace, entry] = [parameter::uuid(self.workspace), parameter::uuid(entry)];
        let permit = storage.writing(COLD_ERASURES)?;
        let order = storage.fill(include_str!("../../sql/cold/order_erasure.sql"), &[]);
        spi::count_with(&order, &[workspace, entry, parameter::bool(about)]);
        drop(permit);
        hold::forget_searches(storage, self.workspace)?;
        // A transaction with an old snapshot does not see objects that came later.
        let check = storage.fill(include_str!("../../sql/cold/all_ordered.sql"), &[]);
        match spi::find_row_as_committed(&check, &[workspace, entry], |row| row.bool(1)) {
            Some(true) => Ok(()),
            _ => Err(Contention::Turn { what: ERASING }.into()),
        }
    }
}

/// A released object that a purge takes.
struct Expired {
    id: Uuid,
    month: Month,
    event_count: u64,
    oldest: Timestamp,
    newest: Timestamp,
    /// None where the catalog had lost the object with its entry.
    list: Option<Uuid>,
}

fn expired(row: ResultRow) -> Option<Expired> {
    Some(Expired {
        id: row.uuid(1)?,
        month: Month::new(row.int4(2)?, row.int4(3)?)?,
        event_count: row.int8(4)? as u64,
        oldest: row.time(5)?,
        newest: row.time(6)?,
        list: row.uuid(7),
    })
}

/// A released object that a purge took, and how many events that were in its file only.
struct Taken {
    id: Uuid,
    month: Month,
    count: u64,
}

/// A purge that is not logged yet.
pub struct Purging {
    workspace: WorkspaceId,
    under_way: Vec<UnderWay>,
    taken: Vec<Taken>,
}

/// Locks the objects of the workspace.
pub fn purge(storage: &Storage, workspace: WorkspaceId) -> Result<Purging, Error> {
    Ok(Purging { workspace, under_way: lock_live(storage, workspace, PURGING)?, taken: Vec::new() })
}

/// The released objects of the workspace whose month ended before this time.
fn expired_before(storage: &Storage, workspace: WorkspaceId, before: Timestamp) -> Vec<Expired> {
    let sql = storage.fill(include_str!("../../sql/cold/expired.sql"), &[]);
    let parameters = [parameter::uuid(workspace), parameter::time(before)];
    spi::rows_with(&sql, &parameters, expired).into_iter().flatten().collect()
}

/// Takes the events of an object that are in its file only. The entry of the purge counts those that it lists. Where the catalog has lost the list of an
/// object, the row of its erasure alone says how many they were.
fn take(storage: &Storage, object: &Expired, removal: &mut Removal) -> Result<u64, Error> {
    let lent = end_loans(storage, object.id)?;
    let Some(list) = object.list else { return Ok(object.event_count.saturating_sub(lent.len() as u64)) };
    let mut count = 0;
    for listed in deletions::events(storage, list).filter(|listed| !lent.contains(&listed.id)) {
        removal.list(listed)?;
        count += 1;
    }
    if count > 0 {
        removal.count(object.month, Tally { count, oldest: object.oldest, newest: object.newest });
    }
    Ok(count)
}

/// How much of a file is in a list of events.
#[derive(PartialEq)]
enum Share {
    Nothing,
    Part,
    Whole,
}

/// Without the list of its release nobody can tell what is in a file: it may be a part.
fn in_file(storage: &Storage, object: &Expired, events: &HashSet<Uuid>) -> Share {
    let Some(list) = object.list else { return Share::Part };
    let (mut listed, mut others) = (false, false);
    for event in deletions::events(storage, list) {
        match events.contains(&event.id) {
            true => listed = true,
            false => others = true,
        }
    }
    match (listed, others) {
        (false, _) => Share::Nothing,
        (true, true) => Share::Part,
        (true, false) => Share::Whole,
    }
}

fn released(storage: &Storage, workspace: WorkspaceId) -> Vec<Expired> {
    expired_before(storage, workspace, Timestamp::FUTURE)
}

/// Whether a released file of the workspace holds some of these events, and others.
pub fn is_shared(storage: &Storage, workspace: WorkspaceId, events: &HashSet<Uuid>) -> bool {
    released(storage, workspace).iter().any(|object| in_file(storage, object, events) == Share::Part)
}

fn end_loans(storage: &Storage, object: Uuid) -> Result<HashSet<Uuid>, Error> {
    let sql = storage.fill(include_str!("../../sql/cold/end_loans.sql"), &[]);
    let _permit = storage.writing(COLD_LOANS)?;
    Ok(spi::rows_with(&sql, &[parameter::uuid(object)], |row| row.uuid(1)).into_iter().flatten().collect())
}

impl Purging {
    /// Takes the released objects whose month ended before this time. Events on loan count with the rows that hold them.
    pub fn take_released(&mut self, storage: &Storage, before: Timestamp, removal: &mut Removal) -> Result<(), Error> {
        for object in expired_before(storage, self.workspace, before) {
            let count = take(storage, &object, removal)?;
            self.taken.push(Taken { id: object.id, month: object.month, count });
        }
        Ok(())
    }

    /// Takes the released objects whose every event was purged before, by another copy of this database: their files hold nothing else.
    pub fn take_listed(
        &mut self,
        storage: &Storage,
        purged: &HashSet<Uuid>,
        removal: &mut Removal,
    ) -> Result<(), Error> {
        for object in released(storage, self.workspace) {
            if in_file(storage, &object, purged) == Share::Whole {
                let count = take(storage, &object, removal)?;
                self.taken.push(Taken { id: object.id, month: object.month, count });
            }
        }
        Ok(())
    }

    /// The purge has this entry and took events of these months; the files are condemned.
    pub fn order(self, storage: &Rc<Storage>, entry: Uuid, months: &[Month]) -> Result<(), Error> {
        for object in self.under_way {
            let is_of_taken = self.taken.iter().any(|taken| object.replaces == Some(taken.id));
            let object = Object::locked(storage, "p_object_id", Some(object.id))?;
            let reason = match is_of_taken {
                true => "events of the object that it was to replace were purged",
                false => "events of its month were purged before they were released",
            };
            if is_of_taken || object.replaces.is_none() && months.contains(&object.month) {
                object.condemn(storage, reason)?;
                order_purge(storage, object.id, entry, 0)?;
            }
        }
        for taken in &self.taken {
            condemn(storage, taken.id, "its events were purged")?;
            order_purge(storage, taken.id, entry, taken.count)?;
        }
        let months: Vec<Month> = months.iter().copied().chain(self.taken.iter().map(|taken| taken.month)).collect();
        await_condemned(storage, self.workspace, &months, entry)
    }
}

/// The purge is complete when the files of these months are gone that were condemned before it.
pub fn await_condemned(storage: &Storage, workspace: WorkspaceId, months: &[Month], entry: Uuid) -> Result<(), Error> {
    condemned_before(storage, workspace, months, entry)
        .into_iter()
        .try_for_each(|object| order_purge(storage, object, entry, 0))
}

/// Objects that were condemned before a purge of these months, and whose files may be there still.
fn condemned_before(storage: &Storage, workspace: WorkspaceId, months: &[Month], entry: Uuid) -> Vec<Uuid> {
    let sql = storage.fill(include_str!("../../sql/cold/condemned.sql"), &[]);
    let months = parameter::texts(months.iter().map(|month| month.as_date()));
    let parameters = [parameter::uuid(workspace), months, parameter::uuid(entry)];
    spi::rows_with(&sql, &parameters, |row| row.uuid(1)).into_iter().flatten().collect()
}

fn order_purge(storage: &Storage, object: Uuid, entry: Uuid, count: u64) -> Result<(), Error> {
    let sql = storage.fill(include_str!("../../sql/cold/order_purge.sql"), &[]);
    let _permit = storage.writing(COLD_ERASURES)?;
    spi::count_with(&sql, &[parameter::uuid(object), parameter::uuid(entry), parameter::count(count)]);
    Ok(())
}
