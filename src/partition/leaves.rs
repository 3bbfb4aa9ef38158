//! Lists the partitions of one tier, for work that goes through them one by one.

use audit_core::tier::Tier;
use audit_core::time::Timestamp;
use pgrx::pg_sys::Oid;

use crate::pg::partitions::{Leaf, Partitions};
use crate::pg::relation::{self, AccessShareLock, Relation};
use crate::storage::Storage;

/// A partition and its name.
#[derive(Clone, Debug)]
pub struct TableLeaf {
    pub partition: Leaf,
    /// Quoted for use in SQL.
    pub name: String,
}

impl TableLeaf {
    pub fn oid(&self) -> Oid {
        self.partition.oid()
    }

    /// All times in it are this one or later.
    pub fn lower(&self) -> Timestamp {
        self.partition.lower()
    }

    pub fn is_empty(&self) -> bool {
        Relation::open(self.oid(), AccessShareLock).is_none_or(|table| table.is_empty_file())
    }
}

/// The default partition first, then from the oldest month on. None of them is locked.
pub fn of(storage: &Storage, tier: Tier) -> Vec<TableLeaf> {
    let Some(parent) = Relation::open(storage.table(tier), AccessShareLock) else { return Vec::new() };
    let partitions = Partitions::of(&parent);
    let mut leaves: Vec<Leaf> = partitions.newest_first().map(Leaf::Month).collect();
    leaves.extend(partitions.default());
    leaves
        .into_iter()
        .rev()
        .filter_map(|partition| {
            let (_, name, _) = relation::describe(partition.oid())?;
            Some(TableLeaf { partition, name: storage.qualified(&name) })
        })
        .collect()
}

/// As [`of`], those that may hold events from one time to another, both included, and have any.
pub fn over(storage: &Storage, tier: Tier, from: Timestamp, to: Timestamp) -> Vec<TableLeaf> {
    let overlaps = |leaf: &TableLeaf| leaf.lower() <= to && leaf.partition.upper() > from && !leaf.is_empty();
    of(storage, tier).into_iter().filter(overlaps).collect()
}
