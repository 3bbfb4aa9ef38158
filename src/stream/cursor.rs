//! Where a stream stands, as its row has it. Whoever works on a stream has the row locked, and nobody waits for that.

use audit_core::catalogue::STREAM_CURSORS;
use audit_core::stream::batch::{Acknowledged, Batches};
use audit_core::stream::place::Place;
use audit_core::stream::refusal::StreamError;
use pgrx::pg_sys::{INT4OID, INT8OID};
use uuid::Uuid;

use super::statement;
use crate::error::Error;
use crate::pg::datum::{from_int4, from_int8};
use crate::pg::parameter::{self, Parameter};
use crate::pg::spi::{self, ResultRow};
use crate::storage::{Interference, Storage};

/// A batch that was delivered and not acknowledged.
pub struct Waiting {
    pub end: Place,
    /// Its events, where the place alone does not tell which they are.
    pub events: Option<Vec<Uuid>>,
}

pub struct Cursor {
    stream: Uuid,
    /// Behind what was acknowledged.
    pub place: Place,
    /// The number of the last batch.
    pub batch: i64,
    pub waiting: Option<Waiting>,
    has_acknowledged: bool,
}

/// What was done with a stream.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Done {
    Fetched,
    Acknowledged,
    Resumed,
}

impl Cursor {
    /// Locks the row until the transaction ends, if nobody else has.
    pub fn lock(storage: &Storage, stream: Uuid, name: &str) -> Result<Cursor, StreamError> {
        let found = spi::find_row_with(&statement!(storage, "lock"), &[parameter::uuid(stream)], |row| {
            let place = |first: i32| {
                Some(Place {
                    incarnation: row.int4(first)?,
                    head: row.int8(first + 1)? as u64,
                    leaf: row.int8(first + 2)? as u64,
                })
            };
            let waiting = place(5).map(|end| Waiting { end, events: events(&row) });
            let (place, batch) = (place(1)?, row.int8(4)?);
            Some(Cursor { stream, place, batch, waiting, has_acknowledged: false })
        });
        found.ok_or_else(|| StreamError::Busy { name: name.to_owned() })
    }

    /// Whether the batch waited until now.
    pub fn acknowledge(&mut self, batch: i64) -> Result<bool, StreamError> {
        let batches = Batches { last: self.batch, is_waiting: self.waiting.is_some() };
        if batches.acknowledge(batch)? == Acknowledged::Former {
            return Ok(false);
        }
        if let Some(waiting) = self.waiting.take() {
            self.place = waiting.end;
        }
        self.has_acknowledged = true;
        Ok(true)
    }

    pub fn keep(&self, storage: &Storage, done: Done) -> Result<(), Error> {
        let end = self.waiting.as_ref().map(|waiting| waiting.end);
        let end_number = |number: fn(Place) -> u64| (INT8OID, end.map(|end| from_int8(number(end) as i64)));
        let ids = self.waiting.as_ref().and_then(|waiting| waiting.events.as_ref());
        let ids = ids.map(|ids| ids.iter().flat_map(|id| *id.as_bytes()).collect::<Vec<u8>>());
        let values: [Parameter; 12] = [
            parameter::uuid(self.stream),
            parameter::int4(self.place.incarnation),
            parameter::count(self.place.head),
            parameter::count(self.place.leaf),
            parameter::int8(self.batch),
            (INT4OID, end.map(|end| from_int4(end.incarnation))),
            end_number(|end| end.head),
            end_number(|end| end.leaf),
            parameter::bytes_or_null(ids.as_deref()),
            parameter::bool(done == Done::Fetched),
            parameter::bool(self.has_acknowledged),
            parameter::bool(done == Done::Resumed),
        ];
        let _permit = storage.writing(STREAM_CURSORS)?;
        match spi::count_with(&statement!(storage, "keep"), &values) {
            1 => Ok(()),
            _ => Err(Interference::Suppressed { table: STREAM_CURSORS }.into()),
        }
    }
}

fn events(row: &ResultRow) -> Option<Vec<Uuid>> {
    let bytes = row.bytes(8)?;
    let (ids, _) = bytes.as_chunks();
    Some(ids.iter().map(|id| Uuid::from_bytes(*id)).collect())
}

/// Makes the cursor of a new stream.
pub fn begin(storage: &Storage, stream: Uuid, place: Place) -> Result<(), Error> {
    let values = [parameter::uuid(stream), parameter::int4(place.incarnation), parameter::count(place.head)];
    write(storage, &statement!(storage, "begin"), &values)
}

/// Removes the cursor of a stream that ended.
pub fn forget(storage: &Storage, stream: Uuid) -> Result<(), Error> {
    write(storage, &statement!(storage, "forget"), &[parameter::uuid(stream)])
}

fn write(storage: &Storage, sql: &str, values: &[Parameter]) -> Result<(), Error> {
    let _permit = storage.writing(STREAM_CURSORS)?;
    match spi::count_with(sql, values) {
        1 => Ok(()),
        _ => Err(Interference::Suppressed { table: STREAM_CURSORS }.into()),
    }
}
