//! `audit_event_proof()`: a receipt, which shows one event and its path to a checkpoint.

use std::rc::Rc;

use audit_core::argument::Argument;
use audit_core::ids::{EventId, WorkspaceId};
use audit_evidence::field::Field;
use audit_evidence::hash::Hash;
use audit_evidence::receipt::Receipt;

use super::asked::{fields, may_read};
use super::bound::{BoundHead, not_sealed, under};
use super::checkpoint::{Incarnation, Sealed, incarnations};
use super::error::EvidenceError;
use super::log::Log;
use super::rows::EventRows;
use super::shown::{Shower, Shown};
use crate::error::Error;
use crate::event::row::Columns;
use crate::pg::call::{Answer, Call};
use crate::pg::jsonb;
use crate::storage::Storage;

/// `audit_event_proof(p_event_id, p_fields)`.
pub fn call(call: &Call) -> Result<Answer, Error> {
    let storage = Storage::of(call)?;
    let event = call
        .uuid(0)
        .map(EventId)
        .ok_or(Argument::new("p_event_id").problem("must not be null").hint("Take the id from get_audit_trail()."))?;
    let fields = fields(call, 1)?;
    // What the session may not read is not there.
    let shown = match find(&storage, event)? {
        Some((workspace, shown)) if may_read(&storage, workspace)? => shown,
        _ => return Err(EvidenceError::UnknownEvent { event }.into()),
    };
    let shown = shown.ok_or(EvidenceError::EventNotSealed { event })?;
    let json = serde_json::to_value(receipt(&storage, event, &shown, fields.as_deref())?);
    Ok(Answer::Value(jsonb::from_serde(&json.expect("made of texts and numbers"))))
}

/// The receipt of an event that shows these columns of it.
pub fn receipt(
    storage: &Rc<Storage>,
    event: EventId,
    shown: &Shown,
    fields: Option<&[Field]>,
) -> Result<Receipt, EvidenceError> {
    let log = Log::of(storage, shown.workspace);
    let index = log.find(event.0).ok_or(EvidenceError::EventNotSealed { event })?;
    let head = newest_over(storage, &log, index)?;
    let path = log.inclusion(index, head.place.size)?;
    let base64 = |path: &[Hash]| path.iter().map(Hash::to_base64).collect();
    Ok(Receipt {
        v: 1,
        event_id: event.0.to_string(),
        workspace_id: shown.workspace.to_string(),
        index,
        entry: shown.disclosed.entry.clone(),
        disclosures: shown.disclosed.select(fields).0.into_iter().map(String::from).collect(),
        path: base64(&path),
        head: head.line.head,
        head_index: head.place.index,
        head_path: base64(&head.line.path),
        checkpoint: head.line.checkpoint,
    })
}

/// The event and its workspace. One without a key cannot be shown.
pub fn find(storage: &Rc<Storage>, event: EventId) -> Result<Option<(WorkspaceId, Option<Shown>)>, Error> {
    let (mut rows, mut shower) = (EventRows::open(storage)?, Shower::new());
    let mut read = |columns: &Columns<'_>| (columns.workspace(), shower.show(columns));
    let found = match rows.at_its_time(event, None, &mut read)? {
        None => rows.anywhere(event, None, &mut read)?,
        found => found,
    };
    Ok(found.and_then(|(workspace, shown)| Some((workspace?, shown))))
}

/// The head over an event, under the newest checkpoint over it that somebody signed, or else the newest.
fn newest_over(storage: &Rc<Storage>, log: &Log, index: u64) -> Result<BoundHead, EvidenceError> {
    let all = incarnations(storage);
    let signed = all.iter().rev().map(|one| (one, one.newest_signed(storage, 0)));
    let newest = all.iter().rev().map(|one| (one, one.newest(storage)));
    for (incarnation, sealed) in signed.chain(newest) {
        let Some(sealed) = sealed else { continue };
        if let Some(head) = over(storage, log, index, incarnation, sealed)? {
            return Ok(head);
        }
    }
    Err(not_sealed(storage, log.id))
}

/// The newest head of the log under this checkpoint, if it covers the event.
fn over(
    storage: &Rc<Storage>,
    log: &Log,
    index: u64,
    incarnation: &Incarnation,
    sealed: Sealed,
) -> Result<Option<BoundHead>, EvidenceError> {
    let place = log.head_within(incarnation.number, &incarnation.log(storage), sealed.size);
    match place.filter(|place| place.size > index) {
        Some(place) => under(storage, log, incarnation.clone(), place, sealed).map(Some),
        None => Ok(None),
    }
}
