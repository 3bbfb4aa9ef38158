//! `erase_audit_cold_chunk()`: erasures that were ordered while events were in a file are carried out in the bytes of the file.
//!
//! The database makes the erased rows itself, with the time, actor and reason of the erasure's entry, so they are what an erasure in its tables would have
//! left, byte for byte. It remembers per chunk which digest it has then and which events were concerned. Whoever carries the bytes cannot leave a chunk
//! out: [`super::replace`] demands each of them.
//!
//! Whoever orders an erasure locks the object, too. So a chunk was searched for an erasure, or it was searched before the erasure was ordered.

use std::collections::HashSet;
use std::rc::Rc;

use audit_cold_row::{Column, Erasure, NotAdded, Row, SuccessorRows};
use audit_core::catalogue::{COLD_CHUNKS, COLD_ERASURES, COLD_LOANS};
use audit_core::cold::content::BytesError;
use audit_core::cold::erasure::{Concerned, Pending, taking};
use audit_core::cold::refusal::StepError;
use audit_core::cold::state::State;
use audit_core::deletion::hold::Hold;
use audit_core::event::column;
use audit_core::ids::{EventId, UserId};
use audit_core::tier::Tier;
use audit_evidence::hash::Hash;
use serde_json::json;
use uuid::Uuid;

use super::listed::{self, ErasedEvent};
use super::object::Object;
use super::presented::Presented;
use super::restore::{required_bytes, required_chunk};
use super::rows::{EventRows, Window};
use super::stored::{self, workspace_of};
use crate::error::Error;
use crate::event::canonical::{self, StoredRows};
use crate::event::leaf::Leaves;
use crate::pg::call::{Answer, Call};
use crate::pg::memory::Scratch;
use crate::pg::send::Sender;
use crate::pg::{datum, parameter, spi};
use crate::storage::{Interference, Storage};
use crate::{hold, interlock};

const ERASING: &str = "erasing in a cold object";

/// What an erasure leaves in an event, as PostgreSQL sends it.
#[derive(Clone, Debug)]
pub struct Marks {
    deleted_at: Vec<u8>,
    deleted_by_user_id: Option<Vec<u8>>,
    deletion_reason: Option<Vec<u8>>,
}

/// `erase_audit_cold_chunk(p_object_id, p_chunk, p_events)`.
pub fn call(call: &Call) -> Result<Answer, Error> {
    stored::demand_current_view(ERASING)?;
    let storage = Storage::of(call)?;
    let (object, workspace) = workspace_of(&storage, call.uuid(0))?;
    let chunk = required_chunk(call.int4(1))?;
    let bytes = required_bytes(call.datum(2))?;
    interlock::erase_events(&storage, workspace)?;
    let object = stored::locked(&storage, object, ERASING)?;
    let window = stored::content(&storage, &object, State::Released)?.window;
    let bytes = datum::read_bytes(bytes);
    stored::demand_bytes(&storage, &object, chunk, bytes)?;
    let pending = pending(&storage, object.id);
    if pending.is_empty() {
        return Err(StepError::NoErasurePending { object: object.id }.into());
    }
    let holds = hold::in_force(&storage, workspace)?;
    let presented = Presented::of(&object, window, chunk, bytes);
    let rows = SuccessorRows::of_chunk(bytes.len()).map_err(|reason| not_added(&presented, reason))?;
    let mut erased = erase(presented, rows, &pending, &holds)?;
    let is_changed = !erased.events.is_empty();
    let listed = digest_loans_anew(&storage, window, &erased)?;
    erased.events.retain(|event| !listed.contains(&event.place.1));
    remember(&storage, &object, chunk, &erased)?;
    end_if_nothing_is_found(&storage, &object)?;
    Ok(if is_changed { Answer::Value(datum::from_bytes(erased.rows.as_bytes())) } else { Answer::Null })
}

/// The erasures that are pending for an object, in the order in which they were ordered.
pub fn pending(storage: &Storage, object: Uuid) -> Vec<Pending<Marks>> {
    let sql = storage.fill(include_str!("../../sql/cold/pending.sql"), &[]);
    let mut sender = Sender::new();
    let mut sent = |row: &spi::ResultRow, number: i32| {
        let value = row.column(number)?;
        let mut bytes = Vec::new();
        sender.send(value, &mut bytes);
        Some(bytes)
    };
    let read = |row: spi::ResultRow| {
        Some(Pending {
            entry: row.uuid(1)?,
            user: UserId(row.uuid(2)?),
            about: row.bool(3)?,
            marks: Marks {
                deleted_at: sent(&row, 4)?,
                deleted_by_user_id: sent(&row, 5),
                deletion_reason: sent(&row, 6),
            },
        })
    };
    spi::rows_with(&sql, &[parameter::uuid(object)], read).into_iter().flatten().collect()
}

/// What became of a chunk.
struct Erased {
    rows: SuccessorRows,
    /// Those that lost their payload, and are in no list yet.
    events: Vec<ErasedEvent>,
}

fn erase(
    mut presented: Presented,
    rows: SuccessorRows,
    pending: &[Pending<Marks>],
    holds: &[Hold],
) -> Result<Erased, Error> {
    let mut erased = Erased { rows, events: Vec::new() };
    let (mut leaves, scratch) = (Leaves::new(), Scratch::new());
    while let Some(row) = presented.next() {
        let (place, row) = row?;
        let Some(erasure) = taking(pending, &concerned(&row), holds)? else {
            erased.rows.add(&row).map_err(|reason| not_added(&presented, reason))?;
            continue;
        };
        let key_and_leaf = scratch
            .run(|| canonical::columns(&row).map(|columns| leaves.erased(&columns)))
            .ok_or_else(|| presented.wrong("a field is no value of its column"))?;
        let (key, leaf) = key_and_leaf.unzip();
        let Marks { deleted_at, deleted_by_user_id, deletion_reason } = &erasure.marks;
        let marks = Erasure {
            deleted_at,
            deleted_by_user_id: deleted_by_user_id.as_deref(),
            deletion_reason: deletion_reason.as_deref(),
            // A key that leads to no leaf stays, as it does in the table.
            seal_key: key.as_ref().map(|key| &key[..]).or(row.get(Column::SealKey)),
        };
        let row = audit_cold_row::erase(row, &marks);
        erased.rows.add(&row).map_err(|reason| not_added(&presented, reason))?;
        erased.events.push(ErasedEvent { entry: erasure.entry, place, leaf });
    }
    Ok(erased)
}

fn not_added(presented: &Presented, reason: NotAdded) -> BytesError {
    match reason {
        // Only a manifest that was adopted makes such a chunk.
        NotAdded::TooLong { limit } => {
            presented.wrong(format!("after the erasure it would be longer than {} MiB", limit >> 20))
        }
        NotAdded::NoMemory { bytes } => presented.no_memory(bytes),
    }
}

fn concerned(row: &Row) -> Concerned {
    let id = |column| row.get(column).and_then(audit_cold_row::uuid).map(Uuid::from_bytes);
    Concerned {
        actor: id(Column::CreatedByUserId),
        resource: id(Column::ResourceId),
        is_erased: row.get(Column::DeletedAt).is_some(),
    }
}

fn remember(storage: &Storage, object: &Object, chunk: i32, erased: &Erased) -> Result<(), Error> {
    let sql = format!(
        "UPDATE {} SET searched_at = clock_timestamp(), next_byte_count = $3, next_sha256 = $4, next_erased = $5 \
         WHERE object_id = $1 AND chunk = $2",
        storage.qualified(COLD_CHUNKS)
    );
    let events: Vec<u8> = erased.events.iter().flat_map(|event| event.to_bytes()).collect();
    let parameters = [
        parameter::uuid(object.id),
        parameter::int4(chunk),
        parameter::count(erased.rows.as_bytes().len() as u64),
        parameter::bytes(&Hash::of(erased.rows.as_bytes()).0),
        parameter::bytes_or_null((!events.is_empty()).then_some(&events)),
    ];
    let _permit = storage.writing(COLD_CHUNKS)?;
    match spi::count_with(&sql, &parameters) {
        1 => Ok(()),
        _ => Err(Interference::Suppressed { table: COLD_CHUNKS }.into()),
    }
}

/// A lent event was erased in the database when the erasure was ordered, and is in the list of its entry. It is to go back as it is now. Gives those.
fn digest_loans_anew(storage: &Storage, window: Window, erased: &Erased) -> Result<HashSet<EventId>, Error> {
    let mut listed = HashSet::new();
    if erased.events.is_empty() {
        return Ok(listed);
    }
    let sql = format!(
        "SELECT created_at, event_id FROM {} \
         WHERE workspace_id = $1 AND created_at BETWEEN $2 AND $3 AND event_id = ANY ($4) ORDER BY created_at, event_id",
        storage.qualified(COLD_LOANS)
    );
    let workspace = parameter::uuid(window.workspace);
    let ids = parameter::uuids(erased.events.iter().map(|event| event.place.1.0));
    let parameters = [workspace, parameter::time(window.first.0), parameter::time(window.last.0), ids];
    let lent = spi::rows_with(&sql, &parameters, |row| Some((row.time(1)?, EventId(row.uuid(2)?))));
    let sql = format!(
        "UPDATE {} SET row_sha256 = $4 WHERE workspace_id = $1 AND created_at = $2 AND event_id = $3",
        storage.qualified(COLD_LOANS)
    );
    let mut stored = StoredRows::new();
    for place in lent.into_iter().flatten() {
        let mut rows = EventRows::open(storage, &Tier::ALL, Window { first: place, last: place, ..window })?;
        let is_there = rows.advance().is_some();
        let Some(columns) = rows.columns().filter(|row| is_there && !row.is_null(column::Column::DeletedAt)) else {
            continue;
        };
        let digest = stored.digest_of(&columns);
        let _permit = storage.writing(COLD_LOANS)?;
        let (time, event) = (parameter::time(place.0), parameter::uuid(place.1.0));
        spi::count_with(&sql, &[workspace, time, event, parameter::bytes(&digest)]);
        listed.insert(place.1);
    }
    Ok(listed)
}

/// When all chunks were searched and no event is concerned, the file stays as it is.
fn end_if_nothing_is_found(storage: &Rc<Storage>, object: &Object) -> Result<(), Error> {
    let sql = storage.fill(include_str!("../../sql/cold/found_nothing.sql"), &[]);
    if spi::count_with(&sql, &[parameter::uuid(object.id)]) == 0 {
        return Ok(());
    }
    let sql = format!(
        "UPDATE {} SET is_done = true, done_at = clock_timestamp(), event_count = 0 WHERE object_id = $1 AND NOT is_done",
        storage.qualified(COLD_ERASURES)
    );
    let permit = storage.writing(COLD_ERASURES)?;
    let count = spi::count_with(&sql, &[parameter::uuid(object.id)]);
    drop(permit);
    listed::forget_search(storage, object.id)?;
    object.record(storage, "AUDIT_COLD_SEARCHED", &json!({ "erasures": count, "event_count": 0 }))
}
