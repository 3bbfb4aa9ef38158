//! The order of a workspace's events.
//!
//! An event whose time the *caller* supplied is refused if it is earlier than the newest event of its workspace that the transaction can
//! see, hot or archived, or than the floor set in `audit_event_sequence`. An event that takes the default time is never refused: its time
//! is taken at insertion, so there is nothing to compare.
//!
//! System events (`AUDIT_*`) do not count as the newest event. Otherwise setting a workspace's policy, or a floor in the past, would keep
//! the workspace from importing its own history. Nor do imported events: they are the past of a workspace that may be live.
//!
//! The newest event is found through the reading index, in the months after the time in question only. No row is kept per workspace, so
//! nothing can be outdated and no two writers meet. A command that inserts many events looks once for each workspace, however many months
//! come later; one that takes its time looks again each second. Uncommitted events of other transactions are invisible: two transactions that commit at
//! once may leave their events in either order, which (created_at, id) then defines.

use std::cell::RefCell;
use std::collections::HashMap;
use std::time::{Duration, Instant};

use audit_core::catalogue::{self, ARCHIVE, EVENTS, FLOORS};
use audit_core::event::action::is_system_action;
use audit_core::event::column::Column;
use audit_core::event::id;
use audit_core::ids::{EventId, WorkspaceId};
use audit_core::report::{IntoReport, Report};
use audit_core::sqlstate::SqlState;
use audit_core::time::{Span, Timestamp};
use pgrx::pg_sys::{Oid, TIMESTAMPTZOID, UUIDOID};

use crate::cached::Cached;
use crate::cluster;
use crate::error::Error;
use crate::event::row::SHAPE;
use crate::pg::call::{Answer, Call};
use crate::pg::datum::Datum;
use crate::pg::expected::{Expected, On};
use crate::pg::fired::{Fired, Level, Operation, Timing};
use crate::pg::index_scan::{Direction, IndexKey, IndexScan};
use crate::pg::partitions::Partitions;
use crate::pg::relation::{AccessShareLock, Relation};
use crate::pg::role::Acting;
use crate::pg::shape::Named;
use crate::pg::snapshot::{Fresh, Sight, Snapshot};
use crate::pg::spi::PreparedStatement;
use crate::pg::trigger::Trigger;
use crate::pg::{clock, datum};
use crate::storage::{Storage, StorageError};

/// A time, or a floor, that is not in the order of its workspace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OrderError {
    /// A time that the caller supplied is before the newest event of the workspace.
    BeforeNewest { newest: Timestamp },
    /// A floor without workspace, event or time.
    FloorIncomplete,
    /// A floor in the future, before which every event would lie.
    FloorInFuture,
    /// A floor below what there is.
    FloorBeforeNewest,
}

impl IntoReport for OrderError {
    fn report(&self) -> Report {
        let floor = |message: &str, hint: &str| Report::new(SqlState::InvalidParameterValue, message).hint(hint);
        match self {
            OrderError::BeforeNewest { newest } => {
                Report::new(SqlState::CheckViolation, "Audit event timestamp is before last event")
                    .detail(format!(
                        "Constraint check_audit_event_sequence: the newest event of the workspace is of {newest}."
                    ))
                    .hint(
                        "Leave created_at out to take the time of insertion, or record a workspace's history in order.",
                    )
                    .constraint("check_audit_event_sequence")
                    .table(EVENTS)
                    .parameter("created_at")
            }
            OrderError::FloorIncomplete => floor(
                "a floor of the event sequence needs workspace_id, last_event_id and last_created_at",
                "Give all three columns.",
            ),
            OrderError::FloorInFuture => {
                floor("a floor of the event sequence cannot lie in the future", "Use now() at the latest.")
            }
            OrderError::FloorBeforeNewest => floor(
                "a floor of the event sequence cannot lie before the newest event of the workspace",
                "Floors only rise; SELECT last_created_at FROM audit_event_sequence shows where it is.",
            ),
        }
    }
}

/// Refuses a caller's time that is before the newest event of the workspace.
pub fn check_order(storage: &Storage, workspace: WorkspaceId, created_at: Timestamp) -> Result<(), Error> {
    if IN_ORDER.with_borrow_mut(|in_order| in_order.accept(Sight::of_command(), workspace, created_at)) {
        return Ok(());
    }
    if let Some(newest) = newest_after(storage, workspace, created_at)? {
        return Err(OrderError::BeforeNewest { newest }.into());
    }
    // The look itself may have begun a new command.
    IN_ORDER.with_borrow_mut(|in_order| in_order.remember(Sight::of_command(), workspace, created_at));
    Ok(())
}

/// An event of this moment is recorded, which takes the order of its workspace as far.
pub fn reached(workspace: WorkspaceId, now: Timestamp) {
    IN_ORDER.with_borrow_mut(|in_order| {
        if let Some(newest) = in_order.newest.get_mut(&workspace) {
            *newest = now.max(*newest);
        }
    });
}

thread_local! {
    static IN_ORDER: RefCell<InOrder> = RefCell::default();
}

/// Workspaces of one command that are kept in mind; with more it looks again.
const REMEMBERED: usize = 4096;
/// A COPY may last for hours, and others record meanwhile.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// How far the order of each workspace is, as the running command has found it: nothing that it sees is later. A time may be too late, if its event
/// was not stored after all.
#[derive(Default)]
struct InOrder {
    sight: Sight,
    /// When the first of them was looked for.
    since: Option<Instant>,
    newest: HashMap<WorkspaceId, Timestamp>,
}

impl InOrder {
    fn accept(&mut self, sight: Sight, workspace: WorkspaceId, time: Timestamp) -> bool {
        let is_good = self.sight == sight && self.since.is_some_and(|since| since.elapsed() < LOOK_AGAIN);
        let newest = self.newest.get_mut(&workspace).filter(|newest| is_good && **newest <= time);
        newest.map(|newest| *newest = time).is_some()
    }

    fn remember(&mut self, sight: Sight, workspace: WorkspaceId, time: Timestamp) {
        let is_old = self.since.is_none_or(|since| since.elapsed() >= LOOK_AGAIN);
        if self.sight != sight || is_old || self.newest.len() >= REMEMBERED {
            self.newest.clear();
            self.sight = sight;
            self.since = Some(Instant::now());
        }
        self.newest.insert(workspace, time);
    }
}

/// The time of the newest event of the workspace, or its floor, if that is later than `time`.
fn newest_after(storage: &Storage, workspace: WorkspaceId, time: Timestamp) -> Result<Option<Timestamp>, Error> {
    let _sees_all_so_far = Fresh::take();
    let hot = later_event(storage.events, EVENTS, workspace, time)?;
    let archived = later_event(storage.archive, ARCHIVE, workspace, time)?;
    let floor = floor(storage, workspace)?.filter(|floor| *floor > time);
    Ok(hot.max(archived).max(floor))
}

/// The time of the newest event of the workspace in one of the two tables, if it is later than `time`.
fn later_event(table: Oid, name: &str, workspace: WorkspaceId, time: Timestamp) -> Result<Option<Timestamp>, Error> {
    let parent = Relation::open(table, AccessShareLock).ok_or_else(|| StorageError::missing(name))?;
    let partitions = Partitions::of(&parent);
    let in_default = match partitions.default() {
        Some(leaf) => newest_in(leaf.oid(), workspace, time)?,
        None => None,
    };
    for month in partitions.newest_first().take_while(|month| month.upper > time) {
        let in_month = newest_in(month.oid, workspace, time)?;
        if in_month.is_some() {
            return Ok(in_month.max(in_default));
        }
    }
    Ok(in_default)
}

fn newest_in(leaf: Oid, workspace: WorkspaceId, after: Timestamp) -> Result<Option<Timestamp>, Error> {
    let Some(leaf) = Relation::open(leaf, AccessShareLock).filter(|leaf| !leaf.is_empty_file()) else {
        return Ok(None);
    };
    let Some(index) = leaf.primary_key() else { return Ok(None) };
    let Some(id_in_index) = leaf.place_in_index(index, &SHAPE, Column::Id.number()) else { return Ok(None) };
    let keys = [IndexKey::UuidIs(1, workspace.0), IndexKey::TimeAfter(2, after)];
    let mut scan = IndexScan::begin_by_entries(leaf, index, &SHAPE, &keys, Direction::Descending, Snapshot::active())?;
    // Imported events may be many. Their entries in the index are passed over, and their rows not visited.
    while scan.advance_where(id_in_index, |id| !id::is_of_import(&EventId(id))) {
        if !scan.bytes(Column::ActionType).is_some_and(is_system_action) {
            return Ok(scan.time(Column::CreatedAt));
        }
    }
    Ok(None)
}

/// Columns of `audit_sequence_floors`, and of the view over it.
static FLOOR: [Named; 3] = [
    Named::needed("workspace_id", UUIDOID),
    Named::needed("last_event_id", UUIDOID),
    Named::needed("last_created_at", TIMESTAMPTZOID),
];
const WORKSPACE_ID: i16 = 1;
const LAST_EVENT_ID: i16 = 2;
const LAST_CREATED_AT: i16 = 3;

fn floor(storage: &Storage, workspace: WorkspaceId) -> Result<Option<Timestamp>, Error> {
    let missing = || StorageError::missing(FLOORS);
    let floors = Relation::open(storage.essential(FLOORS), AccessShareLock).ok_or_else(missing)?;
    let index = floors.primary_key().ok_or_else(missing)?;
    let keys = [IndexKey::UuidIs(1, workspace.0)];
    let mut scan = IndexScan::begin(floors, index, &FLOOR, &keys, Direction::Ascending, Snapshot::active())?;
    Ok(scan.advance().then(|| scan.time(LAST_CREATED_AT)).flatten())
}

static SET_FLOOR: Expected = Expected {
    on: On::Tables(catalogue::SET_FLOOR),
    fired: Fired::when(Timing::InsteadOf, &[Operation::Insert], Level::Row),
    columns: &FLOOR,
};

thread_local! {
    static INSERT_FLOOR: Cached<PreparedStatement> = const { Cached::nothing() };
}

/// INSTEAD OF INSERT on `audit_event_sequence`: stores a floor, between the newest event and now.
pub fn set_floor(call: &Call) -> Result<Answer, Error> {
    let trigger = Trigger::of(call, &SET_FLOOR)?;
    let storage = Storage::of(call)?;
    let row = trigger.new_row();
    let floor = trigger.inserted(&FLOOR)?;
    let columns = (floor.uuid(WORKSPACE_ID), floor.value(LAST_EVENT_ID), floor.time(LAST_CREATED_AT));
    let (Some(workspace), Some(event), Some(time)) = columns else {
        return Err(OrderError::FloorIncomplete.into());
    };
    if time > clock::now() {
        return Err(OrderError::FloorInFuture.into());
    }
    if newest_after(&storage, WorkspaceId(workspace), time)?.is_some() {
        return Err(OrderError::FloorBeforeNewest.into());
    }
    store_floor(&storage, WorkspaceId(workspace), event, time);
    Ok(trigger.pass(row))
}

fn store_floor(storage: &Storage, workspace: WorkspaceId, event: Datum, time: Timestamp) {
    let _owner = Acting::as_owner(storage.owner);
    let statement = storage.known_or(&INSERT_FLOOR, || {
        PreparedStatement::prepare(
            &format!(
                "INSERT INTO {} AS floor (workspace_id, last_event_id, last_created_at) VALUES ($1, $2, $3) \
                 ON CONFLICT (workspace_id) DO UPDATE \
                 SET last_event_id = excluded.last_event_id, last_created_at = excluded.last_created_at",
                storage.qualified(FLOORS)
            ),
            &[UUIDOID, UUIDOID, TIMESTAMPTZOID],
        )
    });
    statement.run(&[Some(datum::from_uuid(&workspace.0)), Some(event), Some(datum::from_time(time))], |_| ());
}

/// Events of a workspace leave the two tables, this one the last of them. What is recorded from now on must not lie before it, as if they were there.
pub fn keep_order_without(
    storage: &Storage,
    workspace: WorkspaceId,
    (time, event): (Timestamp, EventId),
) -> Result<(), Error> {
    if id::is_of_import(&event) {
        return Ok(());
    }
    // One at the very time keeps the order as well.
    let just_before = time + Span::microseconds(-1);
    if newest_after(storage, workspace, just_before)?.is_none() {
        // It is about the events of this node.
        let _untold = cluster::log::untold();
        store_floor(storage, workspace, datum::from_uuid(&event.0), time);
    }
    Ok(())
}
