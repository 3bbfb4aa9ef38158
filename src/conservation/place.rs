//! Where an event lies, and finding it there.

use audit_core::event::column::Column;
use audit_core::tier::Tier;
use pgrx::pg_sys::Oid;
use uuid::Uuid;

use crate::event::fingerprint::digest;
use crate::event::row::{Columns, SHAPE};
use crate::pg::index_scan::{Direction, IndexScan, Key};
use crate::pg::misuse::Misuse;
use crate::pg::partitions::Partitions;
use crate::pg::relation::{AccessShareLock, Relation};
use crate::pg::snapshot;
use crate::pg::snapshot::Fresh;
use crate::storage::{Storage, StorageError};

/// Where an event lies, in the order of the key.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Place {
    pub workspace: Uuid,
    pub created_at: i64,
    pub id: Uuid,
}

impl Place {
    pub fn of(columns: &Columns) -> Option<Place> {
        Some(Place {
            workspace: columns.uuid(Column::WorkspaceId)?,
            created_at: columns.time(Column::CreatedAt)?,
            id: columns.uuid(Column::Id)?,
        })
    }
}

/// Looks events up by their place in one of the two tables: in one scan, as far as they are neighbours.
pub struct Finder {
    parent: Relation,
    default: Option<Oid>,
    scan: Option<Stretch>,
    _sees_all_so_far: Fresh,
}

/// A scan of one month's table, and the event that it has come to.
struct Stretch {
    leaf: Oid,
    scan: IndexScan,
    at: Option<Place>,
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

    pub fn month_of(&self, created_at: i64) -> Option<Oid> {
        Partitions::of(&self.parent).holding(created_at).map(|leaf| leaf.oid())
    }

    /// The digest of the event as it is stored, in its month or in the default partition.
    pub fn digest_of(&mut self, month: Option<Oid>, place: Place) -> Result<Option<u64>, Misuse> {
        let default = self.default.filter(|default| Some(*default) != month);
        for leaf in [month, default].into_iter().flatten() {
            if let Some(digest) = self.digest_in(leaf, place)? {
                return Ok(Some(digest));
            }
        }
        Ok(None)
    }

    fn digest_in(&mut self, leaf: Oid, place: Place) -> Result<Option<u64>, Misuse> {
        match &mut self.scan {
            Some(stretch) if stretch.leaf == leaf => stretch.go_to(place),
            _ => {
                self.scan = None;
                self.scan = Stretch::begin(leaf, place)?;
            }
        }
        let found = self.scan.as_ref().filter(|stretch| stretch.at == Some(place));
        Ok(found.map(|stretch| digest(&stretch.columns())))
    }
}

impl Stretch {
    fn begin(leaf: Oid, place: Place) -> Result<Option<Stretch>, Misuse> {
        let Some(table) = Relation::open(leaf, AccessShareLock) else { return Ok(None) };
        let Some(index) = table.primary_key() else { return Ok(None) };
        let scan = IndexScan::begin(table, index, &SHAPE, &keys(place), Direction::Ascending, snapshot::active())?;
        let mut stretch = Stretch { leaf, scan, at: None };
        stretch.go_from_start_to(place);
        Ok(Some(stretch))
    }

    /// To the event of this place, or the one behind it.
    fn go_to(&mut self, place: Place) {
        let is_ahead = self.at.is_some_and(|at| at.workspace == place.workspace && at <= place);
        if !is_ahead || !self.go_on_to(place, NEIGHBOURS) {
            self.scan.restart(&keys(place));
            self.go_from_start_to(place);
        }
    }

    /// The scan starts at the time of this place, so what is read over are events of the same microsecond.
    fn go_from_start_to(&mut self, place: Place) {
        self.advance();
        self.go_on_to(place, usize::MAX);
    }

    /// Reads on, over so many events at most; false where that was not enough.
    fn go_on_to(&mut self, place: Place, most: usize) -> bool {
        for _ in 0..most {
            if self.at.is_none_or(|at| at >= place) {
                return true;
            }
            self.advance();
        }
        false
    }

    fn advance(&mut self) {
        self.at = if self.scan.advance() { Place::of(&self.columns()) } else { None };
    }

    fn columns(&self) -> Columns<'_> {
        self.scan.record(&SHAPE)
    }
}

/// From this place on, within its workspace.
fn keys(place: Place) -> [Key; 2] {
    [Key::UuidIs(1, place.workspace), Key::TimeFrom(2, place.created_at)]
}
