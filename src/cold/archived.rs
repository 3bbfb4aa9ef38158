//! The rows of the archive that an object is made of: those of its workspace between its keys, but for what is on loan and what never goes cold.

use std::iter::Peekable;
use std::rc::Rc;

use audit_cold_row::{Chunker, MAX_EVENT_BYTES};
use audit_core::catalogue::COLD_LOANS;
use audit_core::cold::content::Chunk;
use audit_core::event::action::is_system_action;
use audit_core::event::column::Column;
use audit_core::ids::EventId;
use audit_core::tier::Tier;
use audit_evidence::hash::{Hash, Hashing};
use uuid::Uuid;

use super::rows::{EventRows, Place, Window};
use crate::error::Error;
use crate::event::canonical::CanonicalRows;
use crate::event::voucher::vouches;
use crate::pg::cursor::Cursor;
use crate::pg::parameter;
use crate::storage::Storage;

const LOANS_AT_A_TIME: u32 = 1000;

/// What was found beside the chunks.
#[derive(Default, Debug)]
pub struct Found {
    /// Events that no file takes.
    pub too_large: Vec<Uuid>,
    /// The last event that counts for the order of its workspace.
    pub newest: Option<Place>,
}

/// Hands the chunks to `visit`, cut as an object is cut, in as much memory as one row takes.
pub fn chunks(
    storage: &Rc<Storage>,
    window: Window,
    mut visit: impl FnMut(Chunk) -> Result<(), Error>,
) -> Result<Found, Error> {
    let mut found = Found::default();
    let mut events = EventRows::open(storage, &[Tier::Archive], window)?;
    let mut lent = loans(storage, window).peekable();
    let mut canonical = CanonicalRows::new();
    let mut cutter = Cutter::default();
    let mut row = Vec::new();
    while let Some(place) = events.advance() {
        if is_lent(&mut lent, place) {
            continue;
        }
        let Some(columns) = events.columns() else { break };
        let is_system = columns.bytes(Column::ActionType).is_some_and(is_system_action);
        if is_system && vouches(storage, &columns) {
            continue;
        }
        row.clear();
        canonical.write(&columns, &mut row);
        if row.len() > MAX_EVENT_BYTES {
            found.too_large.push(place.1.0);
            continue;
        }
        if !is_system {
            found.newest = Some(place);
        }
        if let Some(chunk) = cutter.push(&row) {
            visit(chunk)?;
        }
    }
    if let Some(chunk) = cutter.finish() {
        visit(chunk)?;
    }
    Ok(found)
}

/// The places of what is on loan, in their order.
fn loans(storage: &Storage, window: Window) -> impl Iterator<Item = Place> {
    let sql = format!(
        "SELECT created_at, event_id FROM {} WHERE workspace_id = $1 AND created_at BETWEEN $2 AND $3 ORDER BY created_at, event_id",
        storage.qualified(COLD_LOANS)
    );
    let parameters =
        [parameter::uuid(window.workspace), parameter::time(window.first.0), parameter::time(window.last.0)];
    let cursor = Cursor::open(&sql, &parameters);
    cursor.rows(LOANS_AT_A_TIME, |row| Some((row.time(1)?, EventId(row.uuid(2)?)))).flatten()
}

/// Whether the next loan is this event. Both come in the same order.
fn is_lent(lent: &mut Peekable<impl Iterator<Item = Place>>, place: Place) -> bool {
    while lent.next_if(|loan| *loan < place).is_some() {}
    lent.peek() == Some(&place)
}

/// Cuts rows into chunks and digests them.
#[derive(Default)]
pub struct Cutter {
    chunker: Chunker,
    digest: Option<Hashing>,
}

impl Cutter {
    /// Gives the chunk that ended before this row, if one did.
    pub fn push(&mut self, row: &[u8]) -> Option<Chunk> {
        let ended = self.chunker.push(row.len()).map(|size| whole(size, self.digest.take()));
        self.digest.get_or_insert_with(Hash::over).add(row);
        ended
    }

    /// Gives the last chunk, if there is one.
    pub fn finish(self) -> Option<Chunk> {
        self.chunker.finish().map(|size| whole(size, self.digest))
    }
}

fn whole(size: audit_cold_row::Chunk, digest: Option<Hashing>) -> Chunk {
    let sha256 = digest.unwrap_or_else(Hash::over).finish().0;
    Chunk { events: size.events as u64, bytes: size.bytes as u64, sha256 }
}
