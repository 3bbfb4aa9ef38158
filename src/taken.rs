//! What a removal takes: id and leaf hash of each row that the guards let it change or delete.
//!
//! Whoever removes rows begins to collect before the statement and reads what was collected after it. Between them lies SQL, so what is collected is
//! kept by the backend. It is sorted on disk, so memory does not grow with the number of rows.

use std::cell::RefCell;

use audit_core::ids::{EventId, WorkspaceId};
use audit_evidence::deletion::Listed;
use audit_evidence::hash::Hash;
use uuid::Uuid;

use crate::pg::sorter::Sorter;

thread_local! {
    static COLLECTED: RefCell<Option<Sorter>> = const { RefCell::new(None) };
}

/// Rows are collected while this value lives.
pub struct Collection(());

impl Collection {
    /// It must end before the call that began it does.
    pub fn begin() -> Collection {
        COLLECTED.replace(Some(Sorter::new()));
        Collection(())
    }

    /// What was collected, by workspace and id.
    pub fn in_order(self) -> impl Iterator<Item = (WorkspaceId, Listed)> {
        let mut sorted = COLLECTED.take().map(Sorter::sorted);
        std::iter::from_fn(move || sorted.as_mut()?.next(read))
    }
}

impl Drop for Collection {
    fn drop(&mut self) {
        COLLECTED.take();
    }
}

/// A guard lets this row go. It has no leaf if it has no key.
pub fn note(workspace: WorkspaceId, event: EventId, leaf: Option<Hash>) {
    COLLECTED.with_borrow_mut(|collected| {
        if let Some(sorter) = collected {
            let leaf = leaf.map_or([0; 32], |leaf| leaf.0);
            sorter.push(&[&workspace.0.as_bytes()[..], event.0.as_bytes(), &leaf].concat());
        }
    });
}

fn read(row: &[u8]) -> (WorkspaceId, Listed) {
    let uuid = |place: usize| Uuid::from_slice(&row[place..place + 16]).unwrap_or_default();
    let leaf = Hash::from_slice(&row[32..]).filter(|leaf| leaf.0 != [0; 32]);
    (WorkspaceId(uuid(0)), Listed { id: uuid(16), leaf })
}
