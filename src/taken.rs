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

/// Workspace, id and leaf, which is zeros for a row without key.
const LENGTH: usize = 16 + 16 + 32;

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

/// A guard lets this row go, or the row has been given a key.
pub fn note(row: &Columns) {
    with_leaves(|leaves, sorter| push(sorter, row, leaves.of(row)));
}

/// A guard lets this live event be erased. Gives what its key becomes; None where it has none.
pub fn note_erased(old: &Columns) -> Option<[u8; 48]> {
    with_leaves(|leaves, sorter| {
        let (key, leaf) = leaves.erased(old).unzip();
        push(sorter, old, leaf);
        key
    })
}

/// Without a collection nothing is noted.
fn with_leaves<R>(work: impl FnOnce(&mut Leaves, Option<&mut Sorter>) -> R) -> R {
    COLLECTED.with_borrow_mut(|collected| match collected {
        Some(Collected { sorter, leaves }) => work(leaves, Some(sorter)),
        None => work(&mut Leaves::new(), None),
    })
}

fn push(sorter: Option<&mut Sorter>, row: &Columns, leaf: Option<Hash>) {
    if let (Some(sorter), Some(workspace), Some(event)) = (sorter, row.workspace(), row.event()) {
        let mut noted = [0; LENGTH];
        noted[..16].copy_from_slice(workspace.0.as_bytes());
        noted[16..32].copy_from_slice(event.0.as_bytes());
        noted[32..].copy_from_slice(&leaf.map_or([0; 32], |leaf| leaf.0));
        sorter.push(&noted);
    }
}

fn read(row: &[u8]) -> (WorkspaceId, Listed) {
    let uuid = |place: usize| Uuid::from_slice(&row[place..place + 16]).unwrap_or_default();
    let leaf = Hash::from_slice(&row[32..]).filter(|leaf| leaf.0 != [0; 32]);
    (WorkspaceId(uuid(0)), Listed { id: uuid(16), leaf })
}
