//! The partitions of a range-partitioned table, read where Postgres keeps them sorted: finding one costs the same
//! with three months as with three hundred.

use std::ffi::CStr;

use pgrx::pg_sys;

use super::relation::Relation;

/// One month's table: holds times from `lower` up to, not including, `upper` (Postgres' microseconds).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Leaf {
    pub oid: pg_sys::Oid,
    pub lower: i64,
    pub upper: i64,
}

impl Leaf {
    /// Never of the DEFAULT partition, which holds what no other holds.
    pub fn holds(&self, time: i64) -> bool {
        (self.lower..self.upper).contains(&time)
    }
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
        (bounds.default_index >= 0).then(|| unsafe { *self.description.oids.add(bounds.default_index as usize) })
    }

    /// The month's table that holds this time, else the DEFAULT partition.
    pub fn holding(&self, time: i64) -> Option<Leaf> {
        let bounds = self.bounds?;
        let (mut low, mut high) = (0, bounds.ndatums as usize);
        while low < high {
            let middle = (low + high) / 2;
            // SAFETY: middle is below ndatums.
            if unsafe { bound(bounds, middle) } <= time { low = middle + 1 } else { high = middle }
        }
        self.range(low).or_else(|| self.default().map(|oid| Leaf { oid, lower: i64::MAX, upper: i64::MIN }))
    }

    /// Range i lies between the bounds i-1 and i.
    fn range(&self, range: usize) -> Option<Leaf> {
        let bounds = self.bounds?;
        // SAFETY: indexes has one more entry than there are bounds.
        unsafe {
            let position = *bounds.indexes.add(range);
            (position >= 0).then(|| Leaf {
                oid: *self.description.oids.add(position as usize),
                lower: if range == 0 { i64::MIN } else { bound(bounds, range - 1) },
                upper: if range == bounds.ndatums as usize { i64::MAX } else { bound(bounds, range) },
            })
        }
    }

    /// From the newest to the oldest month.
    pub fn newest_first(&self) -> impl Iterator<Item = Leaf> + use<'a> {
        let partitions = Partitions { description: self.description, bounds: self.bounds };
        // There is one range more than bounds.
        let ranges = self.bounds.map_or(0, |bounds| bounds.ndatums as usize + 1);
        (0..ranges).rev().filter_map(move |range| partitions.range(range))
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

/// Schema and name of the table that a partition is in the end a part of.
pub fn root(partition: pg_sys::Oid) -> Option<(pg_sys::Oid, String)> {
    // SAFETY: gives a list of OIDs, the topmost last; names are palloc'd copies.
    unsafe {
        let ancestors = pg_sys::get_partition_ancestors(partition).as_ref()?;
        let root = (*ancestors.elements.add(usize::try_from(ancestors.length - 1).ok()?)).oid_value;
        let name = pg_sys::get_rel_name(root);
        (!name.is_null())
            .then(|| (pg_sys::get_rel_namespace(root), CStr::from_ptr(name).to_string_lossy().into_owned()))
    }
}
