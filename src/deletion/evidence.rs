//! The evidence of a deletion: its entry, and the proof of the sealed event that names it.
//!
//! Whoever has it needs neither server nor trail: the entry's content has the digest that the event names, and the event is in the log under the
//! checkpoint. The list itself stays in the trail; the entry has its digest.

use std::rc::Rc;

use audit_core::ids::{EventId, WorkspaceId};
use audit_evidence::field::Field;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::error::Error;
use crate::seal::error::EvidenceError;
use crate::seal::{deletions, proof};
use crate::storage::Storage;

/// None until an event that names the entry is sealed.
pub fn of(storage: &Rc<Storage>, workspace: WorkspaceId, entry: Uuid) -> Result<Option<Value>, Error> {
    let stored = deletions::of_workspace(storage, workspace.0).into_iter().find(|stored| stored.entry.id() == entry);
    let Some(entry) = stored.map(|stored| stored.entry) else { return Ok(None) };
    for event in deletions::vouching(storage, workspace.0, &entry).into_iter().map(EventId) {
        let Some((_, Some(shown))) = proof::find(storage, event)? else { continue };
        match proof::receipt(storage, event, &shown, Some(&Field::ALL[..Field::KEPT])) {
            Ok(receipt) => {
                return Ok(Some(json!({
                    "event_ids_sha256": entry.list_digest(),
                    "entry": serde_json::from_str::<Value>(&entry.canonical()).unwrap_or_default(),
                    "receipt": serde_json::to_value(receipt).unwrap_or_default(),
                })));
            }
            Err(not_yet) if is_not_sealed(&not_yet) => (),
            Err(unreadable) => return Err(unreadable.into()),
        }
    }
    Ok(None)
}

fn is_not_sealed(error: &EvidenceError) -> bool {
    matches!(
        error,
        EvidenceError::EventNotSealed { .. } | EvidenceError::WorkspaceNotSealed { .. } | EvidenceError::NothingSealed
    )
}
