//! `get_audit_trail()`: a workspace's events, newest first, hot and archived, page by page.
//!
//! A call reads one snapshot. It reads partitions through the reading index, from the newest month down, and no further than the page
//! needs, so the cost does not grow with the number of months. A page continues behind the position (time, id) of an event, so events
//! recorded meanwhile do not shift it.

pub mod cold;
pub mod newest;
pub mod visibility;

use std::ops::ControlFlow;

use audit_core::argument::Argument;
use audit_core::catalogue::{ARCHIVE, EVENTS};
use audit_core::event::action::is_system_action;
use audit_core::event::column::Column;
use audit_core::event::id;
use audit_core::ids::{EventId, WorkspaceId};
use audit_core::merge::{Head, Lane, Position, newest_first};
use audit_core::report::{IntoReport, Report};
use audit_core::sqlstate::SqlState;
use audit_core::time::Timestamp;
use uuid::Uuid;

use self::cold::EventIsCold;
use self::visibility::{Reading, ReadsForNobody};
use crate::error::Error;
use crate::event::row::SHAPE;
use crate::pg::call::{Answer, Call};
use crate::pg::datum::Datum;
use crate::pg::index_scan::{Direction, IndexKey, IndexScan};
use crate::pg::misuse::Misuse;
use crate::pg::partitions::{Leaf, Partitions};
use crate::pg::relation::{AccessShareLock, Relation};
use crate::pg::rows::Rows;
use crate::pg::snapshot::Snapshot;
use crate::pg::{clock, datum, image};
use crate::storage::{Storage, StorageError};

const LIMITS: std::ops::RangeInclusive<i32> = 1..=10_000;
const DAYS: std::ops::RangeInclusive<i32> = 1..=36_500;

/// A page continues after an event that is none of the workspace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoSuchEvent {
    pub id: EventId,
}

impl IntoReport for NoSuchEvent {
    fn report(&self) -> Report {
        Report::new(
            SqlState::InvalidParameterValue,
            format!("there is no event {} in the trail of this workspace", self.id),
        )
        .hint("Pass the id of the last event of the page before, or leave p_before_event_id out to start anew.")
    }
}

/// The conditions that events must meet.
#[derive(Clone, Copy)]
struct Filter<'a> {
    workspace: WorkspaceId,
    resource_type: Option<Datum<'a>>,
    resource_id: Option<Datum<'a>>,
    since: Timestamp,
    before: Option<Position>,
    shows: Shown,
}

/// Which rows count.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shown {
    /// Events that have not been erased, for readers of the trail.
    Undeleted,
    /// All but system events, for the order of a workspace's events.
    NotOwn,
    All,
}

impl Filter<'_> {
    fn latest(&self) -> Timestamp {
        self.before.map_or(Timestamp::FUTURE, |(time, _)| time)
    }

    fn admits(&self, scan: &IndexScan, position: Position) -> bool {
        self.before.is_none_or(|before| position < before)
            && match self.shows {
                Shown::Undeleted => scan.is_null(Column::DeletedAt),
                Shown::NotOwn => !scan.bytes(Column::ActionType).is_some_and(is_system_action),
                Shown::All => true,
            }
            && self.resource_type.is_none_or(|wanted| image::same(scan.value(Column::ResourceType), Some(wanted)))
            && self.resource_id.is_none_or(|wanted| image::same(scan.value(Column::ResourceId), Some(wanted)))
    }

    /// A scan of one partition in descending order, through the index that fits best.
    fn scan(&self, leaf: Relation) -> Result<Option<IndexScan>, Misuse> {
        const BY_RESOURCE: [Column; 3] = [Column::WorkspaceId, Column::ResourceId, Column::CreatedAt];
        let mut keys = vec![IndexKey::UuidIs(1, self.workspace.0)];
        let by_resource = self.resource_id.and_then(|id| {
            leaf.index_on(&SHAPE, &BY_RESOURCE.map(Column::number))
                .map(|index| (index, IndexKey::UuidIs(2, datum::read_uuid(id))))
        });
        let (index, time) = match by_resource {
            Some((index, key)) => {
                keys.push(key);
                (index, 3)
            }
            None => match leaf.primary_key() {
                Some(index) => (index, 2),
                None => return Ok(None),
            },
        };
        keys.push(IndexKey::TimeFrom(time, self.since));
        if let Some((before, _)) = self.before {
            keys.push(IndexKey::TimeUpTo(time, before));
        }
        IndexScan::begin(leaf, index, &SHAPE, &keys, Direction::Descending, Snapshot::active()).map(Some)
    }
}

/// A lane: the months of one of the two tables, or its default partition.
struct MonthLane<'a> {
    filter: Filter<'a>,
    parts: Box<dyn Iterator<Item = Leaf> + 'a>,
    next: Option<Leaf>,
    current: Option<(IndexScan, Position)>,
    is_archived: bool,
}

impl<'a> MonthLane<'a> {
    fn new(filter: Filter<'a>, is_archived: bool, parts: impl Iterator<Item = Leaf> + 'a) -> Self {
        let mut parts = Box::new(parts.skip_while(move |leaf| leaf.lower() > filter.latest()))
            as Box<dyn Iterator<Item = Leaf> + 'a>;
        let next = parts.next();
        MonthLane { filter, parts, next, current: None, is_archived }
    }

    /// The two lanes of a table.
    fn of(parent: &'a Relation, is_archived: bool, filter: Filter<'a>) -> [MonthLane<'a>; 2] {
        let partitions = Partitions::of(parent);
        let months = partitions.newest_first().take_while(move |month| month.upper > filter.since).map(Leaf::Month);
        [
            MonthLane::new(filter, is_archived, months),
            MonthLane::new(filter, is_archived, partitions.default().into_iter()),
        ]
    }

    /// Moves the scan to its next row that fits, or drops it at its end.
    fn settle(&mut self, mut scan: IndexScan) {
        while scan.advance() {
            if let Some(position) = position_of(&scan)
                && self.filter.admits(&scan, position)
            {
                self.current = Some((scan, position));
                return;
            }
        }
    }

    fn row(&self) -> Option<&IndexScan> {
        self.current.as_ref().map(|(scan, _)| scan)
    }
}

impl Lane for MonthLane<'_> {
    type Error = Error;

    fn head(&self) -> Option<Head> {
        match (&self.current, self.next) {
            (Some((_, position)), _) => Some(Head::Row(*position)),
            (None, Some(leaf)) => Some(Head::Before(leaf.upper())),
            (None, None) => None,
        }
    }

    fn open(&mut self) -> Result<(), Error> {
        let leaf = self.next.take().and_then(|leaf| Relation::open(leaf.oid(), AccessShareLock));
        self.next = self.parts.next();
        if let Some(leaf) = leaf.filter(|leaf| !leaf.is_empty_file())
            && let Some(scan) = self.filter.scan(leaf)?
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

fn position_of(scan: &IndexScan) -> Option<Position> {
    Some((scan.time(Column::CreatedAt)?, EventId(scan.uuid(Column::Id)?)))
}

/// Visits the events that `filter` admits, newest first, until `visit` says stop.
fn read<'a>(
    storage: &Storage,
    filter: Filter<'a>,
    mut visit: impl FnMut(&IndexScan, Position, bool) -> ControlFlow<()>,
) -> Result<(), Error> {
    let open = |table, name: &str| Relation::open(table, AccessShareLock).ok_or_else(|| StorageError::missing(name));
    let (events, archive) = (open(storage.events, EVENTS)?, open(storage.archive, ARCHIVE)?);
    let [hot, hot_default] = MonthLane::of(&events, false, filter);
    let [archived, archived_default] = MonthLane::of(&archive, true, filter);
    let mut lanes = [hot, hot_default, archived, archived_default];
    newest_first(&mut lanes, |lane, position| match lane.row() {
        Some(scan) => visit(scan, position, lane.is_archived),
        None => ControlFlow::Continue(()),
    })
}

/// The position of an event of the workspace, which its id tells; None when there is no such event.
fn find(storage: &Storage, workspace: WorkspaceId, event: EventId) -> Result<Option<Position>, Error> {
    let Some(time) = id::created_at(&event) else { return Ok(None) };
    let filter = Filter {
        workspace,
        resource_type: None,
        resource_id: None,
        since: time,
        before: Some((time, EventId(Uuid::max()))),
        shows: Shown::All,
    };
    let mut found = None;
    read(storage, filter, |_, position, _| {
        if position.1 == event {
            found = Some(position);
        }
        if found.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })?;
    Ok(found)
}

/// Why a page cannot continue after an event that was not found.
fn missing(storage: &Storage, workspace: WorkspaceId, event: EventId) -> Error {
    match id::created_at(&event).map(|time| cold::holds(storage, workspace, (time, event))) {
        Some(Ok(true)) => EventIsCold { event }.into(),
        Some(Err(error)) => error,
        Some(Ok(false)) | None => NoSuchEvent { id: event }.into(),
    }
}

fn in_range(name: &'static str, value: Option<i32>, range: std::ops::RangeInclusive<i32>) -> Result<i32, Argument> {
    value.filter(|value| range.contains(value)).ok_or_else(|| {
        Argument::new(name)
            .problem(format!("must be between {} and {}", range.start(), range.end()))
            .hint("To read further back, continue page by page with p_before_event_id.")
    })
}

/// The columns of the answer that come from the event, in the contract's order.
const COLUMNS: [Column; 15] = [
    Column::Id,
    Column::CreatedAt,
    Column::CreatedByUserId,
    Column::ActionType,
    Column::ResourceType,
    Column::ResourceId,
    Column::WorkspaceId,
    Column::OldValues,
    Column::NewValues,
    Column::ChangedFields,
    Column::IpAddress,
    Column::UserAgent,
    Column::RequestId,
    Column::Tags,
    Column::Metadata,
];

/// `get_audit_trail(p_workspace_id, p_resource_type, p_resource_id, p_days_back, p_limit, p_before_event_id)`.
pub fn call(call: &Call) -> Result<Answer, Error> {
    let storage = Storage::of(call)?;
    let mut rows = Rows::of(call)?;
    let workspace = call.uuid(0).map(WorkspaceId).ok_or(
        Argument::new("p_workspace_id").problem("must not be null").hint("A trail is read for one workspace."),
    )?;
    let days = in_range("p_days_back", call.int4(3), DAYS)?;
    let limit = in_range("p_limit", call.int4(4), LIMITS)?;
    match visibility::reading(&storage, workspace)? {
        Reading::Allowed => {}
        Reading::NotAMember => return Ok(Answer::Nothing),
        Reading::NoUser(why) => return Err(ReadsForNobody { why }.into()),
    }
    let before = match call.uuid(5).map(EventId) {
        None => None,
        Some(event) => {
            let position = find(&storage, workspace, event)?;
            Some(position.map_or_else(|| Err(missing(&storage, workspace, event)), Ok)?)
        }
    };
    let filter = Filter {
        workspace,
        resource_type: call.datum(1),
        resource_id: call.datum(2),
        since: clock::now().minus_days(days),
        before,
        shows: Shown::Undeleted,
    };
    let (since, latest) = (filter.since, filter.latest());
    let mut left = limit;
    read(&storage, filter, |event, _, is_archived| {
        let mut row: Vec<Option<Datum>> = COLUMNS.iter().map(|column| event.value(*column)).collect();
        row.push(Some(datum::from_bool(is_archived)));
        rows.push(&row);
        left -= 1;
        if left == 0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })?;
    if left > 0 {
        cold::tell(&storage, workspace, since, latest)?;
    }
    Ok(Answer::Nothing)
}
