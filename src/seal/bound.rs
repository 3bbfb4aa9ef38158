//! What binds the log of a workspace to checkpoints: its heads in root logs.

use std::rc::Rc;

use audit_evidence::bundle::Head;
use audit_evidence::checkpoint::Checkpoint;
use uuid::Uuid;

use super::checkpoint::{Incarnation, Sealed, incarnations};
use super::error::EvidenceError;
use super::log::{HeadPlace, Log};
use crate::storage::Storage;

/// A head of a workspace's log under a checkpoint.
pub struct BoundHead {
    pub incarnation: Incarnation,
    pub place: HeadPlace,
    pub sealed: Sealed,
    pub line: Head,
}

/// The newest head of a log in an incarnation's root log, under the newest checkpoint that somebody signed if that is of `least` heads or more and covers
/// the head, and otherwise under the newest; None where the incarnation has no head of it.
pub fn head_in(
    storage: &Rc<Storage>,
    log: &Log,
    incarnation: Incarnation,
    least: u64,
) -> Result<Option<BoundHead>, EvidenceError> {
    let Some(newest) = incarnation.newest(storage) else { return Ok(None) };
    let root = incarnation.log(storage);
    let Some(place) = log.head_within(incarnation.number, &root, newest.size) else { return Ok(None) };
    let sealed = incarnation.newest_signed(storage, least.max(place.index + 1)).unwrap_or(newest);
    under(storage, log, incarnation, place, sealed).map(Some)
}

/// A head under a checkpoint that covers it.
pub fn under(
    storage: &Rc<Storage>,
    log: &Log,
    incarnation: Incarnation,
    place: HeadPlace,
    sealed: Sealed,
) -> Result<BoundHead, EvidenceError> {
    let head = Checkpoint::of_workspace(&incarnation.origin, log.id, place.size, log.root(place.size)?);
    let line = Head {
        index: place.index,
        head: head.to_string(),
        path: incarnation.log(storage).inclusion(place.index, sealed.size)?,
        checkpoint: incarnation.note(storage, sealed).to_string(),
        timestamps: incarnation.timestamps(storage, sealed.size),
    };
    Ok(BoundHead { incarnation, place, sealed, line })
}

/// The heads of a log, one for each incarnation that has one, oldest first. `least`: as for [`head_in`], of the last one.
pub fn heads(storage: &Rc<Storage>, log: &Log, least: u64) -> Result<Vec<BoundHead>, EvidenceError> {
    let all = incarnations(storage);
    let last = all.len().saturating_sub(1);
    let mut heads = Vec::new();
    for (number, incarnation) in all.into_iter().enumerate() {
        let least = if number == last { least } else { 0 };
        heads.extend(head_in(storage, log, incarnation, least)?);
    }
    Ok(heads)
}

/// The newest head of a log, which is its end.
pub fn newest_head(storage: &Rc<Storage>, log: &Log) -> Result<BoundHead, EvidenceError> {
    for incarnation in incarnations(storage).into_iter().rev() {
        if let Some(head) = head_in(storage, log, incarnation, 0)? {
            return Ok(head);
        }
    }
    Err(not_sealed(storage, log.id))
}

pub fn not_sealed(storage: &Storage, workspace: Uuid) -> EvidenceError {
    match incarnations(storage).iter().any(|incarnation| incarnation.newest(storage).is_some()) {
        true => EvidenceError::WorkspaceNotSealed { workspace },
        false => EvidenceError::NothingSealed,
    }
}
