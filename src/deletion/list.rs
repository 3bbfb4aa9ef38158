//! The list of a deletion: id and leaf hash of each event that it took, in parts that the deletion log's entry names by their digest
//! (`audit_deletion_events`). The guards note each row that they let through ([`crate::taken`]), so the list has them all and no other.

use audit_core::catalogue::DELETION_EVENTS;
use audit_evidence::deletion::{ListWriter, Listed};
use audit_evidence::hash::Hash;
use uuid::Uuid;

use crate::error::Error;
use crate::pg::role::Acting;
use crate::pg::{parameter, spi};
use crate::storage::{Interference, Storage};

/// A list that is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct List {
    pub id: Uuid,
    /// Over all its parts.
    pub digest: Hash,
    pub count: u64,
}

/// A list that is being written, a part at a time.
pub struct Writing<'a> {
    storage: &'a Storage,
    /// Random; drawn with the first part.
    id: Option<Uuid>,
    parts: i32,
    writer: ListWriter,
}

impl<'a> Writing<'a> {
    pub fn begin(storage: &'a Storage) -> Writing<'a> {
        Writing { storage, id: None, parts: 0, writer: ListWriter::default() }
    }

    /// Of a list whose id is known.
    pub fn of(storage: &'a Storage, id: Uuid) -> Writing<'a> {
        Writing { id: Some(id), ..Writing::begin(storage) }
    }

    pub fn add(&mut self, event: Listed) -> Result<(), Error> {
        match self.writer.push(event) {
            Some(part) => self.store(&part).map(|_| ()),
            None => Ok(()),
        }
    }

    /// None if no event was added.
    pub fn finish(mut self) -> Result<Option<List>, Error> {
        let Some((part, count, digest)) = std::mem::take(&mut self.writer).finish() else { return Ok(None) };
        let id = self.store(&part)?;
        Ok(Some(List { id, digest, count: count as u64 }))
    }

    fn store(&mut self, part: &[u8]) -> Result<Uuid, Error> {
        let _owner = Acting::as_owner(self.storage.owner);
        let sql = format!(
            "INSERT INTO {} (list_id, part, entries) VALUES (coalesce($1, pg_catalog.gen_random_uuid()), $2, $3) RETURNING list_id",
            self.storage.qualified(DELETION_EVENTS)
        );
        let values = [parameter::uuid(self.id), parameter::int4(self.parts), parameter::bytes(part)];
        let _permit = self.storage.writing(DELETION_EVENTS)?;
        let stored = spi::find_row_with(&sql, &values, |row| row.uuid(1));
        let id = stored.ok_or(Interference::Suppressed { table: DELETION_EVENTS })?;
        self.id = Some(id);
        self.parts += 1;
        Ok(id)
    }
}
