//! The events of a workspace between two places of its key, in the order of the key, without a sort.
//!
//! A month is one partition; what partitions were made late for may lie in the default one. So the scans of a few partitions are merged.

use audit_core::event::column::Column;
use audit_core::ids::{EventId, WorkspaceId};
use audit_core::tier::Tier;
use audit_core::time::Timestamp;

use crate::error::Error;
use crate::event::row::{Columns, SHAPE};
use crate::partition::leaves;
use crate::pg::index_scan::{Direction, IndexKey, IndexScan};
use crate::pg::relation::{AccessShareLock, Relation};
use crate::pg::snapshot::{Fresh, Snapshot};
use crate::storage::Storage;

/// The place of an event among those of its workspace.
pub type Place = (Timestamp, EventId);

/// From the first to the last place, both included.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Window {
    pub workspace: WorkspaceId,
    pub first: Place,
    pub last: Place,
}

impl Window {
    pub fn holds(&self, place: Place) -> bool {
        (self.first..=self.last).contains(&place)
    }
}

/// A partition, and the event that its scan has come to.
struct Lane {
    scan: IndexScan,
    at: Option<Place>,
}

impl Lane {
    fn advance(&mut self, window: &Window) {
        self.at = None;
        while self.at.is_none() && self.scan.advance() {
            let place = self.scan.time(Column::CreatedAt).zip(self.scan.uuid(Column::Id).map(EventId));
            self.at = place.filter(|place| window.holds(*place));
        }
    }
}

/// What this transaction can see when the scan is opened, its own changes included.
pub struct EventRows {
    window: Window,
    lanes: Vec<Lane>,
    current: Option<usize>,
}

impl EventRows {
    pub fn open(storage: &Storage, tiers: &[Tier], window: Window) -> Result<EventRows, Error> {
        let _sees_all_so_far = Fresh::take();
        let keys = [
            IndexKey::UuidIs(1, window.workspace.0),
            IndexKey::TimeFrom(2, window.first.0),
            IndexKey::TimeUpTo(2, window.last.0),
        ];
        let mut lanes = Vec::new();
        for leaf in tiers.iter().flat_map(|tier| leaves::over(storage, *tier, window.first.0, window.last.0)) {
            let table = Relation::open(leaf.oid(), AccessShareLock).filter(|table| !table.is_empty_file());
            let Some((table, key)) = table.and_then(|table| table.primary_key().map(|key| (table, key))) else {
                continue;
            };
            let scan = IndexScan::begin(table, key, &SHAPE, &keys, Direction::Ascending, Snapshot::active())?;
            let mut lane = Lane { scan, at: None };
            lane.advance(&window);
            lanes.push(lane);
        }
        Ok(EventRows { window, lanes, current: None })
    }

    /// Moves to the next event.
    pub fn advance(&mut self) -> Option<Place> {
        if let Some(current) = self.current {
            self.lanes[current].advance(&self.window);
        }
        let next = self.lanes.iter().enumerate().filter_map(|(lane, Lane { at, .. })| Some(((*at)?, lane))).min();
        self.current = next.map(|(_, lane)| lane);
        next.map(|(place, _)| place)
    }

    /// The event moved to last.
    pub fn columns(&self) -> Option<Columns<'_>> {
        self.current.map(|current| self.lanes[current].scan.record(&SHAPE))
    }
}
