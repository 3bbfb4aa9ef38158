//! What cold storage asks of the seals: whether events are sealed before they leave, that they leave as they were sealed, and under which checkpoint.
//!
//! Events that vouch for a deletion stay ([`audit_core::deletion::voucher::ACTIONS`], [`crate::event::voucher::vouches`]).

use std::rc::Rc;

use audit_core::deletion::voucher;
use audit_core::ids::{EventId, WorkspaceId};
use audit_core::month::Month;
use audit_core::report::{IntoReport, Report};
use audit_core::sqlstate::SqlState;
use audit_core::time::Timestamp;
use audit_evidence::checkpoint::Checkpoint;
use audit_evidence::deletion::Listed;
use audit_evidence::hash::Hash;
use audit_evidence::note::Note;
use serde_json::Value;
use uuid::Uuid;

use super::checkpoint::{Incarnation, Sealed, incarnations};
use super::incarnation::is_of_server;
use super::log::{LeafRow, Log};
use crate::pg::role::Acting;
use crate::pg::{parameter, spi};
use crate::storage::Storage;

/// How many archived events of a workspace and month no seal has taken yet: they must not go cold (`not sealed`). 0 where the trail has no seals.
pub fn unsealed(storage: &Storage, workspace: WorkspaceId, month: Month) -> u64 {
    let _owner = Acting::as_owner(storage.owner);
    let parameters = [
        parameter::uuid(workspace),
        parameter::time(month.start()),
        parameter::time(month.plus(1).map_or(Timestamp::FUTURE, Month::start)),
        parameter::texts(voucher::ACTIONS),
        parameter::bool(is_of_server(storage)),
    ];
    let sql = storage.fill(include_str!("../../sql/seal/cold_unsealed.sql"), &[]);
    spi::find_row_with(&sql, &parameters, |row| row.int8(1)).unwrap_or(0) as u64
}

/// Whether anything was ever sealed.
pub fn has_seals(storage: &Storage) -> bool {
    incarnations(storage).iter().any(|incarnation| incarnation.newest(storage).is_some())
}

/// What is wrong with the `evidence` of a manifest whose last event is this one, if anything is. It is the text of a checkpoint, as `audit_checkpoint()`
/// gives it, and null where nothing was ever sealed.
pub fn problem_of_evidence(
    storage: &Rc<Storage>,
    workspace: WorkspaceId,
    last: EventId,
    evidence: &Value,
) -> Option<&'static str> {
    let _owner = Acting::as_owner(storage.owner);
    let text = match evidence {
        Value::Null => return has_seals(storage).then_some("null, and the trail has seals"),
        Value::String(text) => text,
        _ => return Some("neither null nor the text of a checkpoint"),
    };
    let Some(checkpoint) = Note::read(text).and_then(|note| Checkpoint::parse(&note.text)) else {
        return Some("not a checkpoint");
    };
    let Some((incarnation, sealed)) = ours(storage, &checkpoint) else { return Some("no checkpoint of this trail") };
    let log = Log::of(storage, workspace.0);
    let head = log.head_within(incarnation.number, &incarnation.log(storage), sealed.size);
    let is_covered = log.find(last.0).zip(head).is_some_and(|(place, head)| place < head.size);
    (!is_covered).then_some("a checkpoint that does not cover the last event")
}

fn ours(storage: &Storage, checkpoint: &Checkpoint) -> Option<(Incarnation, Sealed)> {
    let incarnation = incarnations(storage).into_iter().find(|one| one.origin == checkpoint.origin)?;
    let sealed = incarnation.of_size(storage, checkpoint.size).filter(|sealed| sealed.root == checkpoint.root)?;
    Some((incarnation, sealed))
}

/// The places of events in the log of their workspace. Neighbours are found at little cost.
pub struct Places {
    log: Log,
    /// The row of the log in which the last one was found: id and leaf of its events, and the place behind them.
    row: Vec<(Uuid, Hash)>,
    end: u64,
}

impl Places {
    /// None where nothing was ever sealed.
    pub fn of(storage: &Rc<Storage>, workspace: WorkspaceId) -> Option<Places> {
        has_seals(storage).then(|| Places { log: Log::of(storage, workspace.0), row: Vec::new(), end: 0 })
    }

    /// Whether an event that leaves is in the log with this leaf: a release must not take what was never sealed, or was changed since.
    pub fn demand(&mut self, listed: &Listed) -> Result<(), NotAsSealed> {
        let sealed = self.leaf(listed.id);
        let event = EventId(listed.id);
        match sealed {
            Some(leaf) if listed.leaf == Some(leaf) => Ok(()),
            Some(_) => Err(NotAsSealed { event, is_sealed: true }),
            None => Err(NotAsSealed { event, is_sealed: false }),
        }
    }

    /// Whether the log has an event at all.
    pub fn hold(&mut self, event: EventId) -> bool {
        self.leaf(event.0).is_some()
    }

    fn leaf(&mut self, event: Uuid) -> Option<Hash> {
        if let Some(leaf) = self.in_row(event) {
            return Some(leaf);
        }
        let next = self.end;
        self.read(next);
        if let Some(leaf) = self.in_row(event) {
            return Some(leaf);
        }
        let place = self.log.find(event)?;
        self.read(place);
        self.in_row(event)
    }

    fn in_row(&self, event: Uuid) -> Option<Hash> {
        let place = self.row.binary_search_by_key(&event, |(id, _)| *id).ok()?;
        Some(self.row[place].1)
    }

    fn read(&mut self, place: u64) {
        let Some(row) = self.log.row_at(place) else { return };
        self.end = row.end();
        self.row = LeafRow::events(&row).unwrap_or_default().into_iter().map(|(leaf, id)| (id, leaf)).collect();
        self.row.sort_unstable_by_key(|(id, _)| *id);
    }
}

/// An event is about to leave that is not what was sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotAsSealed {
    pub event: EventId,
    /// Whether it was sealed at all.
    pub is_sealed: bool,
}

impl IntoReport for NotAsSealed {
    fn report(&self) -> Report {
        let (message, hint) = match self.is_sealed {
            true => (
                "an event is not what was sealed",
                "SELECT * FROM audit_verify() tells what was changed. It stays where it is until that is known.",
            ),
            false => (
                "an event is not sealed",
                "Call audit_seal(); if it is still not sealed, audit_adopt_events() makes it ready for the next seal.",
            ),
        };
        Report::new(SqlState::RestrictViolation, message).detail(format!("Event {}.", self.event.0)).hint(hint)
    }
}
