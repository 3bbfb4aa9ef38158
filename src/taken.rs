//! What a removal takes: id and leaf hash of each row that the guards let it change or delete.
//!
//! Whoever removes rows begins to collect before the statement and reads what was collected after it. Between them lies SQL, so what is collected is
//! kept by the backend. It is sorted on disk, so memory does not grow with the number of rows.

use std::cell::RefCell;

use audit_core::ids::WorkspaceId;
use audit_evidence::deletion::Listed;
use audit_evidence::hash::Hash;
use uuid::Uuid;

use crate::event::leaf::Leaves;
use crate::event::row::Columns;
use crate::pg::sorter::Sorter;

struct Collected {
    sorter: Sorter,
    leaves: Leaves,
}

thread_local! {
    static COLLECTED: RefCell<Option<Collected>> = const { RefCell::new(None) };
}

/// Rows are collected while this value lives.
pub struct Collection(());

impl Collection {
    /// It must end before the call that began it does.
    pub fn begin() -> Collection {
        COLLECTED.replace(Some(Collected { sorter: Sorter::new(), leaves: Leaves::new() }));
        Collection(())
    }

    /// What was collected, by workspace and id.
    pub fn in_order(self) -> impl Iterator<Item = (WorkspaceId, Listed)> {
        let mut sorted = COLLECTED.take().map(|collected| collected.sorter.sorted());
        std::iter::from_fn(move || sorted.as_mut()?.next(read))
    }
}

impl Drop for Collection {
    fn drop(&mut self) {
        COLLECTED.take();
    }
}

/// A guard lets this row go; an erased one is given as it will be stored.
pub fn note(row: &Columns) {
    COLLECTED.with_borrow_mut(|collected| {
        if let (Some(collected), Some(workspace), Some(event)) = (collected, row.workspace(), row.event()) {
            let leaf = collected.leaves.of(row).map_or([0; 32], |leaf| leaf.0);
            collected.sorter.push(&[&workspace.0.as_bytes()[..], event.0.as_bytes(), &leaf].concat());
        }
    });
}

fn read(row: &[u8]) -> (WorkspaceId, Listed) {
    let uuid = |place: usize| Uuid::from_slice(&row[place..place + 16]).unwrap_or_default();
    let leaf = Hash::from_slice(&row[32..]).filter(|leaf| leaf.0 != [0; 32]);
    (WorkspaceId(uuid(0)), Listed { id: uuid(16), leaf })
}
