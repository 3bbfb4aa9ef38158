//! The partitions of a range-partitioned table, read from the sorted list that PostgreSQL keeps: finding one of three hundred months costs
//! the same as finding one of three.

use audit_core::time::Timestamp;

use std::ffi::CStr;

use pgrx::pg_sys;

use super::relation::Relation;

/// One month's table: holds times from `lower` up to, not including, `upper`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Month {
    pub oid: pg_sys::Oid,
    pub lower: Timestamp,
    pub upper: Timestamp,
}

/// A partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leaf {
    Month(Month),
    /// Holds the times that no month holds.
    Default(pg_sys::Oid),
}

impl Leaf {
    pub fn oid(&self) -> pg_sys::Oid {
        match self {
            Leaf::Month(month) => month.oid,
            Leaf::Default(oid) => *oid,
        }
    }

    /// Whether its bounds alone say that it holds this time.
    pub fn surely_holds(&self, time: Timestamp) -> bool {
        match self {
            Leaf::Month(month) => (month.lower..month.upper).contains(&time),
            Leaf::Default(_) => false,
        }
    }

    /// All times in it are this one or later.
    pub fn lower(&self) -> Timestamp {
        match self {
            Leaf::Month(month) => month.lower,
            Leaf::Default(_) => Timestamp::PAST,
        }
    }

    /// All times in it are earlier than this one.
    pub fn upper(&self) -> Timestamp {
        match self {
            Leaf::Month(month) => month.upper,
            Leaf::Default(_) => Timestamp::FUTURE,
        }
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
    pub fn default(&self) -> Option<Leaf> {
        let bounds = self.bounds?;
        // SAFETY: default_index points into oids, or is -1.
        (bounds.default_index >= 0)
            .then(|| Leaf::Default(unsafe { *self.description.oids.add(bounds.default_index as usize) }))
    }

    /// The month's table that holds this time, else the DEFAULT partition.
    pub fn holding(&self, time: Timestamp) -> Option<Leaf> {
        let bounds = self.bounds?;
        let (mut low, mut high) = (0, bounds.ndatums as usize);
        while low < high {
            let middle = (low + high) / 2;
            // SAFETY: middle is below ndatums.
            if unsafe { bound(bounds, middle) } <= time { low = middle + 1 } else { high = middle }
        }
        self.range(low).map(Leaf::Month).or_else(|| self.default())
    }

    /// Range i lies between the bounds i-1 and i.
    fn range(&self, range: usize) -> Option<Month> {
        let bounds = self.bounds?;
        // SAFETY: indexes has one more entry than there are bounds.
        unsafe {
            let position = *bounds.indexes.add(range);
            (position >= 0).then(|| Month {
                oid: *self.description.oids.add(position as usize),
                lower: if range == 0 { Timestamp::PAST } else { bound(bounds, range - 1) },
                upper: if range == bounds.ndatums as usize { Timestamp::FUTURE } else { bound(bounds, range) },
            })
        }
    }

    /// From the newest to the oldest month.
    pub fn newest_first(&self) -> impl DoubleEndedIterator<Item = Month> + use<'a> {
        let partitions = Partitions { description: self.description, bounds: self.bounds };
        // There is one range more than bounds.
        let ranges = self.bounds.map_or(0, |bounds| bounds.ndatums as usize + 1);
        (0..ranges).rev().filter_map(move |range| partitions.range(range))
    }
}

/// # Safety
/// `index` is below ndatums.
unsafe fn bound(bounds: &pg_sys::PartitionBoundInfoData, index: usize) -> Timestamp {
    // SAFETY: one key column of type timestamptz, passed by value.
    unsafe {
        match **bounds.kind.add(index) {
            pg_sys::PartitionRangeDatumKind::PARTITION_RANGE_DATUM_MINVALUE => Timestamp::PAST,
            pg_sys::PartitionRangeDatumKind::PARTITION_RANGE_DATUM_MAXVALUE => Timestamp::FUTURE,
            _ => Timestamp::from_microseconds((**bounds.datums.add(index)).value() as i64),
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
