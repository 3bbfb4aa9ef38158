//! What a reader of the trail is told of cold storage: that a page ends where it does, or that a count or an export lacks events, because they are in files.
//!
//! A page asks only where it ends short or an event is not found, and a trail without cold objects answers by the size of a file.

use audit_core::catalogue::COLD_OBJECTS;
use audit_core::cold::state::State;
use audit_core::ids::{EventId, WorkspaceId};
use audit_core::merge::Position;
use audit_core::month::Month;
use audit_core::report::{IntoReport, Report};
use audit_core::sqlstate::SqlState;
use pgrx::pg_sys::{DATEOID, TEXTOID, TIMESTAMPTZOID, UUIDOID};

use super::reader::Query;
use crate::error::Error;
use crate::pg::index_scan::{Direction, IndexKey, IndexScan};
use crate::pg::raise;
use crate::pg::relation::{AccessShareLock, Relation};
use crate::pg::shape::Named;
use crate::pg::snapshot::Snapshot;
use crate::storage::Storage;

/// Columns of `audit_cold_objects`.
static SHAPE: [Named; 7] = [
    Named::needed("workspace_id", UUIDOID),
    Named::needed("month", DATEOID),
    Named::needed("state", TEXTOID),
    Named::needed("first_created_at", TIMESTAMPTZOID),
    Named::needed("first_id", UUIDOID),
    Named::needed("last_created_at", TIMESTAMPTZOID),
    Named::needed("last_id", UUIDOID),
];
const WORKSPACE_ID: i16 = 1;
const MONTH: i16 = 2;
const STATE: i16 = 3;
const FIRST: i16 = 4;
const LAST: i16 = 6;

/// There are more events of what was asked for: those of these months are in files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InColdStorage {
    pub from: Month,
    pub to: Month,
}

impl IntoReport for InColdStorage {
    fn report(&self) -> Report {
        let months = match self.from == self.to {
            true => self.from.as_iso(),
            false => format!("{} to {}", self.from.as_iso(), self.to.as_iso()),
        };
        Report::new(SqlState::SuccessfulCompletion, format!("events of {months} are in cold storage"))
            .hint("audit_cold_coverage() tells which files hold them.")
    }
}

/// A page continues after an event that is in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EventIsCold {
    pub event: EventId,
}

impl IntoReport for EventIsCold {
    fn report(&self) -> Report {
        Report::new(SqlState::InvalidParameterValue, format!("event {} is not in the database", self.event)).hint(
            "Events of its time are in cold storage: audit_cold_coverage() tells which file holds them, and what is older than the page is read there.",
        )
    }
}

/// Tells the reader if events of what a query reads are in files, and gives whether there may be any. Only workspace and time are asked for.
pub fn tell(storage: &Storage, query: &Query) -> Result<bool, Error> {
    let (since, until) = (query.since(), query.until());
    let mut months: Option<InColdStorage> = None;
    released(storage, query.workspace, |first, last| {
        if let (true, Some(month)) = (last.0 >= since && first.0 < until, Month::of(first.0)) {
            let InColdStorage { from, to } = months.unwrap_or(InColdStorage { from: month, to: month });
            months = Some(InColdStorage { from: from.min(month), to: to.max(month) });
        }
    })?;
    if let Some(months) = months {
        raise::tell(&months);
    }
    Ok(months.is_some())
}

/// Whether an event of this place would be in a file.
pub fn holds(storage: &Storage, workspace: WorkspaceId, place: Position) -> Result<bool, Error> {
    let mut is_held = false;
    released(storage, Some(workspace), |first, last| is_held |= (first..=last).contains(&place))?;
    Ok(is_held)
}

/// Visits the first and the last event of each released object of the workspace, or of all.
fn released(
    storage: &Storage,
    workspace: Option<WorkspaceId>,
    mut visit: impl FnMut(Position, Position),
) -> Result<(), Error> {
    let objects = storage.oid(COLD_OBJECTS).ok().and_then(|oid| Relation::open(oid, AccessShareLock));
    let Some(objects) = objects.filter(|objects| !objects.is_empty_file()) else { return Ok(()) };
    let Some(index) = objects.index_on(&SHAPE, &[WORKSPACE_ID, MONTH]) else { return Ok(()) };
    let keys = workspace.map(|workspace| IndexKey::UuidIs(1, workspace.0));
    let mut scan = IndexScan::begin(objects, index, &SHAPE, keys.as_slice(), Direction::Ascending, Snapshot::active())?;
    let place = |scan: &IndexScan, first: i16| scan.time(first).zip(scan.uuid(first + 1).map(EventId));
    while scan.advance() {
        let is_released = scan.bytes(STATE) == Some(State::Released.name().as_bytes());
        if let (true, Some(first), Some(last)) = (is_released, place(&scan, FIRST), place(&scan, LAST)) {
            visit(first, last);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_are_told_as_one_or_from_to() {
        let month = |year, number| Month::new(year, number).unwrap();
        let message = |from, to| InColdStorage { from, to }.report().message;
        let range = message(month(2018, 1), month(2019, 3));
        assert_eq!(range, "events of 2018-01 to 2019-03 are in cold storage");
        assert_eq!(message(month(2018, 1), month(2018, 1)), "events of 2018-01 are in cold storage");
    }
}
