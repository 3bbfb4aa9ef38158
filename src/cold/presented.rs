//! The rows of a chunk that somebody presented. Its digest is that of the catalog ([`super::stored`]); still, a manifest that was adopted without proof
//! may have said anything, so each row must be one of the object.

use audit_cold_row::{Column, MAX_CHUNK_EVENTS, Row, Rows, microseconds, uuid};
use audit_core::cold::content::BytesError;
use audit_core::ids::EventId;
use audit_core::time::Timestamp;
use uuid::Uuid;

use super::object::Object;
use super::rows::{Place, Window};

/// The rows, each with its place, in their order.
pub struct Presented<'a> {
    object: Uuid,
    chunk: i32,
    window: Window,
    rows: Rows<'a>,
    last: Option<Place>,
    /// How many were read.
    count: usize,
}

impl<'a> Presented<'a> {
    pub fn of(object: &Object, window: Window, chunk: i32, bytes: &'a [u8]) -> Presented<'a> {
        Presented { object: object.id, chunk, window, rows: Rows::new(bytes), last: None, count: 0 }
    }

    /// The chunk does not hold what it must.
    pub fn wrong(&self, problem: impl Into<String>) -> BytesError {
        BytesError::NotItsEvents { object: self.object, chunk: self.chunk, problem: problem.into() }
    }

    pub fn no_memory(&self, bytes: usize) -> BytesError {
        BytesError::NoMemory { object: self.object, chunk: self.chunk, bytes }
    }

    fn check(&mut self, row: Row<'a>) -> Result<(Place, Row<'a>), BytesError> {
        let id = row.get(Column::Id).and_then(uuid).map(|id| EventId(Uuid::from_bytes(id)));
        let time = row.get(Column::CreatedAt).and_then(microseconds).map(Timestamp::from_microseconds);
        let workspace = row.get(Column::WorkspaceId).and_then(uuid).map(Uuid::from_bytes);
        let place = time.zip(id).filter(|_| workspace == Some(self.window.workspace.0));
        let Some(place) = place.filter(|place| self.window.holds(*place)) else {
            return Err(self.wrong("an event is not of its workspace, or does not lie between its keys"));
        };
        if self.last.replace(place).is_some_and(|last| last >= place) {
            return Err(self.wrong("its events are not in the order of their keys"));
        }
        self.count += 1;
        if self.count > MAX_CHUNK_EVENTS {
            return Err(self.wrong(format!("it has more than {MAX_CHUNK_EVENTS} events")));
        }
        Ok((place, row))
    }
}

impl<'a> Iterator for Presented<'a> {
    type Item = Result<(Place, Row<'a>), BytesError>;

    fn next(&mut self) -> Option<Self::Item> {
        Some(match self.rows.next()? {
            Ok(row) => self.check(row),
            Err(malformed) => Err(self.wrong(malformed.to_string())),
        })
    }
}
