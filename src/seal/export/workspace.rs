//! The bundle of a workspace: its sealed events in their order, what was deleted of them, and the heads that bind its log to checkpoints.

use std::collections::VecDeque;
use std::rc::Rc;

use audit_core::ids::{EventId, WorkspaceId};
use audit_evidence::bundle::{self, Deletion, Header, Line, Removed, Vouching};
use audit_evidence::deletion::Operation;
use audit_evidence::field::Field;
use audit_evidence::hash::Hash;
use uuid::Uuid;

use super::lines::{Asked, Lines, Printed};
use crate::error::Error;
use crate::seal::bound::{self, BoundHead};
use crate::seal::checkpoint::within;
use crate::seal::deletions::{self, Covering, StoredDeletion};
use crate::seal::error::EvidenceError;
use crate::seal::log::Log;
use crate::seal::rows::EventRows;
use crate::seal::shown::{Shower, Shown};
use crate::storage::Storage;

pub struct WorkspaceLines {
    storage: Rc<Storage>,
    workspace: WorkspaceId,
    log: Log,
    fields: Option<Vec<Field>>,
    first: u64,
    /// How many places the log has under its newest head.
    size: u64,
    since: Option<u64>,
    heads: Vec<BoundHead>,
    stage: Stage,
    /// Looked up with the first event that is erased or gone.
    covering: Option<Covering>,
}

/// An event that vouches: its place, itself, its path to the end of the log.
type Told = (Option<u64>, Shown, Vec<Hash>);

/// What comes next.
enum Stage {
    Header,
    Events { next: u64 },
    Deletions(VecDeque<StoredDeletion>),
    Heads,
}

impl WorkspaceLines {
    pub fn begin(storage: &Rc<Storage>, workspace: WorkspaceId, asked: Asked) -> Result<WorkspaceLines, Error> {
        let log = Log::of(storage, workspace.0);
        let least = asked.since.and_then(|since| u64::try_from(since).ok()).unwrap_or(0);
        let heads = bound::heads(storage, &log, least)?;
        let last = heads.last().ok_or_else(|| bound::not_sealed(storage, workspace.0))?;
        let size = last.place.size;
        let since = asked.since.map(|since| within(since, "p_since_size", last.sealed.size)).transpose()?;
        Ok(WorkspaceLines {
            storage: Rc::clone(storage),
            workspace,
            log,
            fields: asked.fields,
            first: within(asked.first, "p_first", size)?,
            size,
            since,
            heads,
            stage: Stage::Header,
            covering: None,
        })
    }

    fn header(&self) -> Result<Line<'static>, EvidenceError> {
        Ok(Line::Header(Header {
            workspace: Some(self.workspace.0),
            first: self.first,
            fields: self.fields.clone(),
            prefix: self.log.prefix(self.first)?,
        }))
    }

    /// Prints some events; gives the place of the next one.
    fn events(&mut self, mut next: u64, printed: &mut Printed) -> Result<u64, Error> {
        let unreadable = EvidenceError::LogUnreadable { log: self.log.id };
        let (mut rows, mut shower) = (EventRows::open(&self.storage)?, Shower::new());
        while next < self.size && !printed.is_enough() {
            let row = self.log.row_at(next).ok_or(unreadable.clone())?;
            let events = row.events().ok_or(unreadable.clone())?;
            for ((leaf, id), index) in events.into_iter().zip(row.first..) {
                if (next..self.size).contains(&index) && !printed.is_enough() {
                    self.event(index, EventId(id), leaf, &mut rows, &mut shower, printed)?;
                    next = index + 1;
                }
            }
        }
        Ok(next)
    }

    fn event(
        &mut self,
        index: u64,
        id: EventId,
        leaf: Hash,
        rows: &mut EventRows,
        shower: &mut Shower,
        printed: &mut Printed,
    ) -> Result<(), Error> {
        let workspace = Some(self.workspace);
        let mut found = rows.at_its_time(id, workspace, |columns| shower.show(columns))?;
        let mut taken_by = None;
        if found.is_none() {
            taken_by = self.covering().find(id.0, leaf, &[Operation::Purge, Operation::ColdRelease]);
            if taken_by.is_none() {
                found = rows.anywhere(id, workspace, |columns| shower.show(columns))?;
            }
        }
        match found.flatten() {
            Some(shown) => {
                let erased = shown.is_erased().then(|| self.covering().find(id.0, leaf, &ERASING).unwrap_or_default());
                let (disclosures, digests) = shown.select(self.fields.as_deref());
                let digests = digests.iter().map(String::as_str).collect();
                printed.push(&Line::Event(bundle::Event { index, disclosures, digests, deletion_log_id: erased }));
            }
            // Where nothing tells who took it, the verifier finds that it is missing.
            None => {
                let deletion_log_id = taken_by.unwrap_or_default();
                printed.push(&Line::Removed(Removed { index, id: id.0, leaf, deletion_log_id }));
            }
        }
        Ok(())
    }

    fn covering(&mut self) -> &mut Covering {
        self.covering.get_or_insert_with(|| Covering::of(&self.storage, self.workspace.0))
    }

    /// An entry with its list, and the event that vouches for it where that is none of the bundle's.
    fn deletion(&self, deletion: StoredDeletion) -> Result<String, Error> {
        let StoredDeletion { entry, list, .. } = deletion;
        let parts = list.map(|list| deletions::parts(&self.storage, list)).unwrap_or_default();
        let told = self.vouching(deletions::vouching(&self.storage, self.workspace.0, &entry))?;
        let selected = told.as_ref().map(|(_, shown, _)| shown.select(None));
        let vouching =
            told.as_ref().zip(selected.as_ref()).map(|((index, _, path), (disclosures, digests))| Vouching {
                index: *index,
                disclosures: disclosures.clone(),
                digests: digests.iter().map(String::as_str).collect(),
                path: path.clone(),
            });
        Ok(Line::Deletion(Deletion { entry, parts, vouching }).to_string())
    }

    /// Of these events, the one to show: none if one is in the bundle, else one before it, else one that is not sealed yet.
    fn vouching(&self, events: Vec<Uuid>) -> Result<Option<Told>, Error> {
        let place = |id: &Uuid| self.log.find(*id).filter(|place| *place < self.size);
        let mut placed: Vec<(Option<u64>, Uuid)> = events.iter().map(|id| (place(id), *id)).collect();
        if placed.iter().any(|(place, _)| place.is_some_and(|place| place >= self.first)) {
            return Ok(None);
        }
        // Those that are sealed go first.
        placed.sort_by_key(|(place, id)| (place.is_none(), *place, *id));
        let Some((index, id)) = placed.first().copied() else { return Ok(None) };
        let (mut rows, mut shower) = (EventRows::open(&self.storage)?, Shower::new());
        let shown = rows.anywhere(EventId(id), Some(self.workspace), |columns| shower.show(columns))?.flatten();
        let path = index.map(|index| self.log.inclusion(index, self.size)).transpose()?.unwrap_or_default();
        Ok(shown.map(|shown| (index, shown, path)))
    }

    fn heads(&mut self, printed: &mut Printed) -> Result<(), Error> {
        let last = self.heads.last().map(|head| (head.incarnation.clone(), head.sealed, head.line.checkpoint.clone()));
        for head in self.heads.drain(..) {
            printed.push(&Line::Head(head.line));
        }
        if let Some((old, (incarnation, sealed, checkpoint))) = self.since.zip(last) {
            let path = incarnation.log(&self.storage).consistency(old, sealed.size)?;
            printed.push(&Line::Consistency { old, path, checkpoint });
        }
        Ok(())
    }
}

const ERASING: [Operation; 2] = [Operation::Erasure, Operation::Adoption];

impl Lines for WorkspaceLines {
    fn more(&mut self, printed: &mut Printed) -> Result<bool, Error> {
        let stage = std::mem::replace(&mut self.stage, Stage::Heads);
        self.stage = match stage {
            Stage::Header => {
                printed.push(&self.header()?);
                Stage::Events { next: self.first }
            }
            Stage::Events { next } if next < self.size => Stage::Events { next: self.events(next, printed)? },
            Stage::Events { .. } => {
                self.covering = None;
                Stage::Deletions(deletions::of_workspace(&self.storage, self.workspace.0).into())
            }
            Stage::Deletions(mut left) => match left.pop_front() {
                Some(deletion) => {
                    printed.push_text(self.deletion(deletion)?);
                    Stage::Deletions(left)
                }
                None => Stage::Heads,
            },
            Stage::Heads => {
                self.heads(printed)?;
                return Ok(false);
            }
        };
        Ok(true)
    }
}
