//! `store_audit_cold_object()`: the file was written and read back, and this is what it holds.
//!
//! From here on the catalog knows the digests of its chunks. They are claims until the release, which compares them with the rows.

use std::rc::Rc;

use audit_core::catalogue::{COLD_CHUNKS, COLD_OBJECTS};
use audit_core::cold::manifest::{Manifest, Unfit};
use audit_core::cold::refusal::StepError;
use audit_core::cold::state::State;
use audit_core::ids::EventId;
use pgrx::pg_sys::JSONBOID;
use serde_json::json;

use super::object::{self, Object};
use crate::error::Error;
use crate::pg::call::{Answer, Call};
use crate::pg::datum::Datum;
use crate::pg::{parameter, printed, spi};
use crate::seal;
use crate::storage::{Interference, Storage};

/// `store_audit_cold_object(p_object_id, p_manifest)`.
pub fn call(call: &Call) -> Result<Answer, Error> {
    let storage = Storage::of(call)?;
    let given = Given::read(call.datum(1))?;
    let object = Object::locked(&storage, "p_object_id", call.uuid(0))?;
    object.demand_state(State::Open)?;
    if let Some(replaces) = object.replaces {
        return Err(StepError::IsSuccessor { object: object.id, replaces }.into());
    }
    given.demand_evidence(&storage)?;
    given.accept(&storage, &object)?;
    Ok(Answer::Nothing)
}

/// A manifest that was parsed, and as it came.
pub struct Given<'a> {
    pub manifest: Manifest,
    document: Option<Datum<'a>>,
}

impl<'a> Given<'a> {
    pub fn read(document: Option<Datum<'a>>) -> Result<Given<'a>, Unfit> {
        let manifest = Manifest::read(document.map(printed::text).as_deref())?;
        Ok(Given { manifest, document })
    }

    /// Where the trail is sealed, a checkpoint covers what leaves it.
    pub fn demand_evidence(&self, storage: &Rc<Storage>) -> Result<(), Unfit> {
        let Manifest { workspace, last, evidence, .. } = &self.manifest;
        match seal::cold::problem_of_evidence(storage, *workspace, EventId(last.id), evidence) {
            Some(problem) => Err(Unfit::new(
                "evidence",
                format!("a checkpoint of this trail that covers the last event; it is {problem}"),
            )),
            None => Ok(()),
        }
    }

    /// A file that replaces another holds what left the trail with that one. So it may carry the evidence of the other on, be it null: events that left
    /// before the first seal are covered by no checkpoint.
    pub fn demand_evidence_of_successor(&self, storage: &Rc<Storage>, replaced: &Object) -> Result<(), Unfit> {
        let sql = format!(
            "SELECT FROM {} WHERE object_id = $1 AND manifest -> 'evidence' = $2 -> 'evidence'",
            storage.qualified(COLD_OBJECTS)
        );
        match spi::count_with(&sql, &[parameter::uuid(replaced.id), (JSONBOID, self.document)]) {
            0 => self.demand_evidence(storage),
            _ => Ok(()),
        }
    }

    /// The open object is stored from now on, with this content. Recorded.
    pub fn accept(&self, storage: &Rc<Storage>, object: &Object) -> Result<Object, Error> {
        let manifest = &self.manifest;
        manifest.demand_object(object.id, object.replaces, object.workspace, object.month)?;
        write_chunks(storage, manifest)?;
        let [user, role] = object::who(storage);
        let changes = "stored_at = clock_timestamp(), stored_by_user_id = $3, stored_by_role = $4, event_count = $5, \
                       first_created_at = $6, first_id = $7, last_created_at = $8, last_id = $9, file_bytes = $10, \
                       file_sha256 = $11, manifest = $12";
        let parameters = [
            user,
            role,
            parameter::count(manifest.event_count),
            parameter::time(manifest.first.created_at),
            parameter::uuid(manifest.first.id),
            parameter::time(manifest.last.created_at),
            parameter::uuid(manifest.last.id),
            parameter::count(manifest.file_bytes),
            parameter::bytes(&manifest.file_sha256),
            (JSONBOID, self.document),
        ];
        object.advance(storage, State::Stored, changes, &parameters)?;
        let stored = Object::locked(storage, "p_object_id", Some(object.id))?;
        let sha256: String = manifest.file_sha256.iter().map(|byte| format!("{byte:02x}")).collect();
        stored.record(storage, "AUDIT_COLD_STORED", &json!({ "file_sha256": sha256 }))?;
        Ok(stored)
    }
}

fn write_chunks(storage: &Storage, manifest: &Manifest) -> Result<(), Error> {
    let chunks = &manifest.chunks;
    let _permit = storage.writing(COLD_CHUNKS)?;
    let parameters = [
        parameter::uuid(manifest.object),
        parameter::int8s(chunks.iter().map(|chunk| Some(chunk.events as i64))),
        parameter::int8s(chunks.iter().map(|chunk| Some(chunk.bytes as i64))),
        parameter::byteas(chunks.iter().map(|chunk| chunk.sha256)),
    ];
    let sql = storage.fill(include_str!("../../sql/cold/chunks.sql"), &[]);
    match spi::count_with(&sql, &parameters) == chunks.len() as u64 {
        true => Ok(()),
        false => Err(Interference::Suppressed { table: COLD_CHUNKS }.into()),
    }
}
