//! Finds a stored event by its key.

use audit_core::event::column::Column;
use audit_core::ids::{EventId, WorkspaceId};
use audit_core::tier::Tier;
use audit_core::time::Timestamp;
use pgrx::pg_sys::Oid;

use crate::event::fingerprint::fingerprint;
use crate::event::row::{Columns, SHAPE};
use crate::pg::index_scan::{Direction, IndexKey, IndexScan};
use crate::pg::misuse::Misuse;
use crate::pg::partitions::Partitions;
use crate::pg::relation::{AccessShareLock, Relation};
use crate::pg::snapshot::{Fresh, Snapshot};
use crate::storage::{Storage, StorageError};

/// The key of an event, in the order of the primary key.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct EventKey {
    pub workspace: WorkspaceId,
    pub created_at: Timestamp,
    pub id: EventId,
}

impl EventKey {
    pub fn of(columns: &Columns) -> Option<EventKey> {
        Some(EventKey {
            workspace: columns.workspace()?,
            created_at: columns.time(Column::CreatedAt)?,
            id: columns.event()?,
        })
    }
}

/// Looks events up by their key in one of the two tables: in one scan, as far as they are neighbours.
pub struct Finder {
    parent: Relation,
    default: Option<Oid>,
    scan: Option<IndexWindow>,
    _sees_all_so_far: Fresh,
}

/// A scan of one month's table, and the event that it has come to.
struct IndexWindow {
    leaf: Oid,
    scan: IndexScan,
    at: Option<EventKey>,
}

/// Events that are read over on the way to the next one; from then on a new search is cheaper.
const NEIGHBOURS: usize = 8;

impl Finder {
    pub fn on(storage: &Storage, tier: Tier) -> Result<Finder, StorageError> {
        let _sees_all_so_far = Fresh::take();
        let parent =
            Relation::open(storage.table(tier), AccessShareLock).ok_or_else(|| StorageError::missing(tier.table()))?;
        let default = Partitions::of(&parent).default().map(|leaf| leaf.oid());
        Ok(Finder { parent, default, scan: None, _sees_all_so_far })
    }

    pub fn month_of(&self, created_at: Timestamp) -> Option<Oid> {
        Partitions::of(&self.parent).holding(created_at).map(|leaf| leaf.oid())
    }

    /// The fingerprint of the event as it is stored, in its month or in the default partition.
    pub fn fingerprint_of(&mut self, month: Option<Oid>, key: EventKey) -> Result<Option<u64>, Misuse> {
        let default = self.default.filter(|default| Some(*default) != month);
        for leaf in [month, default].into_iter().flatten() {
            if let Some(fingerprint) = self.fingerprint_in(leaf, key)? {
                return Ok(Some(fingerprint));
            }
        }
        Ok(None)
    }

    fn fingerprint_in(&mut self, leaf: Oid, key: EventKey) -> Result<Option<u64>, Misuse> {
        match &mut self.scan {
            Some(window) if window.leaf == leaf => window.go_to(key),
            _ => {
                self.scan = None;
                self.scan = IndexWindow::begin(leaf, key)?;
            }
        }
        let found = self.scan.as_ref().filter(|window| window.at == Some(key));
        Ok(found.map(|window| fingerprint(&window.columns())))
    }
}

impl IndexWindow {
    fn begin(leaf: Oid, key: EventKey) -> Result<Option<IndexWindow>, Misuse> {
        let Some(table) = Relation::open(leaf, AccessShareLock) else { return Ok(None) };
        let Some(index) = table.primary_key() else { return Ok(None) };
        let scan = IndexScan::begin(table, index, &SHAPE, &keys(key), Direction::Ascending, Snapshot::active())?;
        let mut window = IndexWindow { leaf, scan, at: None };
        window.go_from_start_to(key);
        Ok(Some(window))
    }

    /// Moves to the event of this key, or to the next one.
    fn go_to(&mut self, key: EventKey) {
        let is_ahead = self.at.is_some_and(|at| at.workspace == key.workspace && at <= key);
        if !is_ahead || !self.go_on_to(key, NEIGHBOURS) {
            self.scan.restart(&keys(key));
            self.go_from_start_to(key);
        }
    }

    /// The scan starts at the time of this key, so what is read over are events of the same microsecond.
    fn go_from_start_to(&mut self, key: EventKey) {
        self.advance();
        self.go_on_to(key, usize::MAX);
    }

    /// Reads on, over so many events at most; false where that was not enough.
    fn go_on_to(&mut self, key: EventKey, most: usize) -> bool {
        for _ in 0..most {
            if self.at.is_none_or(|at| at >= key) {
                return true;
            }
            self.advance();
        }
        false
    }

    fn advance(&mut self) {
        self.at = if self.scan.advance() { EventKey::of(&self.columns()) } else { None };
    }

    fn columns(&self) -> Columns<'_> {
        self.scan.record(&SHAPE)
    }
}

/// From this key on, within its workspace.
fn keys(key: EventKey) -> [IndexKey<'static>; 2] {
    [IndexKey::UuidIs(1, key.workspace.0), IndexKey::TimeFrom(2, key.created_at)]
}
