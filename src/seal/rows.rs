//! The rows of sealed events, hot and archived, by id.

use std::rc::Rc;

use audit_core::event::column::Column;
use audit_core::event::id;
use audit_core::ids::{EventId, WorkspaceId};
use audit_core::tier::Tier;
use audit_core::time::Timestamp;
use pgrx::pg_sys::Oid;

use crate::error::Error;
use crate::event::row::{Columns, SHAPE};
use crate::pg::index_scan::{Direction, IndexKey, IndexScan};
use crate::pg::partitions::{Leaf, Partitions};
use crate::pg::relation::{AccessShareLock, Relation};
use crate::pg::snapshot::Snapshot;
use crate::storage::{Storage, StorageError};

/// Open partitions of both tables. Not kept from one call of a function to the next.
pub struct EventRows {
    parents: Vec<Relation>,
    /// Scans by id; None for a partition without a row, or without an index.
    scans: Vec<(Oid, Option<IndexScan>)>,
}

impl EventRows {
    pub fn open(storage: &Rc<Storage>) -> Result<EventRows, StorageError> {
        let open = |tier: &Tier| {
            let parent = Relation::open(storage.table(*tier), AccessShareLock);
            parent.ok_or_else(|| StorageError::missing(tier.table()))
        };
        Ok(EventRows { parents: Tier::ALL.iter().map(open).collect::<Result<_, _>>()?, scans: Vec::new() })
    }

    /// What `read` makes of an event that is where its id says.
    pub fn at_its_time<R>(
        &mut self,
        event: EventId,
        workspace: Option<WorkspaceId>,
        mut read: impl FnMut(&Columns) -> R,
    ) -> Result<Option<R>, Error> {
        match id::created_at(&event) {
            Some(time) => self.find(self.partitions(Some(time)), event, workspace, |columns, _| read(columns)),
            None => Ok(None),
        }
    }

    /// Of an event wherever it is: ids that others made, and rows that replication brought, may have another time.
    pub fn anywhere<R>(
        &mut self,
        event: EventId,
        workspace: Option<WorkspaceId>,
        mut read: impl FnMut(&Columns) -> R,
    ) -> Result<Option<R>, Error> {
        self.find(self.partitions(None), event, workspace, |columns, _| read(columns))
    }

    /// What `read` makes of an event and of where it is: looked for where its id says, and elsewhere if it is not there.
    pub fn with_tier<R>(
        &mut self,
        event: EventId,
        workspace: WorkspaceId,
        mut read: impl FnMut(&Columns, Tier) -> R,
    ) -> Result<Option<R>, Error> {
        if let Some(time) = id::created_at(&event)
            && let Some(read) = self.find(self.partitions(Some(time)), event, Some(workspace), &mut read)?
        {
            return Ok(Some(read));
        }
        self.find(self.partitions(None), event, Some(workspace), read)
    }

    /// The partitions that may hold a time, or all of them.
    fn partitions(&self, time: Option<Timestamp>) -> Vec<(Oid, Tier)> {
        let of = |(parent, tier): (&Relation, Tier)| {
            let partitions = Partitions::of(parent);
            let mut leaves: Vec<Oid> = match time {
                Some(time) => partitions.holding(time).iter().map(Leaf::oid).collect(),
                None => partitions.newest_first().map(|month| month.oid).collect(),
            };
            leaves.extend(partitions.default().map(|leaf| leaf.oid()));
            leaves.dedup();
            leaves.into_iter().map(move |leaf| (leaf, tier))
        };
        self.parents.iter().zip(Tier::ALL).flat_map(of).collect()
    }

    fn find<R>(
        &mut self,
        partitions: Vec<(Oid, Tier)>,
        event: EventId,
        workspace: Option<WorkspaceId>,
        mut read: impl FnMut(&Columns, Tier) -> R,
    ) -> Result<Option<R>, Error> {
        for (leaf, tier) in partitions {
            let Some(scan) = self.scan(leaf, event)? else { continue };
            while scan.advance() {
                let columns = scan.record(&SHAPE);
                if workspace.is_none_or(|workspace| columns.workspace() == Some(workspace)) {
                    return Ok(Some(read(&columns, tier)));
                }
            }
        }
        Ok(None)
    }

    /// A scan of a partition for this id.
    fn scan(&mut self, leaf: Oid, event: EventId) -> Result<Option<&mut IndexScan>, Error> {
        let keys = [IndexKey::UuidIs(1, event.0)];
        if let Some(place) = self.scans.iter().position(|(of, _)| *of == leaf) {
            let scan = self.scans[place].1.as_mut();
            let Some(scan) = scan else { return Ok(None) };
            scan.restart(&keys);
            return Ok(Some(scan));
        }
        let table = Relation::open(leaf, AccessShareLock).filter(|table| !table.is_empty_file());
        let index = table.as_ref().and_then(|table| table.index_on(&SHAPE, &[Column::Id.number()]));
        let scan = match table.zip(index) {
            Some((table, index)) => {
                Some(IndexScan::begin(table, index, &SHAPE, &keys, Direction::Ascending, Snapshot::active())?)
            }
            None => None,
        };
        self.scans.push((leaf, scan));
        Ok(self.scans.last_mut().and_then(|(_, scan)| scan.as_mut()))
    }
}
