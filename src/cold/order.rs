//! What an erasure or a purge orders of cold objects, in its own transaction.
//!
//! An erasure condemns the files that are being written: they may hold what is about to be erased, and their events are in the database or in the
//! object that they were to replace. It does so before it touches an event, so it meets a release of the same events at the object's row, and not
//! halfway. In each released object the erasure is pending, until the file was searched.
//!
//! A purge condemns released objects whose month is over and past its period. The lists of their releases tell which events they hold.

use std::collections::HashSet;

use audit_core::catalogue::{COLD_ERASURES, COLD_LOANS, COLD_OBJECTS};
use audit_core::ids::WorkspaceId;
use audit_core::month::Month;
use audit_core::tally::Tally;
use audit_core::time::Timestamp;
use uuid::Uuid;

use crate::deletion::removal::Removal;
use crate::error::Error;
use crate::interlock::Contention;
use crate::pg::spi::{self, Parameter, ResultRow};
use crate::pg::{lock, parameter, role};
use crate::record::system_event;
use crate::seal::deletions;
use crate::storage::{Interference, Storage};

/// Who condemns: user and role.
fn author(storage: &Storage) -> [Parameter<'static>; 2] {
    [parameter::uuid(system_event::actor(storage)), parameter::text(&role::name(role::session_user()))]
}

/// Takes row locks, waiting for steps of others for some seconds at most.
fn in_turn<T: Default>(what: &'static str, mut take: impl FnMut() -> T) -> Result<T, Contention> {
    let mut taken = T::default();
    match lock::with_patience(|| taken = take()) {
        true => Ok(taken),
        false => Err(Contention::Turn { what }),
    }
}

/// An erasure that has condemned the files under way and is not logged yet.
pub struct Erasing {
    workspace: WorkspaceId,
    condemned: Vec<Uuid>,
}

/// Condemns the open and stored objects of the workspace.
pub fn erasure(storage: &Storage, workspace: WorkspaceId) -> Result<Erasing, Error> {
    let lock = storage.fill(include_str!("../../sql/cold/lock_under_way.sql"), &[]);
    in_turn("erasing events", || spi::count_with(&lock, &[parameter::uuid(workspace)]))?;
    let sql = storage.fill(include_str!("../../sql/cold/condemn_under_way.sql"), &[]);
    let [user, role] = author(storage);
    let parameters = [
        parameter::uuid(workspace),
        user,
        role,
        parameter::text("a person's events were erased while the file was being written"),
    ];
    let _permit = storage.writing(COLD_OBJECTS)?;
    let condemned = spi::rows_with(&sql, &parameters, |row| row.uuid(1)).into_iter().flatten().collect();
    Ok(Erasing { workspace, condemned })
}

impl Erasing {
    /// The erasure has this entry, and is pending in the released objects. `about`: it is of events about the person, too.
    pub fn order(self, storage: &Storage, entry: Uuid, about: bool) -> Result<(), Error> {
        let sql = storage.fill(include_str!("../../sql/cold/order_erasure.sql"), &[]);
        let parameters = [
            parameter::uuid(self.workspace),
            parameter::uuid(entry),
            parameter::bool(about),
            parameter::uuids(self.condemned),
        ];
        let _permit = storage.writing(COLD_ERASURES)?;
        spi::count_with(&sql, &parameters);
        Ok(())
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

/// A purge that has taken events of objects and is not logged yet: how many of which.
pub struct Purging(Vec<(Uuid, u64)>);

/// Takes the released objects of the workspace whose month ended before this time. Events on loan count with the rows that hold them.
pub fn purge(
    storage: &Storage,
    workspace: WorkspaceId,
    before: Timestamp,
    removal: &mut Removal,
) -> Result<Purging, Error> {
    let sql = storage.fill(include_str!("../../sql/cold/expired.sql"), &[]);
    let parameters = [parameter::uuid(workspace), parameter::time(before)];
    let found = in_turn("purging events", || spi::rows_with(&sql, &parameters, expired))?;
    let mut taken = Vec::new();
    for object in found.into_iter().flatten() {
        taken.push((object.id, take(storage, &object, removal)?));
    }
    Ok(Purging(taken))
}

/// Takes the events of an object that are in its file only.
fn take(storage: &Storage, object: &Expired, removal: &mut Removal) -> Result<u64, Error> {
    let lent = end_loans(storage, object.id)?;
    let count = match object.list {
        None => object.event_count.saturating_sub(lent.len() as u64),
        Some(list) => {
            let mut count = 0;
            for listed in deletions::events(storage, list).filter(|listed| !lent.contains(&listed.id)) {
                removal.list(listed)?;
                count += 1;
            }
            count
        }
    };
    if count > 0 {
        removal.count(object.month, Tally { count, oldest: object.oldest, newest: object.newest });
    }
    Ok(count)
}

fn end_loans(storage: &Storage, object: Uuid) -> Result<HashSet<Uuid>, Error> {
    let sql = storage.fill(include_str!("../../sql/cold/end_loans.sql"), &[]);
    let _permit = storage.writing(COLD_LOANS)?;
    Ok(spi::rows_with(&sql, &[parameter::uuid(object)], |row| row.uuid(1)).into_iter().flatten().collect())
}

impl Purging {
    /// The purge has this entry; the files are condemned.
    pub fn order(self, storage: &Storage, entry: Uuid) -> Result<(), Error> {
        let condemn = storage.fill(include_str!("../../sql/cold/condemn_purged.sql"), &[]);
        let order = storage.fill(include_str!("../../sql/cold/order_purge.sql"), &[]);
        let [user, role] = author(storage);
        for (object, count) in self.0 {
            let permit = storage.writing(COLD_OBJECTS)?;
            if spi::count_with(&condemn, &[parameter::uuid(object), user, role]) != 1 {
                return Err(Interference::Suppressed { table: COLD_OBJECTS }.into());
            }
            drop(permit);
            let _permit = storage.writing(COLD_ERASURES)?;
            spi::count_with(&order, &[parameter::uuid(object), parameter::uuid(entry), parameter::count(count)]);
        }
        Ok(())
    }
}
