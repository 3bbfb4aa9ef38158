//! What is known of the content of an object: its keys, and its chunks with their digests.

use audit_core::catalogue::{COLD_CHUNKS, COLD_OBJECTS};
use audit_core::cold::conflict::Conflict;
use audit_core::cold::content::{BytesError, Chunk};
use audit_core::cold::refusal::StepError;
use audit_core::cold::state::State;
use audit_core::ids::{EventId, WorkspaceId};
use audit_core::isolation::FixedSnapshot;
use audit_evidence::hash::{Hash, hex};
use uuid::Uuid;

use super::object::Object;
use super::rows::Window;
use crate::error::Error;
use crate::pg::{parameter, snapshot, spi};
use crate::storage::Storage;

/// Refuses a transaction that would not see which erasures were ordered while it waited for its turn. `what` names the step.
pub fn demand_current_view(what: &'static str) -> Result<(), FixedSnapshot> {
    snapshot::demand_current(what, "which erasures others have ordered")
}

/// The workspace of an object. What an operation locks before the object depends on it, and it never changes.
pub fn workspace_of(storage: &Storage, object: Option<Uuid>) -> Result<(Uuid, WorkspaceId), Conflict> {
    let object = object.unwrap_or_default();
    let sql = format!("SELECT workspace_id FROM {} WHERE object_id = $1", storage.qualified(COLD_OBJECTS));
    let found = spi::find_row_with(&sql, &[parameter::uuid(object)], |row| row.uuid(1));
    let unknown = Conflict::UnknownObject { parameter: "p_object_id", object };
    found.map(|workspace| (object, WorkspaceId(workspace))).ok_or(unknown)
}

/// The object, which nobody else takes a step with until the transaction ends. `what` waits for some seconds at most.
pub fn locked(storage: &Storage, object: Uuid, what: &'static str) -> Result<Object, Error> {
    let unknown = Conflict::UnknownObject { parameter: "p_object_id", object };
    Ok(Object::find(storage, object, what)?.ok_or(unknown)?)
}

/// What the file of an object holds.
#[derive(Clone, Debug)]
pub struct Content {
    pub window: Window,
    /// In hex.
    pub file_sha256: String,
}

/// What an object in this state holds.
pub fn content(storage: &Storage, object: &Object, state: State) -> Result<Content, Conflict> {
    object.demand_state(state)?;
    let sql = format!(
        "SELECT first_created_at, first_id, last_created_at, last_id, file_sha256 FROM {} WHERE object_id = $1",
        storage.qualified(COLD_OBJECTS)
    );
    let read = |row: spi::ResultRow| {
        let first = (row.time(1)?, EventId(row.uuid(2)?));
        let last = (row.time(3)?, EventId(row.uuid(4)?));
        let window = Window { workspace: object.workspace, first, last };
        Some(Content { window, file_sha256: hex(&row.bytes(5)?) })
    };
    spi::find_row_with(&sql, &[parameter::uuid(object.id)], read).ok_or_else(|| object.wrong_state("stored"))
}

/// Refuses to leave events to a file that the last check did not find whole.
pub fn demand_sound_file(storage: &Storage, object: &Object) -> Result<(), StepError> {
    let sql = format!("SELECT FROM {} WHERE object_id = $1 AND check_result <> 'ok'", storage.qualified(COLD_OBJECTS));
    match spi::count_with(&sql, &[parameter::uuid(object.id)]) {
        0 => Ok(()),
        _ => Err(StepError::FileNotSound { object: object.id }),
    }
}

/// All chunks of an object, in their order.
pub fn chunks(storage: &Storage, object: &Object) -> Vec<Chunk> {
    let sql = format!(
        "SELECT event_count, byte_count, sha256 FROM {} WHERE object_id = $1 ORDER BY chunk",
        storage.qualified(COLD_CHUNKS)
    );
    spi::rows_with(&sql, &[parameter::uuid(object.id)], |row| chunk(&row)).into_iter().flatten().collect()
}

/// Refuses bytes that are not those of the chunk of this number. Nothing of them was looked into before.
pub fn demand_bytes(storage: &Storage, object: &Object, number: i32, bytes: &[u8]) -> Result<(), BytesError> {
    let sql = format!(
        "SELECT event_count, byte_count, sha256 FROM {} WHERE object_id = $1 AND chunk = $2",
        storage.qualified(COLD_CHUNKS)
    );
    let parameters = [parameter::uuid(object.id), parameter::int4(number)];
    let known = spi::find_row_with(&sql, &parameters, |row| chunk(&row)).ok_or_else(|| {
        let count = chunks(storage, object).len() as i64;
        BytesError::NoSuchChunk { object: object.id, chunk: number, count }
    })?;
    match known.bytes == bytes.len() as u64 && Hash::of(bytes).0 == known.sha256 {
        true => Ok(()),
        false => Err(BytesError::NotThisChunk { object: object.id, chunk: number }),
    }
}

fn chunk(row: &spi::ResultRow) -> Option<Chunk> {
    let sha256 = row.bytes(3)?.try_into().ok()?;
    Some(Chunk { events: row.int8(1)? as u64, bytes: row.int8(2)? as u64, sha256 })
}
