//! Events in their order, hot and archived as one: what every reader of the trail reads through.
//!
//! A call reads one snapshot. It reads partitions through an index, month by month in the order that is asked for, and no further than it
//! needs, so the cost does not grow with the number of months.

use std::ops::ControlFlow;

use audit_core::event::column::Column;
use audit_core::event::id::{self, Ids};
use audit_core::ids::{EventId, WorkspaceId};
use audit_core::index_kind::NAME_BYTES;
use audit_core::merge::{Head, Lane, Order, Position, merge};
use audit_core::search::access_path::{AccessPath, MOST_WITHOUT_ORDER, Wanted};
use audit_core::search::by_id;
use audit_core::search::filter::Actors;
use audit_core::search::window::Window;
use audit_core::tier::Tier;
use audit_core::time::Timestamp;
use pgrx::pg_sys::Oid;
use uuid::Uuid;

use super::rows::{Rows, keys_of_ids};
use crate::error::Error;
use crate::event::row::SHAPE;
use crate::pg::bitmap;
use crate::pg::datum::Datum;
use crate::pg::index_scan::{Direction, IndexKey, IndexScan};
use crate::pg::partitions::{Leaf, Month, Partitions};
use crate::pg::relation::{AccessShareLock, Relation};
use crate::pg::snapshot::Snapshot;
use crate::storage::{Storage, StorageError};

/// What the index is chosen by; `admits` asks for it too.
#[derive(Clone, Copy, Default)]
pub struct Hints<'a> {
    pub resource_id: Option<Uuid>,
    pub actors: Option<&'a Actors>,
    /// Names that an index has, each once.
    pub actions: Option<&'a [&'a [u8]]>,
    pub request_id: Option<&'a [u8]>,
    /// A jsonb that one of the documents contains.
    pub contained: Option<Datum<'a>>,
}

impl Hints<'_> {
    fn one_actor(&self) -> Option<Uuid> {
        self.actors.and_then(Actors::only)
    }
}

/// Which events are read.
#[derive(Clone, Copy)]
pub struct Query<'a> {
    /// None for all workspaces.
    pub workspace: Option<WorkspaceId>,
    pub hints: Hints<'a>,
    pub window: Window,
    pub order: Order,
    /// Only events behind this position, in this order.
    pub behind: Option<Position>,
    /// Whether an event of the workspace and the window is one of those.
    pub admits: &'a dyn Fn(&IndexScan) -> bool,
}

impl Query<'_> {
    /// The position to begin behind, where it lies within the window.
    fn beginning(&self) -> Option<Position> {
        self.behind.filter(|(time, _)| self.window.contains(*time))
    }

    /// A partition whose events are all of earlier times has none to read.
    pub fn since(&self) -> Timestamp {
        match (self.order, self.beginning()) {
            (Order::OldestFirst, Some((time, _))) => time,
            _ => self.window.since(),
        }
    }

    /// A partition whose events are all of this time or later has none to read.
    pub fn until(&self) -> Timestamp {
        match (self.order, self.beginning()) {
            (Order::NewestFirst, Some((time, _))) => Window::at(time).until(),
            _ => self.window.until(),
        }
    }

    fn admits(&self, scan: &IndexScan, position: Position) -> bool {
        self.is_ahead(position) && (self.admits)(scan)
    }

    /// Whether a position is within the window and behind where the reader begins.
    fn is_ahead(&self, position: Position) -> bool {
        self.behind.is_none_or(|behind| self.order.is_behind(&position, &behind)) && self.window.contains(position.0)
    }

    fn is_of_workspace(&self, scan: &IndexScan) -> bool {
        self.workspace.is_none_or(|workspace| scan.uuid(Column::WorkspaceId) == Some(workspace.0))
    }

    fn wanted(&self) -> Wanted {
        let Hints { resource_id, actors, actions, request_id, contained } = self.hints;
        Wanted {
            is_of_one_workspace: self.workspace.is_some(),
            is_of_one_request: request_id.is_some(),
            is_of_one_resource: resource_id.is_some(),
            is_of_actors: actors.is_some(),
            is_of_one_actor: self.hints.one_actor().is_some(),
            is_of_named_actions: actions.is_some(),
            is_of_contents: contained.is_some(),
        }
    }

    /// The values that the columns of an index must have, `second` being that of its second column, if it is not the time.
    fn keys<'a>(&self, second: Option<IndexKey<'a>>) -> Vec<IndexKey<'a>> {
        let Some(workspace) = self.workspace else {
            let (ids, behind) = self.ids();
            return keys_of_ids(by_id::first(self.order, ids, behind)).into();
        };
        let mut keys = vec![IndexKey::UuidIs(1, workspace.0)];
        keys.extend(second);
        let time = keys.len() as i16 + 1;
        let behind = self.beginning().map(|position| IndexKey::Behind(time, self.order, position));
        let is_open = self.window.until() == Timestamp::FUTURE;
        let since = IndexKey::TimeFrom(time, self.window.since());
        let until = IndexKey::TimeBefore(time, self.window.until());
        match (self.order, behind) {
            (Order::NewestFirst, Some(behind)) => keys.extend([since, behind]),
            (Order::OldestFirst, Some(behind)) if is_open => keys.push(behind),
            (Order::OldestFirst, Some(behind)) => keys.extend([behind, until]),
            (_, None) if is_open => keys.push(since),
            (_, None) => keys.extend([since, until]),
        }
        keys
    }

    /// The ids of the window, which are in the order of time but for the two kinds of ids of a millisecond, and the one to begin behind.
    fn ids(&self) -> (Ids, Option<EventId>) {
        let ids = Ids { least: id::least_of(self.window.since()), greatest: id::greatest_of(self.window.until()) };
        (ids, self.beginning().map(|(_, id)| id))
    }

    /// A scan of one partition, through the index that fits best. None for one without rows.
    pub fn scan(&self, leaf: Leaf) -> Result<Option<LeafScan<'_>>, Error> {
        let Some(table) = Relation::open(leaf.oid(), AccessShareLock).filter(|table| !table.is_empty_file()) else {
            return Ok(None);
        };
        let name = table.name();
        let found = AccessPath::choose(self.wanted(), |path| self.rows(&table, path).transpose());
        let (path, rows) = found.ok_or_else(|| StorageError::missing(&name))?;
        Ok(Some(LeafScan { rows: rows?, path, name }))
    }

    /// The rows of a table by an access path; None if it has no such index, or one that is of no use here.
    fn rows(&self, table: &Relation, path: AccessPath) -> Result<Option<Rows<'_>>, Error> {
        let Some((index, actor)) = index_of(table, path) else { return Ok(None) };
        let begin = |index, keys: &[IndexKey], direction| {
            let begin = if actor.is_some() { IndexScan::begin_by_entries } else { IndexScan::begin };
            let table = Relation::open_again(table.oid()).ok_or_else(|| StorageError::missing(&table.name()))?;
            Ok::<_, Error>(begin(table, index, &SHAPE, keys, direction, Snapshot::active())?)
        };
        let in_order_of = |index, second| {
            let direction = match self.order {
                Order::NewestFirst => Direction::Descending,
                Order::OldestFirst => Direction::Ascending,
            };
            begin(index, &self.keys(second), direction)
        };
        let in_order = |second| in_order_of(index, second);
        let id = |id| IndexKey::UuidIs(2, id);
        let fits = |scan: &IndexScan, position| self.is_of_workspace(scan) && self.is_ahead(position);
        Ok(Some(match path {
            AccessPath::RequestId => {
                let keys = self.hints.request_id.map(|request| IndexKey::HashedTextIs(1, request));
                let scan = begin(index, keys.as_slice(), Direction::Ascending)?;
                return Ok(Rows::collected(scan, self.order, fits));
            }
            AccessPath::Contains => {
                let keys = self.hints.contained.map(|document| [1, 2, 3].map(|at| IndexKey::Contains(at, document)));
                let keys = keys.as_ref().map_or(&[][..], |keys| keys);
                let found = bitmap::places(table, index, keys, MOST_WITHOUT_ORDER, Snapshot::active())?;
                let path = if self.workspace.is_some() { AccessPath::Key } else { AccessPath::Id };
                let (Some(places), Some((ordered, _))) = (found, index_of(table, path)) else { return Ok(None) };
                return Ok(Rows::at(&places, in_order_of(ordered, None)?, self.order, fits));
            }
            AccessPath::Actions => {
                let actions = self.hints.actions.unwrap_or_default();
                let scans = actions.iter().map(|action| in_order(Some(IndexKey::TextIs(2, action))));
                Rows::merged(scans.collect::<Result<_, _>>()?, self.order)
            }
            AccessPath::Resource => Rows::of(in_order(self.hints.resource_id.map(id))?),
            AccessPath::OneActor => Rows::of(in_order(self.hints.one_actor().map(id))?),
            AccessPath::Actor => Rows::of_actors(in_order(None)?, actor.zip(self.hints.actors)),
            AccessPath::Key => Rows::of(in_order(None)?),
            AccessPath::Id => {
                let (ids, behind) = self.ids();
                Rows::by_id(in_order(None)?, in_order(None)?, self.order, ids, behind)
            }
        }))
    }
}

/// A scan of one partition.
pub struct LeafScan<'a> {
    pub rows: Rows<'a>,
    pub path: AccessPath,
    pub name: String,
}

/// The index of an access path, and where it has the actor, if that is read there.
fn index_of(table: &Relation, path: AccessPath) -> Option<(Oid, Option<i16>)> {
    const BY_RESOURCE: [Column; 3] = [Column::WorkspaceId, Column::ResourceId, Column::CreatedAt];
    const BY_ACTOR: [Column; 4] = [Column::WorkspaceId, Column::CreatedByUserId, Column::CreatedAt, Column::Id];
    const CONTENTS: [Column; 3] = [Column::OldValues, Column::NewValues, Column::Metadata];
    const BY_ACTION: [Column; 4] = [Column::WorkspaceId, Column::ActionType, Column::CreatedAt, Column::Id];
    let optional = |index| table.index_is_for_us(index).then_some((index, None));
    match path {
        AccessPath::RequestId => table.hash_index_on(&SHAPE, Column::RequestId.number()).and_then(optional),
        AccessPath::OneActor => table.index_on(&SHAPE, &BY_ACTOR.map(Column::number)).and_then(optional),
        AccessPath::Actions => {
            let columns = BY_ACTION.map(Column::number);
            table.index_on_short(&SHAPE, &columns, Some(NAME_BYTES as i32)).and_then(optional)
        }
        AccessPath::Contains => table.contents_index_on(&SHAPE, &CONTENTS.map(Column::number)).and_then(optional),
        AccessPath::Resource => table.index_on(&SHAPE, &BY_RESOURCE.map(Column::number)).map(|index| (index, None)),
        AccessPath::Id => table.index_on(&SHAPE, &[Column::Id.number()]).map(|index| (index, None)),
        AccessPath::Key => table.primary_key().map(|key| (key, None)),
        AccessPath::Actor => {
            let key = table.primary_key()?;
            Some((key, Some(table.place_in_index(key, &SHAPE, Column::CreatedByUserId.number())?)))
        }
    }
}

/// The partitions of a table that may hold events of the query: the default partition, and the months in the order of the query.
pub fn leaves<'a>(parent: &'a Relation, query: &'a Query<'a>) -> (Option<Leaf>, Box<dyn Iterator<Item = Leaf> + 'a>) {
    let partitions = Partitions::of(parent);
    let is_too_early = |month: &Month| month.upper <= query.since();
    let is_too_late = |month: &Month| month.lower >= query.until();
    let months = partitions.newest_first();
    let months: Box<dyn Iterator<Item = Month>> = match query.order {
        Order::NewestFirst => Box::new(months.skip_while(is_too_late).take_while(move |month| !is_too_early(month))),
        Order::OldestFirst => {
            Box::new(months.rev().skip_while(is_too_early).take_while(move |month| !is_too_late(month)))
        }
    };
    (partitions.default(), Box::new(months.map(Leaf::Month)))
}

/// A lane: the months of one of the two tables, or its default partition.
struct MonthLane<'a> {
    query: &'a Query<'a>,
    parts: Box<dyn Iterator<Item = Leaf> + 'a>,
    next: Option<Leaf>,
    current: Option<(LeafScan<'a>, Position)>,
    tier: Tier,
}

impl<'a> MonthLane<'a> {
    fn new(query: &'a Query<'a>, tier: Tier, parts: impl Iterator<Item = Leaf> + 'a) -> Self {
        let mut parts = Box::new(parts) as Box<dyn Iterator<Item = Leaf> + 'a>;
        let next = parts.next();
        MonthLane { query, parts, next, current: None, tier }
    }

    /// Moves the scan to its next row that fits, or drops it at its end.
    fn settle(&mut self, mut scan: LeafScan<'a>) {
        while scan.rows.advance() {
            if let Some(position) = scan.rows.position()
                && self.query.admits(scan.rows.scan(), position)
            {
                self.current = Some((scan, position));
                return;
            }
        }
    }
}

impl Lane for MonthLane<'_> {
    type Error = Error;

    fn head(&self) -> Option<Head> {
        match (&self.current, self.next) {
            (Some((_, position)), _) => Some(Head::Row(*position)),
            (None, Some(leaf)) => Some(Head::Part(match self.query.order {
                Order::NewestFirst => leaf.upper(),
                Order::OldestFirst => leaf.lower(),
            })),
            (None, None) => None,
        }
    }

    fn open(&mut self) -> Result<(), Error> {
        let leaf = self.next.take();
        self.next = self.parts.next();
        if let Some(leaf) = leaf
            && let Some(scan) = self.query.scan(leaf)?
        {
            self.settle(scan);
        }
        Ok(())
    }

    fn advance(&mut self) {
        if let Some((scan, _)) = self.current.take() {
            self.settle(scan);
        }
    }
}

/// The table of a tier.
pub fn table(storage: &Storage, tier: Tier) -> Result<Relation, StorageError> {
    let table = match tier {
        Tier::Hot => storage.events,
        Tier::Archive => storage.archive,
    };
    Relation::open(table, AccessShareLock).ok_or_else(|| StorageError::missing(tier.table()))
}

/// Visits the events of a query in its order, until `visit` says stop.
pub fn read(
    storage: &Storage,
    query: &Query,
    mut visit: impl FnMut(&IndexScan, Position, Tier) -> ControlFlow<()>,
) -> Result<(), Error> {
    let (events, archive) = (table(storage, Tier::Hot)?, table(storage, Tier::Archive)?);
    let mut lanes = Vec::with_capacity(4);
    for (parent, tier) in [(&events, Tier::Hot), (&archive, Tier::Archive)] {
        let (default, months) = leaves(parent, query);
        lanes.push(MonthLane::new(query, tier, months));
        lanes.push(MonthLane::new(query, tier, default.into_iter()));
    }
    merge(&mut lanes, query.order, |lane, position| match &lane.current {
        Some((scan, _)) => visit(scan.rows.scan(), position, lane.tier),
        None => ControlFlow::Continue(()),
    })
}

/// The position of an event of the workspace, or of any, which its id tells; None when there is no such event.
pub fn find(storage: &Storage, workspace: Option<WorkspaceId>, event: EventId) -> Result<Option<Position>, Error> {
    let mut found = None;
    visit(storage, workspace, event, |_, position| found = Some(position))?;
    Ok(found)
}

/// Visits the event, if there is such an event.
pub fn visit(
    storage: &Storage,
    workspace: Option<WorkspaceId>,
    event: EventId,
    mut visit: impl FnMut(&IndexScan, Position),
) -> Result<(), Error> {
    let Some(time) = id::created_at(&event) else { return Ok(()) };
    let query = Query {
        workspace,
        hints: Hints::default(),
        window: Window::at(time),
        order: Order::NewestFirst,
        behind: None,
        admits: &|scan| scan.uuid(Column::Id) == Some(event.0),
    };
    // Most are where they were recorded, so the other places need not be opened.
    let events = table(storage, Tier::Hot)?;
    let mut month = MonthLane::new(&query, Tier::Hot, Partitions::of(&events).holding(time).into_iter());
    month.open()?;
    if let Some((scan, position)) = &month.current {
        visit(scan.rows.scan(), *position);
        return Ok(());
    }
    read(storage, &query, |scan, position, _| {
        visit(scan, position);
        ControlFlow::Break(())
    })
}
