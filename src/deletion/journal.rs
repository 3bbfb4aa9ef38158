//! `export_audit_deletions()`: the erasures and purges of the log with their lists, a line each ([`audit_evidence::journal`]).

use std::collections::VecDeque;
use std::rc::Rc;

use audit_evidence::deletion::Entry;
use audit_evidence::journal;
use uuid::Uuid;

use crate::error::Error;
use crate::pg::call::{Answer, Call};
use crate::pg::row_source::{RowSource, next_row};
use crate::pg::{datum, parameter, spi};
use crate::seal::deletions;
use crate::storage::Storage;

struct Journal {
    /// The entries that are to come.
    entries: VecDeque<Uuid>,
}

impl RowSource for Journal {
    type Error = Error;

    fn next(&mut self, call: &Call) -> Result<Option<Answer>, Error> {
        let storage = Storage::of(call)?;
        while let Some(id) = self.entries.pop_front() {
            // What was planted under another id than that of its content was no deletion.
            let Some((entry, list)) = entry(&storage, id).filter(|(entry, _)| entry.id() == id) else { continue };
            let parts = list.map_or(Vec::new(), |list| deletions::parts(&storage, list));
            let line = journal::line(&entry, &parts);
            return Ok(Some(Answer::Value(datum::from_text(line.as_bytes()))));
        }
        Ok(None)
    }
}

/// The content of an entry as it is stored, and its list.
pub fn entry(storage: &Rc<Storage>, id: Uuid) -> Option<(Entry, Option<Uuid>)> {
    let sql = storage.fill(include_str!("../../sql/deletion/entry.sql"), &deletions::columns(storage));
    spi::find_row_with(&sql, &[parameter::uuid(id)], |row| Some((deletions::entry(&row, 2).ok()?, row.uuid(1))))
}

/// `export_audit_deletions(p_since)`.
pub fn call(call: &Call) -> Result<Answer, Error> {
    next_row(call, || {
        let storage = Storage::of(call)?;
        let sql = storage.fill(include_str!("../../sql/deletion/journal.sql"), &[]);
        let since = (pgrx::pg_sys::TIMESTAMPTZOID, call.datum(0));
        let entries = spi::rows_with(&sql, &[since], |row| row.uuid(1)).into_iter().flatten().collect();
        Ok(Journal { entries })
    })
}
