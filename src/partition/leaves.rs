//! The partitions of one of the two tables, for work that goes through them one by one.

use audit_core::tier::Tier;
use pgrx::pg_sys::Oid;

use crate::pg::partitions::{Leaf, Partitions};
use crate::pg::relation::{self, AccessShareLock, Relation};
use crate::storage::Storage;

/// A partition, with the times it can hold.
#[derive(Clone, Debug)]
pub struct TableLeaf {
    pub oid: Oid,
    /// Quoted for use in SQL.
    pub name: String,
    pub lower: i64,
    pub upper: i64,
    pub is_default: bool,
}

impl TableLeaf {
    pub fn is_empty(&self) -> bool {
        Relation::open(self.oid, AccessShareLock).is_none_or(|table| table.is_empty_file())
    }
}

/// The default partition first, then from the oldest month on. None of them is locked.
pub fn of(storage: &Storage, tier: Tier) -> Vec<TableLeaf> {
    let Some(parent) = Relation::open(storage.table(tier), AccessShareLock) else { return Vec::new() };
    let partitions = Partitions::of(&parent);
    let default = partitions.default().map(|oid| Leaf { oid, lower: i64::MIN, upper: i64::MAX });
    let mut leaves: Vec<(Leaf, bool)> = partitions.newest_first().map(|leaf| (leaf, false)).collect();
    leaves.extend(default.map(|leaf| (leaf, true)));
    leaves
        .into_iter()
        .rev()
        .filter_map(|(leaf, is_default)| {
            let (_, name, _) = relation::describe(leaf.oid)?;
            let name = storage.qualified(&name);
            Some(TableLeaf { oid: leaf.oid, name, lower: leaf.lower, upper: leaf.upper, is_default })
        })
        .collect()
}
