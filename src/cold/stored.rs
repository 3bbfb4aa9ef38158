//! An object as the catalog has it, locked for a step.

use audit_core::argument::Argument;
use audit_core::catalogue::{COLD_CHUNKS, COLD_OBJECTS};
use audit_core::cold::content::{BytesError, Chunk};
use audit_core::cold::refusal::{UnfitState, unknown};
use audit_core::cold::state::State;
use audit_core::ids::{EventId, WorkspaceId};
use audit_evidence::hash::{Hash, hex};
use uuid::Uuid;

use super::rows::Window;
use crate::error::Error;
use crate::interlock::Contention;
use crate::pg::{lock, parameter, spi};
use crate::storage::Storage;

/// An object that nobody else takes a step with until the transaction ends.
#[derive(Clone, Debug)]
pub struct Object {
    pub id: Uuid,
    pub workspace: WorkspaceId,
    pub state: State,
    pub replaces: Option<Uuid>,
    pub release_log: Option<Uuid>,
    /// None until the file was read back.
    pub content: Option<Content>,
}

/// What the file holds.
#[derive(Clone, Debug)]
pub struct Content {
    pub window: Window,
    /// In hex.
    pub file_sha256: String,
}

/// The workspace of an object. What an operation locks before the object depends on it, and it never changes.
pub fn workspace_of(storage: &Storage, object: Option<Uuid>) -> Result<(Uuid, WorkspaceId), Argument> {
    let sql = format!("SELECT workspace_id FROM {} WHERE object_id = $1", storage.qualified(COLD_OBJECTS));
    let id = object.ok_or_else(|| unknown(Uuid::nil()))?;
    let found = spi::first_row_with(&sql, &[parameter::uuid(id)], |row| row.uuid(1));
    found.map(|workspace| (id, WorkspaceId(workspace))).ok_or_else(|| unknown(id))
}

impl Object {
    /// Waits for its turn for some seconds at most.
    pub fn locked(storage: &Storage, id: Uuid, what: &'static str) -> Result<Object, Error> {
        let sql = format!(
            "SELECT workspace_id, state, replaces, release_log_id, first_created_at, first_id, last_created_at, last_id, file_sha256 \
             FROM {} WHERE object_id = $1 FOR UPDATE",
            storage.qualified(COLD_OBJECTS)
        );
        let mut found = None;
        if !lock::with_patience(|| found = spi::first_row_with(&sql, &[parameter::uuid(id)], |row| read(id, row))) {
            return Err(Contention::Turn { what }.into());
        }
        Ok(found.ok_or_else(|| unknown(id))?)
    }

    /// What it holds, if it is in this state.
    pub fn demand(&self, state: State) -> Result<&Content, UnfitState> {
        let unfit = UnfitState { object: self.id, state: self.state, needed: state };
        self.content.as_ref().filter(|_| self.state == state).ok_or(unfit)
    }

    /// All chunks, in their order.
    pub fn chunks(&self, storage: &Storage) -> Vec<Chunk> {
        let sql = format!(
            "SELECT event_count, byte_count, sha256 FROM {} WHERE object_id = $1 ORDER BY chunk",
            storage.qualified(COLD_CHUNKS)
        );
        spi::rows_with(&sql, &[parameter::uuid(self.id)], |row| chunk(&row)).into_iter().flatten().collect()
    }

    /// The chunk of this number, if these are its bytes. Nothing of them was looked into before.
    pub fn demand_bytes(&self, storage: &Storage, number: i32, bytes: &[u8]) -> Result<Chunk, BytesError> {
        let sql = format!(
            "SELECT event_count, byte_count, sha256 FROM {} WHERE object_id = $1 AND chunk = $2",
            storage.qualified(COLD_CHUNKS)
        );
        let parameters = [parameter::uuid(self.id), parameter::int4(number)];
        let known = spi::first_row_with(&sql, &parameters, |row| chunk(&row)).ok_or_else(|| {
            let count = self.chunks(storage).len() as i64;
            BytesError::NoSuchChunk { object: self.id, chunk: number, count }
        })?;
        let is_this = known.bytes == bytes.len() as u64 && Hash::of(bytes).0 == known.sha256;
        if is_this { Ok(known) } else { Err(BytesError::NotThisChunk { object: self.id, chunk: number }) }
    }
}

fn read(id: Uuid, row: spi::ResultRow) -> Option<Object> {
    let workspace = WorkspaceId(row.uuid(1)?);
    let place = |first: i32| row.time(first).zip(row.uuid(first + 1).map(EventId));
    let content = place(5).zip(place(7)).zip(row.bytes(9)).map(|((first, last), file_sha256)| Content {
        window: Window { workspace, first, last },
        file_sha256: hex(&file_sha256),
    });
    let state = State::parse(&row.text(2)?)?;
    Some(Object { id, workspace, state, replaces: row.uuid(3), release_log: row.uuid(4), content })
}

fn chunk(row: &spi::ResultRow) -> Option<Chunk> {
    let sha256 = row.bytes(3)?.try_into().ok()?;
    Some(Chunk { events: row.int8(1)? as u64, bytes: row.int8(2)? as u64, sha256 })
}
