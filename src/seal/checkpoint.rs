//! Checkpoints: the heads of root logs, as seals made them, with what others said of them.

use std::rc::Rc;

use audit_core::argument::Argument;
use audit_evidence::add_checkpoint::AddCheckpoint;
use audit_evidence::checkpoint::Checkpoint;
use audit_evidence::hash::Hash;
use audit_evidence::note::{MOST_SIGNATURES, Note, SignatureLine};
use pgrx::pg_sys::{INT4OID, INT8OID, TEXTOID};
use uuid::Uuid;

use super::error::EvidenceError;
use super::log::{Log, prepared};
use crate::cached::Cached;
use crate::error::Error;
use crate::pg::call::{Answer, Call};
use crate::pg::datum::{self, from_int4, from_int8, from_text};
use crate::pg::spi::{PreparedStatement, ResultRow};
use crate::storage::Storage;

/// A server that sealed, and its root log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Incarnation {
    pub number: i32,
    pub root_log: Uuid,
    pub origin: String,
}

/// A root log as a seal left it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sealed {
    pub size: u64,
    pub root: Hash,
}

struct Statements {
    incarnations: PreparedStatement,
    newest_seal: PreparedStatement,
    seal_of_size: PreparedStatement,
    newest_signed: PreparedStatement,
    signatures: PreparedStatement,
}

thread_local! {
    static STATEMENTS: Cached<Statements> = const { Cached::nothing() };
}

fn statements(storage: &Storage) -> Rc<Statements> {
    storage.known_or(&STATEMENTS, || Statements {
        incarnations: prepared!(storage, "incarnations", &[]),
        newest_seal: prepared!(storage, "newest_seal", &[INT4OID]),
        seal_of_size: prepared!(storage, "seal_of_size", &[INT4OID, INT8OID]),
        newest_signed: prepared!(storage, "newest_signed", &[INT4OID, INT8OID]),
        signatures: prepared!(storage, "signatures", &[INT4OID, INT8OID, TEXTOID]),
    })
}

/// All incarnations, oldest first.
pub fn incarnations(storage: &Storage) -> Vec<Incarnation> {
    let read =
        |row: ResultRow| Some(Incarnation { number: row.int4(1)?, root_log: row.uuid(2)?, origin: row.text(3)? });
    statements(storage).incarnations.read(&[], read).into_iter().flatten().collect()
}

/// The one of this origin, or the last one that sealed.
pub fn incarnation(storage: &Storage, origin: Option<&str>) -> Result<(Incarnation, Sealed), EvidenceError> {
    let mut all = incarnations(storage).into_iter().rev();
    let sealed = |incarnation: Incarnation| Some((incarnation.newest(storage)?, incarnation));
    let found = match origin {
        None => all.find_map(sealed).ok_or(EvidenceError::NothingSealed)?,
        Some(origin) => all
            .find(|incarnation| incarnation.origin == origin)
            .and_then(sealed)
            .ok_or_else(|| EvidenceError::UnknownOrigin { origin: origin.into() })?,
    };
    Ok((found.1, found.0))
}

fn read_sealed(row: ResultRow) -> Option<Sealed> {
    Some(Sealed { size: row.int8(1)? as u64, root: Hash::from_slice(&row.bytes(2)?)? })
}

impl Incarnation {
    pub fn log(&self, storage: &Rc<Storage>) -> Log {
        Log::of(storage, self.root_log)
    }

    pub fn newest(&self, storage: &Storage) -> Option<Sealed> {
        statements(storage).newest_seal.read_first(&[Some(from_int4(self.number))], read_sealed)
    }

    pub fn of_size(&self, storage: &Storage, size: u64) -> Option<Sealed> {
        let arguments = [Some(from_int4(self.number)), Some(from_int8(size as i64))];
        statements(storage).seal_of_size.read_first(&arguments, read_sealed)
    }

    /// The newest checkpoint that somebody signed, if it is of this size or more.
    pub fn newest_signed(&self, storage: &Storage, least: u64) -> Option<Sealed> {
        let arguments = [Some(from_int4(self.number)), Some(from_int8(least as i64))];
        statements(storage).newest_signed.read_first(&arguments, read_sealed)
    }

    /// A checkpoint with all its signature lines.
    pub fn note(&self, storage: &Storage, sealed: Sealed) -> Note {
        let text = Checkpoint { origin: self.origin.clone(), size: sealed.size, root: sealed.root }.to_string();
        let mut signatures: Vec<SignatureLine> = Vec::new();
        for line in self.said_of(storage, sealed.size, "note") {
            let line = str::from_utf8(&line).ok().and_then(SignatureLine::parse);
            signatures.extend(line.filter(|line| !signatures.contains(line)));
        }
        signatures.truncate(MOST_SIGNATURES);
        Note { text, signatures }
    }

    pub fn timestamps(&self, storage: &Storage, size: u64) -> Vec<Vec<u8>> {
        self.said_of(storage, size, "rfc3161")
    }

    fn said_of(&self, storage: &Storage, size: u64, kind: &str) -> Vec<Vec<u8>> {
        let arguments = [Some(from_int4(self.number)), Some(from_int8(size as i64)), Some(from_text(kind.as_bytes()))];
        let lines = statements(storage).signatures.read(&arguments, |row| row.bytes(1));
        lines.into_iter().flatten().collect()
    }
}

/// The checkpoint of a size that a caller gives; NULL is the newest.
pub fn chosen(
    storage: &Storage,
    origin: Option<&str>,
    name: &'static str,
    size: Option<i64>,
) -> Result<(Incarnation, Sealed), EvidenceError> {
    let (incarnation, newest) = incarnation(storage, origin)?;
    let Some(size) = size else { return Ok((incarnation, newest)) };
    let sealed = u64::try_from(size).ok().and_then(|size| incarnation.of_size(storage, size));
    let sealed = sealed.ok_or(EvidenceError::NoSealOfSize { name, size, newest: newest.size })?;
    Ok((incarnation, sealed))
}

fn text(text: &str) -> Answer {
    Answer::Value(datum::from_text(text.as_bytes()))
}

/// `audit_checkpoint(p_size, p_origin)`.
pub fn checkpoint_call(call: &Call) -> Result<Answer, Error> {
    let storage = Storage::of(call)?;
    let (incarnation, sealed) = chosen(&storage, call.text(1).as_deref(), "p_size", call.int8(0))?;
    Ok(text(&incarnation.note(&storage, sealed).to_string()))
}

/// `audit_consistency_proof(p_old_size, p_new_size, p_origin)`.
pub fn consistency_call(call: &Call) -> Result<Answer, Error> {
    let storage = Storage::of(call)?;
    let old = call.int8(0).ok_or(
        Argument::new("p_old_size")
            .problem("must not be null")
            .hint("Give the size of the checkpoint that was signed last; 0 for a log that nobody has signed yet."),
    )?;
    let (incarnation, new) = chosen(&storage, call.text(2).as_deref(), "p_new_size", call.int8(1))?;
    let old_size = within(old, "p_old_size", new.size)?;
    let proof = incarnation.log(&storage).consistency(old_size, new.size)?;
    Ok(text(&AddCheckpoint { old_size, proof, note: incarnation.note(&storage, new) }.to_string()))
}

/// A place or size that a log has.
pub fn within(value: i64, name: &'static str, size: u64) -> Result<u64, EvidenceError> {
    let given = u64::try_from(value).ok().filter(|given| *given <= size);
    given.ok_or(EvidenceError::BeyondLog { name, value, size })
}
