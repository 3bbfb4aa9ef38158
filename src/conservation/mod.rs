//! Events are conserved: an event may change sides between the hot table and the archive; it may not vanish or change.
//!
//! Every row that leaves one side is noted here (its key and a fingerprint of its content) until it has been found *stored*
//! on the other. What triggers see proposed proves nothing: ON CONFLICT DO NOTHING onto a twin, or somebody's later
//! trigger, would make the genuine row vanish without an error. So at the end of every statement that lets events
//! leave, each is looked up where it should be now, and one that is missing or changed fails the statement;
//! before commit the notes must be empty.
//!
//! Notes follow savepoints: those made in a savepoint that is rolled back are dropped with it. A note made before a savepoint and
//! settled within it is kept, because the arrival may yet be undone; it is settled again outside.

mod finder;

use std::cell::RefCell;
use std::collections::HashMap;

use audit_core::event::column::Column;
use audit_core::ids::{EventId, UserId, WorkspaceId};
use audit_core::report::{IntoReport, Report};
use audit_core::sqlstate::SqlState;
use audit_core::tally::{Tallies, Tally};
use audit_core::tier::Tier;
use audit_core::time::Timestamp;
use pgrx::pg_sys::{Oid, SubTransactionId};
use uuid::Uuid;

use crate::error::Error;
use crate::event::fingerprint::fingerprint;
use crate::event::row::Columns;
use crate::pg::callbacks::Hooks;
use crate::pg::datum::Datum;
use crate::pg::{datum, raise, subtransaction};
use crate::storage::Storage;

pub use finder::EventKey;
use finder::Finder;

/// An event that has left one tier and must be found in the other.
struct Note {
    left: Tier,
    workspace: WorkspaceId,
    created_at: Timestamp,
    fingerprint: u64,
    unnamed: Option<Box<Unnamed>>,
    subtransaction: SubTransactionId,
}

/// An event left one tier and was not found unchanged in the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotConserved {
    pub event: EventId,
}

impl IntoReport for NotConserved {
    fn report(&self) -> Report {
        Report::new(SqlState::RestrictViolation, "Audit events are immutable")
            .detail(format!("Event {} left its table and was not stored unchanged in the other one.", self.event))
            .hint("Bring archived events back with restore_audit_events(); removing them takes purge_expired_audit_events().")
    }
}

/// What comes back from the archive with an event although the statement need not name it: its soft deletion, and what its seal needs.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Unnamed {
    deleted_at: Option<Timestamp>,
    deleted_by: Option<UserId>,
    deletion_reason: Option<Vec<u8>>,
    seal_key: Option<Vec<u8>>,
    seal_xid: Option<i64>,
}

impl Unnamed {
    fn of(columns: &Columns) -> Unnamed {
        Unnamed {
            deleted_at: columns.time(Column::DeletedAt),
            deleted_by: columns.uuid(Column::DeletedByUserId).map(UserId),
            deletion_reason: columns.bytes(Column::DeletionReason).map(<[u8]>::to_vec),
            seal_key: columns.bytes(Column::SealKey).map(<[u8]>::to_vec),
            seal_xid: columns.value(Column::SealXid).map(datum::read_int8),
        }
    }

    /// As values for its columns, in the current memory context.
    pub fn columns(&self) -> [(Column, Option<Datum<'static>>); 5] {
        [
            (Column::DeletedAt, self.deleted_at.map(datum::from_time)),
            (Column::DeletedByUserId, self.deleted_by.map(|by| datum::from_uuid(&by.0))),
            (Column::DeletionReason, self.deletion_reason.as_deref().map(datum::from_text)),
            (Column::SealKey, self.seal_key.as_deref().map(datum::from_bytes)),
            (Column::SealXid, self.seal_xid.map(datum::from_int8)),
        ]
    }
}

thread_local! {
    /// Statements that take events from the archive: how deep in triggers they run, and in which savepoint.
    static STATEMENTS: RefCell<Vec<(i32, SubTransactionId)>> = RefCell::default();
}

/// A statement begins that takes rows from the archive; its row triggers run at this level.
pub fn statement_begins(trigger_level: i32) {
    let here = subtransaction::current();
    STATEMENTS.with_borrow_mut(|statements| statements.push((trigger_level, here)));
}

/// The statement that began last at this level has ended.
pub fn statement_ends(trigger_level: i32) {
    STATEMENTS.with_borrow_mut(|statements| {
        if let Some(position) = statements.iter().rposition(|(level, _)| *level == trigger_level) {
            statements.remove(position);
        }
    });
}

/// Whether a row trigger at this level belongs to such a statement.
pub fn statement_is_open(trigger_level: i32) -> bool {
    STATEMENTS.with_borrow(|statements| statements.iter().any(|(level, _)| *level == trigger_level))
}

/// Room for notes that is kept from one transaction to the next.
const KEPT_CAPACITY: usize = 1024;

thread_local! {
    static NOTES: RefCell<HashMap<EventId, Note>> = RefCell::default();
}

impl Note {
    fn key(&self, id: EventId) -> EventKey {
        EventKey { workspace: self.workspace, created_at: self.created_at, id }
    }
}

/// Notes an event that a guard lets leave.
pub fn leaves(left: Tier, columns: &Columns) -> Result<(), NotConserved> {
    let EventKey { workspace, created_at, id } =
        EventKey::of(columns).ok_or(NotConserved { event: EventId(Uuid::nil()) })?;
    let note = Note {
        left,
        workspace,
        created_at,
        fingerprint: fingerprint(columns),
        // A run of the archive names all columns.
        unnamed: (left == Tier::Archive).then(|| Box::new(Unnamed::of(columns))),
        subtransaction: subtransaction::current(),
    };
    // An event that is under way already would have to be in two places.
    match NOTES.with_borrow_mut(|notes| notes.insert(id, note)) {
        None => Ok(()),
        Some(_) => Err(NotConserved { event: id }),
    }
}

/// What a proposed row must get if it is an event that comes back from the archive; asked by the trigger of the table. It has the workspace and the time
/// of that event, too, so that there can be one such row. Whether it is the same event is checked when it is stored ([`settle`]).
pub fn arrives(columns: &Columns) -> Option<Unnamed> {
    NOTES.with_borrow(|notes| {
        if notes.is_empty() {
            return None;
        }
        let key = EventKey::of(columns)?;
        let note = notes.get(&key.id).filter(|note| note.key(key.id) == key)?;
        note.unnamed.as_deref().cloned()
    })
}

/// Whether this event has left the other tier.
pub fn is_arriving(at: Tier, columns: &Columns) -> bool {
    NOTES.with_borrow(|notes| {
        let key = (!notes.is_empty()).then(|| EventKey::of(columns)).flatten();
        key.is_some_and(|key| notes.get(&key.id).is_some_and(|note| note.left != at && note.key(key.id) == key))
    })
}

/// Checks that every event that has left `left` is stored unchanged in the other tier. Returns how many events moved.
pub fn settle(storage: &Storage, left: Tier) -> Result<Tallies, Error> {
    let mut moved = Tallies::default();
    let mut finder = Finder::on(storage, left.other())?;
    let mut settled: Vec<(Option<Oid>, EventKey, u64)> = NOTES.with_borrow(|notes| {
        let leaving = notes.iter().filter(|(_, note)| note.left == left);
        leaving.map(|(id, note)| (finder.month_of(note.created_at), note.key(*id), note.fingerprint)).collect()
    });
    // In the order of the index that they are found by.
    settled.sort_unstable_by_key(|(month, key, _)| (month.map(Oid::to_u32), *key));
    for (month, key, fingerprint) in &settled {
        if finder.fingerprint_of(*month, *key)? != Some(*fingerprint) {
            return Err(NotConserved { event: key.id }.into());
        }
        moved.add(key.workspace, Tally::one(key.created_at));
    }
    let here = subtransaction::current();
    NOTES.with_borrow_mut(|notes| {
        for (_, EventKey { id, .. }, _) in &settled {
            if notes.get(id).is_some_and(|note| note.subtransaction == here) {
                notes.remove(id);
            }
        }
    });
    Ok(moved)
}

/// The events that have left `left` and are not settled.
pub fn under_way(left: Tier) -> Vec<EventKey> {
    NOTES.with_borrow(|notes| {
        let leaving = notes.iter().filter(|(_, note)| note.left == left);
        leaving.map(|(id, note)| note.key(*id)).collect()
    })
}

pub const HOOKS: Hooks = Hooks {
    rolled_back_to: forget_since,
    released: hand_over,
    before_commit: refuse_commit_while_under_way,
    ended: forget,
    ..Hooks::NONE
};

/// Raises if an event is still under way. Statements settle what they let leave, so this never happens unless somebody has
/// tampered with the triggers.
fn refuse_commit_while_under_way() {
    if let Some(event) = NOTES.with_borrow(|notes| notes.keys().next().copied()) {
        raise::raise(&NotConserved { event }.report());
    }
}

/// A savepoint was rolled back, and with it the removal of events.
fn forget_since(subtransaction: SubTransactionId) {
    NOTES.with_borrow_mut(|notes| {
        if !notes.is_empty() {
            notes.retain(|_, note| note.subtransaction < subtransaction);
        }
    });
    STATEMENTS.with_borrow_mut(|statements| statements.retain(|(_, began_in)| *began_in < subtransaction));
}

/// A savepoint was released: its notes belong to the parent now.
fn hand_over(subtransaction: SubTransactionId, parent: SubTransactionId) {
    NOTES.with_borrow_mut(|notes| {
        for note in notes.values_mut().filter(|note| note.subtransaction == subtransaction) {
            note.subtransaction = parent;
        }
    });
    STATEMENTS.with_borrow_mut(|statements| {
        for (_, began_in) in statements.iter_mut().filter(|(_, began_in)| *began_in == subtransaction) {
            *began_in = parent;
        }
    });
}

/// The transaction is over.
fn forget() {
    NOTES.with_borrow_mut(|notes| {
        notes.clear();
        notes.shrink_to(KEPT_CAPACITY);
    });
    STATEMENTS.with_borrow_mut(Vec::clear);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn note(subtransaction: SubTransactionId) -> Note {
        let created_at = Timestamp::UNIX_EPOCH;
        Note {
            left: Tier::Archive,
            workspace: WorkspaceId(Uuid::nil()),
            created_at,
            fingerprint: 0,
            unnamed: None,
            subtransaction,
        }
    }

    #[test]
    fn notes_follow_savepoints() {
        forget();
        NOTES.with_borrow_mut(|notes| {
            (1..=4).for_each(|n| drop(notes.insert(EventId(Uuid::from_u128(n)), note(n as u32))))
        });
        hand_over(4, 2);
        forget_since(3);
        let mut left: Vec<_> = under_way(Tier::Archive).into_iter().map(|key| key.id.0.as_u128()).collect();
        left.sort_unstable();
        assert_eq!(left, [1, 2, 4], "3 was rolled back; 4 went to 2, which stands");
        forget_since(2);
        assert_eq!(under_way(Tier::Archive).len(), 1);
        forget();
        assert!(under_way(Tier::Archive).is_empty());
    }
}
