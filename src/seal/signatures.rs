//! What others say of a checkpoint: signatures of the log's key, cosignatures of witnesses, timestamps. It is kept, not trusted: the keys are with the verifier.

use audit_core::argument::Argument;
use audit_core::catalogue::LOG_SIGNATURES;
use audit_evidence::checkpoint::Checkpoint;
use audit_evidence::hash::Hash;
use audit_evidence::note::{MOST_SIGNATURES, Note};
use pgrx::pg_sys::INT4OID;

use super::checkpoint::{Incarnation, Sealed, chosen, incarnations};
use super::error::EvidenceError;
use crate::error::Error;
use crate::pg::call::{Answer, Call};
use crate::pg::{datum, parameter, role, spi};
use crate::storage::Storage;

/// Longer than any timestamp with its certificates.
const LONGEST_TOKEN: usize = 64 * 1024;

/// `audit_add_signatures(p_note)`.
pub fn add_signatures_call(call: &Call) -> Result<Answer, Error> {
    let storage = Storage::of(call)?;
    let note = call.text(0).as_deref().and_then(Note::read).ok_or(EvidenceError::NotANote)?;
    let (incarnation, sealed) = ours(&storage, &note)?;
    let lines: Vec<(String, Vec<u8>)> =
        note.signatures.iter().map(|line| (line.name.clone(), line.to_string().trim_end().into())).collect();
    let known = incarnation.note(&storage, sealed).signatures;
    let new = note.signatures.iter().filter(|line| !known.contains(line)).count();
    if known.len() + new > MOST_SIGNATURES {
        return Err(EvidenceError::TooManySignatures { size: sealed.size }.into());
    }
    Ok(Answer::Value(datum::from_int4(add(&storage, &incarnation, sealed.size, "note", &lines)? as i32)))
}

/// The checkpoint that the note's text is, if a seal of ours made it.
fn ours(storage: &Storage, note: &Note) -> Result<(Incarnation, Sealed), EvidenceError> {
    let found = Checkpoint::parse(&note.text).and_then(|checkpoint| {
        let mut incarnations = incarnations(storage).into_iter();
        let incarnation = incarnations.find(|incarnation| incarnation.origin == checkpoint.origin)?;
        let sealed = incarnation.of_size(storage, checkpoint.size)?;
        (sealed.root == checkpoint.root).then_some((incarnation, sealed))
    });
    let line = || note.text.lines().next().unwrap_or_default().into();
    found.ok_or_else(|| EvidenceError::NotOurCheckpoint { line: line() })
}

/// `audit_add_timestamp(p_size, p_token, p_origin)`.
pub fn add_timestamp_call(call: &Call) -> Result<Answer, Error> {
    let storage = Storage::of(call)?;
    let (incarnation, sealed) = chosen(&storage, call.text(2).as_deref(), "p_size", call.int8(0))?;
    // A response is a sequence of DER; what is in it is for openssl to say.
    let token = call.bytes(1).filter(|token| token.first() == Some(&0x30) && token.len() <= LONGEST_TOKEN);
    let token = token.ok_or(
        Argument::new("p_token")
            .problem("is not a response of a timestamping authority")
            .hint("Give the file that the authority answered (RFC 3161, application/timestamp-reply), as bytea."),
    )?;
    let name = Hash::of(&token).to_hex();
    add(&storage, &incarnation, sealed.size, "rfc3161", &[(name, token)])?;
    Ok(Answer::Nothing)
}

/// Stores what is not stored yet, and tells how much that was.
fn add(
    storage: &Storage,
    incarnation: &Incarnation,
    size: u64,
    kind: &str,
    lines: &[(String, Vec<u8>)],
) -> Result<u64, Error> {
    let _permit = storage.writing(LOG_SIGNATURES)?;
    let values = [
        (INT4OID, Some(datum::from_int4(incarnation.number))),
        parameter::count(size),
        parameter::text(kind),
        parameter::texts(lines.iter().map(|(name, _)| name)),
        parameter::byteas(lines.iter().map(|(_, evidence)| evidence)),
        parameter::text(&role::name(role::session_user())),
    ];
    Ok(spi::count_with(&storage.fill(include_str!("../../sql/seal/add_signatures.sql"), &[]), &values))
}
