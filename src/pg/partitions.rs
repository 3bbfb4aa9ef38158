//! The partitions of a range-partitioned table, read where Postgres keeps them sorted: finding one costs the same
//! with three months as with three hundred.

use pgrx::pg_sys;

use super::relation::Relation;

/// One month's table: holds times from `lower` up to, not including, `upper` (Postgres' microseconds).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Leaf {
    pub oid: pg_sys::Oid,
    pub lower: i64,
    pub upper: i64,
}

/// Borrowed from the open parent; good as long as the parent stays open and locked.
pub struct Partitions<'a> {
    description: &'a pg_sys::PartitionDescData,
    bounds: Option<&'a pg_sys::PartitionBoundInfoData>,
}

impl<'a> Partitions<'a> {
    pub fn of(parent: &'a Relation) -> Partitions<'a> {
        // SAFETY: the descriptor is kept while the relation is open.
        unsafe {
            let description = &*pg_sys::RelationGetPartitionDesc(parent.raw(), true);
            Partitions { description, bounds: description.boundinfo.as_ref() }
        }
    }

    /// The DEFAULT partition.
    pub fn default(&self) -> Option<pg_sys::Oid> {
        let bounds = self.bounds?;
        // SAFETY: default_index points into oids, or is -1.
        (bounds.default_index >= 0)
            .then(|| unsafe { *self.description.oids.add(bounds.default_index as usize) })
    }

    /// From the newest to the oldest month.
    pub fn newest_first(&self) -> impl Iterator<Item = Leaf> + use<'a> {
        let (description, bounds) = (self.description, self.bounds);
        let ranges = bounds.map_or(0, |b| b.nindexes as usize);
        (0..ranges).rev().filter_map(move |range| {
            let bounds = bounds?;
            // SAFETY: range i lies between datums i-1 and i; indexes has one more entry than datums.
            unsafe {
                let position = *bounds.indexes.add(range);
                (position >= 0).then(|| Leaf {
                    oid: *description.oids.add(position as usize),
                    lower: if range == 0 { i64::MIN } else { bound(bounds, range - 1) },
                    upper: if range == bounds.ndatums as usize { i64::MAX } else { bound(bounds, range) },
                })
            }
        })
    }
}

/// # Safety
/// `index` is below ndatums.
unsafe fn bound(bounds: &pg_sys::PartitionBoundInfoData, index: usize) -> i64 {
    // SAFETY: one key column of type timestamptz, passed by value.
    unsafe {
        match **bounds.kind.add(index) {
            pg_sys::PartitionRangeDatumKind::PARTITION_RANGE_DATUM_MINVALUE => i64::MIN,
            pg_sys::PartitionRangeDatumKind::PARTITION_RANGE_DATUM_MAXVALUE => i64::MAX,
            _ => (**bounds.datums.add(index)).value() as i64,
        }
    }
}
