//! The archive: events that are past their workspace's hot period change sides, and come back when they are needed.
//!
//! A run looks at each hot partition that can hold something due ([`due`]). Where every workspace in a month archives by
//! months, and the month is over for all of them, the partition itself changes sides ([`month`]), which copies nothing.
//! Otherwise due events move in bounded batches ([`rows`]). Either way the deletion log gets one entry per workspace and
//! run ([`run`]). [`restore`] brings events back.
//!
//! Who waits for whom: runs exclude each other (the second does nothing), movers and erasers exclude each other
//! ([`crate::turns`]); those who record and read wait for none of it, but for the moment when a month changes sides.

pub mod due;
pub mod month;
pub mod restore;
pub mod rows;
pub mod run;

use pgrx::pg_sys::{Datum, Oid};

use crate::partition::Table;
use crate::pg::partitions::{Leaf, Partitions};
use crate::pg::relation::{self, AccessShareLock, Relation};
use crate::storage::Storage;

/// A partition of the hot table, with the times it can hold.
#[derive(Clone, Debug)]
pub struct HotLeaf {
    pub oid: Oid,
    /// Quoted for use in SQL.
    pub name: String,
    pub lower: i64,
    pub upper: i64,
    pub is_default: bool,
}

impl HotLeaf {
    pub fn is_empty(&self) -> bool {
        Relation::open(self.oid, AccessShareLock).is_none_or(|table| table.is_empty_file())
    }
}

/// The partitions of the hot table, the default one first, then from the oldest month on. None of them is locked.
pub fn hot_leaves(storage: &Storage) -> Vec<HotLeaf> {
    let Some(parent) = Relation::open(storage.table(Table::Events), AccessShareLock) else { return Vec::new() };
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
            Some(HotLeaf { oid: leaf.oid, name, lower: leaf.lower, upper: leaf.upper, is_default })
        })
        .collect()
}

/// A timestamptz as a parameter.
fn time(time: i64) -> Option<Datum> {
    Some(Datum::from(time))
}
