//! The rows of one partition in the order of the trail, whatever index gives them.

use audit_core::event::column::Column;
use audit_core::event::id::Ids;
use audit_core::ids::EventId;
use audit_core::merge::{Order, Position};
use audit_core::search::access_path::MOST_WITHOUT_ORDER;
use audit_core::search::by_id::{ById, Cursor};
use audit_core::search::filter::Actors;

use crate::pg::index_scan::{IndexKey, IndexScan, Place};

pub enum Rows<'a> {
    /// In the order of an index. Where it has the actor, and who it must be.
    Ordered { scan: IndexScan, actors: Option<(i16, &'a Actors)> },
    /// By an index of ids, which is nearly in order.
    ById(ById<Scan>),
    /// Of several ranges of an index, each in its order.
    Merged(Merged),
    /// Found in no order, and sorted: where they are, the next one last. So many entries were read.
    Collected { scan: IndexScan, places: Vec<(Position, Place)>, entries: usize },
}

impl<'a> Rows<'a> {
    pub fn of(scan: IndexScan) -> Rows<'a> {
        Rows::Ordered { scan, actors: None }
    }

    pub fn of_actors(scan: IndexScan, actors: Option<(i16, &'a Actors)>) -> Rows<'a> {
        Rows::Ordered { scan, actors }
    }

    /// Of two scans of an index of ids, both begun with the [`by_id::first`](audit_core::search::by_id::first) of them, as [`keys_of_ids`].
    pub fn by_id(main: IndexScan, other: IndexScan, order: Order, ids: Ids, behind: Option<EventId>) -> Rows<'a> {
        Rows::ById(ById::new(Scan(main), Scan(other), order, ids, behind))
    }

    /// There is one scan at least.
    pub fn merged(scans: Vec<IndexScan>, order: Order) -> Rows<'a> {
        Rows::Merged(Merged { scans, heads: Vec::new(), first: 0, order })
    }

    /// The rows of a scan without an order that `fit`; None when there are too many to be read before the first is known.
    pub fn collected(scan: IndexScan, order: Order, fits: impl Fn(&IndexScan, Position) -> bool) -> Option<Rows<'a>> {
        sorted(scan, order, fits, |scan, visit| scan.visit_entries(MOST_WITHOUT_ORDER, visit))
    }

    /// The rows at places that an index without an order gave, of those that `fit`. They are of the table of this scan.
    pub fn at(
        places: &[Place],
        scan: IndexScan,
        order: Order,
        fits: impl Fn(&IndexScan, Position) -> bool,
    ) -> Option<Rows<'a>> {
        sorted(scan, order, fits, |scan, visit| {
            scan.visit_places(places, visit);
            Some(places.len())
        })
    }

    /// Moves to the next row; false at the end.
    pub fn advance(&mut self) -> bool {
        match self {
            Rows::Ordered { scan, actors: Some((column, actors)) } => {
                scan.advance_where(*column, |actor| actors.include(actor))
            }
            Rows::Ordered { scan, actors: None } => scan.advance(),
            Rows::ById(rows) => rows.advance(),
            Rows::Merged(merged) => merged.advance(),
            Rows::Collected { scan, places, .. } => places.pop().is_some_and(|(_, place)| scan.go_to(place)),
        }
    }

    /// The scan that moved to the row.
    pub fn scan(&self) -> &IndexScan {
        match self {
            Rows::Ordered { scan, .. } | Rows::Collected { scan, .. } => scan,
            Rows::ById(rows) => &rows.cursor().0,
            Rows::Merged(merged) => &merged.scans[merged.first],
        }
    }

    pub fn position(&self) -> Option<Position> {
        position(self.scan())
    }

    /// How many entries of the index a reader of all of it reads.
    pub fn count_entries(&mut self) -> i64 {
        match self {
            Rows::Ordered { scan, .. } => scan.count_entries(),
            Rows::ById(rows) => rows.main().0.count_entries(),
            Rows::Merged(merged) => merged.scans.iter_mut().map(IndexScan::count_entries).sum(),
            Rows::Collected { entries, .. } => *entries as i64,
        }
    }
}

/// The rows that fit among those that are visited, which are as many as `visit_all` says.
fn sorted<'a>(
    mut scan: IndexScan,
    order: Order,
    fits: impl Fn(&IndexScan, Position) -> bool,
    visit_all: impl FnOnce(&mut IndexScan, &mut dyn FnMut(&IndexScan)) -> Option<usize>,
) -> Option<Rows<'a>> {
    let mut places = Vec::new();
    let entries = visit_all(&mut scan, &mut |scan| {
        if let Some(position) = position(scan)
            && fits(scan, position)
        {
            places.push((position, scan.place()));
        }
    })?;
    places.sort_unstable_by(|(a, _), (b, _)| order.compare(b, a));
    Some(Rows::Collected { scan, places, entries })
}

/// A scan of an index of ids.
pub struct Scan(IndexScan);

impl Cursor for Scan {
    fn restart(&mut self, ids: Ids) {
        self.0.restart(&keys_of_ids(ids));
    }

    fn advance(&mut self) -> Option<EventId> {
        next(&mut self.0).map(|(_, event)| event)
    }
}

/// The values that an index of ids must have.
pub fn keys_of_ids<'a>(ids: Ids) -> [IndexKey<'a>; 2] {
    [IndexKey::UuidFrom(1, ids.least), IndexKey::UuidUpTo(1, ids.greatest)]
}

pub struct Merged {
    scans: Vec<IndexScan>,
    /// Where each of them is, None at its end. Empty before the first row.
    heads: Vec<Option<Position>>,
    /// The scan whose row is next.
    first: usize,
    order: Order,
}

impl Merged {
    fn advance(&mut self) -> bool {
        if self.heads.is_empty() {
            self.heads = self.scans.iter_mut().map(next).collect();
        } else {
            self.heads[self.first] = next(&mut self.scans[self.first]);
        }
        let there = self.heads.iter().enumerate().filter_map(|(scan, head)| Some((scan, (*head)?)));
        let first = there.min_by(|(_, a), (_, b)| self.order.compare(a, b));
        self.first = first.map_or(self.first, |(scan, _)| scan);
        first.is_some()
    }
}

fn next(scan: &mut IndexScan) -> Option<Position> {
    while scan.advance() {
        if let Some(position) = position(scan) {
            return Some(position);
        }
    }
    None
}

fn position(scan: &IndexScan) -> Option<Position> {
    Some((scan.time(Column::CreatedAt)?, EventId(scan.uuid(Column::Id)?)))
}
