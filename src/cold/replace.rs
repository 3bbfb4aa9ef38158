//! `replace_audit_cold_object()`: the file that was written after an erasure takes the place of the former one.
//!
//! The database knows what each chunk must have become ([`super::erase`]), so nothing of the new file has to be believed but that it was read back. The
//! events that lost their payload get a further entry of the deletion log per erasure, with the time, actor and grounds of the erasure's own entry: with
//! these they are marked.

use std::rc::Rc;

use audit_core::catalogue::{COLD_CHUNKS, COLD_ERASURES, COLD_LOANS, DELETION_LOG};
use audit_core::cold::manifest::{ChunkEntry, Manifest, Unfit};
use audit_core::cold::refusal::StepError;
use audit_core::cold::state::State;
use audit_core::deletion::requested::PERSON;
use audit_core::ids::UserId;
use audit_core::tally::Tally;
use audit_evidence::deletion::Listed;
use serde_json::json;
use uuid::Uuid;

use super::listed;
use super::object::Object;
use super::rows::Window;
use super::store::Given;
use super::stored::{self, workspace_of};
use crate::deletion::list::Writing;
use crate::deletion::log::{self, Author, Entry, Reach};
use crate::deletion::{Done, MonthlyTallies};
use crate::error::Error;
use crate::interlock;
use crate::pg::call::{Answer, Call};
use crate::pg::cursor::Cursor;
use crate::pg::{parameter, spi};
use crate::storage::{Interference, Storage};

const REPLACING: &str = "replacing a cold object";

/// `replace_audit_cold_object(p_object_id, p_manifest)`.
pub fn call(call: &Call) -> Result<Answer, Error> {
    stored::demand_current_view(REPLACING)?;
    let storage = Storage::of(call)?;
    let given = Given::read(call.datum(1))?;
    let (object, workspace) = workspace_of(&storage, call.uuid(0))?;
    interlock::erase_events(&storage, workspace)?;
    // An erasure that is ordered meanwhile meets us at these rows: it forgets what was searched before, or is searched for in the successor later.
    let (object, successor) = both_locked(&storage, object, given.manifest.object)?;
    if successor.replaces != Some(object.id) {
        return Err(Unfit::new("object", format!("that of an object begun with p_replaces = {}", object.id)).into());
    }
    successor.demand_state(State::Open)?;
    let window = stored::content(&storage, &object, State::Released)?.window;
    let searched = searched(&storage, &object)?;
    demand_content(&given.manifest, window, &searched)?;
    given.demand_evidence_of_successor(&storage, &object)?;
    let successor = given.accept(&storage, &successor)?;
    successor.release(&storage, object.release_entry, None)?;
    lend_from(&storage, &object, &successor)?;
    // Before its erasures end: so the certificate knows that they wait for this file to go, even where all that they took was on loan.
    object.condemn(&storage, &format!("replaced by object {} after an erasure", successor.id))?;
    let erased = log_erasures(&storage, &object)?;
    listed::forget_search(&storage, object.id)?;
    successor.record(&storage, "AUDIT_COLD_REPLACED", &json!({ "erased_count": erased }))?;
    Ok(Answer::Nothing)
}

/// In the order in which an erasure locks objects, so that neither waits for a lock of the other while it holds one that the other waits for.
fn both_locked(storage: &Storage, object: Uuid, successor: Uuid) -> Result<(Object, Object), Error> {
    if object < successor {
        let object = stored::locked(storage, object, REPLACING)?;
        Ok((object, stored::locked(storage, successor, REPLACING)?))
    } else {
        let successor = stored::locked(storage, successor, REPLACING)?;
        Ok((stored::locked(storage, object, REPLACING)?, successor))
    }
}

/// What each chunk must have become, if each was searched since the last erasure was ordered and the last hold was placed: both forget what was found
/// before.
fn searched(storage: &Storage, object: &Object) -> Result<Vec<ChunkEntry>, StepError> {
    let sql = format!("SELECT FROM {} WHERE object_id = $1 AND NOT is_done", storage.qualified(COLD_ERASURES));
    if spi::count_with(&sql, &[parameter::uuid(object.id)]) == 0 {
        return Err(StepError::NoErasurePending { object: object.id });
    }
    let sql = format!(
        "SELECT chunk, event_count, next_byte_count, next_sha256 FROM {} WHERE object_id = $1 ORDER BY chunk",
        storage.qualified(COLD_CHUNKS)
    );
    let read = |row: spi::ResultRow| {
        let next = || {
            let sha256 = row.bytes(4)?.try_into().ok()?;
            Some(ChunkEntry { events: row.int8(2)? as u64, bytes: row.int8(3)? as u64, sha256 })
        };
        next().ok_or(StepError::NotSearched { object: object.id, chunk: row.int4(1).unwrap_or(0) })
    };
    spi::rows_with(&sql, &[parameter::uuid(object.id)], read).into_iter().collect()
}

/// The new file must hold the same events, and each chunk what was made of it.
fn demand_content(manifest: &Manifest, window: Window, searched: &[ChunkEntry]) -> Result<(), Unfit> {
    let place = manifest.chunks.iter().zip(searched).position(|(given, expected)| given != expected);
    if let Some(place) = place {
        return Err(Unfit::new(
            format!("chunks[{place}]"),
            "what erase_audit_cold_chunk() made of the chunk: its events, bytes and sha256",
        ));
    }
    if manifest.chunks.len() != searched.len() {
        return Err(Unfit::new("chunks", format!("the {} chunks of the object that is replaced", searched.len())));
    }
    let keys = [("first", &manifest.first, window.first), ("last", &manifest.last, window.last)];
    match keys.into_iter().find(|(_, key, place)| (key.created_at, key.id) != (place.0, place.1.0)) {
        Some((field, ..)) => Err(Unfit::new(field, "that of the object that is replaced")),
        None => Ok(()),
    }
}

/// What was lent is in the successor's file now.
fn lend_from(storage: &Storage, object: &Object, successor: &Object) -> Result<(), Error> {
    let sql = storage.fill(include_str!("../../sql/cold/hand_on_loans.sql"), &[]);
    let _permit = storage.writing(COLD_LOANS)?;
    spi::count_with(&sql, &[parameter::uuid(object.id), parameter::uuid(successor.id)]);
    Ok(())
}

/// The entries of the erasures, each as it was logged when it was ordered; its tally and list are those of the database.
fn ordered(storage: &Storage, object: &Object) -> Vec<(Uuid, Entry)> {
    let sql = format!(
        "SELECT entry.id, entry.deleted_at, entry.subject_user_id, entry.deletion_authority, entry.deletion_reason, \
         entry.approval_ticket_id, entry.is_irrevocable, entry.deleted_by_user_id, entry.deleted_by_role, entry.acting_role, \
         entry.kind = '{PERSON}', entry.parent_id, entry.include_events_about_user, entry.cutoff \
         FROM {} AS erasure JOIN {} AS entry ON entry.id = erasure.deletion_log_id \
         WHERE erasure.object_id = $1 AND NOT erasure.is_done ORDER BY entry.deleted_at, entry.id",
        storage.qualified(COLD_ERASURES),
        storage.qualified(DELETION_LOG)
    );
    let read = |row: spi::ResultRow| {
        let by = Author { user: row.uuid(8), session_user: row.text(9)?, role: row.text(10)? };
        let reach = Reach { parent: row.uuid(12), about: row.bool(13), cutoff: row.time(14), held: Vec::new() };
        let entry = Entry {
            at: row.time(2)?,
            workspace: object.workspace,
            subject: row.uuid(3).map(UserId),
            authority: row.text(4)?,
            reason: row.text(5).unwrap_or_default(),
            ticket: row.text(6),
            tally: None,
            is_irrevocable: row.bool(7)?,
            list: None,
            kind: row.bool(11).unwrap_or(false).then_some(PERSON),
            reach,
            by: Some(by),
        };
        Some((row.uuid(1)?, entry))
    };
    spi::rows_with(&sql, &[parameter::uuid(object.id)], read).into_iter().flatten().collect()
}

/// Ends each erasure with what it took in this object. Gives how many events that were.
fn log_erasures(storage: &Rc<Storage>, object: &Object) -> Result<u64, Error> {
    let mut erased = 0;
    for (erasure, entry) in ordered(storage, object) {
        let done = log_erasure(storage, object, erasure, entry)?;
        end(storage, object, erasure, done)?;
        erased += done.map_or(0, |done| done.count);
    }
    Ok(erased)
}

/// None: it took nothing here.
fn log_erasure(storage: &Rc<Storage>, object: &Object, erasure: Uuid, entry: Entry) -> Result<Option<Done>, Error> {
    let sql = format!(
        "SELECT next_erased FROM {} WHERE object_id = $1 AND next_erased IS NOT NULL ORDER BY chunk",
        storage.qualified(COLD_CHUNKS)
    );
    let chunks = Cursor::open(&sql, &[parameter::uuid(object.id)]).rows(1, |row| row.bytes(1).unwrap_or_default());
    let mut list = Writing::begin(storage);
    let mut tally: Option<Tally> = None;
    for bytes in chunks {
        let mut events: Vec<_> = listed::of_bytes(&bytes).filter(|event| event.entry == erasure).collect();
        events.sort_unstable_by_key(|event| event.place.1);
        for event in events {
            list.add(Listed { id: event.place.1.0, leaf: event.leaf })?;
            let one = Tally::one(event.place.0);
            tally = Some(tally.map_or(one, |tally| tally.plus(one)));
        }
    }
    let (Some(tally), Some(list)) = (tally, list.finish()?) else { return Ok(None) };
    let months = MonthlyTallies::from([(object.month, tally)]);
    log::removal(storage, Entry { list: Some(list), ..entry }, &months).map(Some)
}

fn end(storage: &Storage, object: &Object, erasure: Uuid, done: Option<Done>) -> Result<(), Error> {
    let sql = format!(
        "UPDATE {} SET is_done = true, done_at = clock_timestamp(), event_count = $3, carried_out_log_id = $4 \
         WHERE object_id = $1 AND deletion_log_id = $2 AND NOT is_done",
        storage.qualified(COLD_ERASURES)
    );
    let parameters = [
        parameter::uuid(object.id),
        parameter::uuid(erasure),
        parameter::count(done.map_or(0, |done| done.count)),
        parameter::uuid(done.map(|done| done.entry)),
    ];
    let _permit = storage.writing(COLD_ERASURES)?;
    match spi::count_with(&sql, &parameters) {
        1 => Ok(()),
        _ => Err(Interference::Suppressed { table: COLD_ERASURES }.into()),
    }
}
