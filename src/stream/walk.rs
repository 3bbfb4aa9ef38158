//! Goes along the places of a stream: heads of root logs, and the leaves that each added.

use std::ops::ControlFlow;
use std::rc::Rc;

use audit_core::ids::{EventId, WorkspaceId};
use audit_core::stream::filter::StreamFilter;
use audit_core::stream::place::Place;
use audit_evidence::tiles::refs::{self, HeadRef};

use crate::error::Error;
use crate::seal::checkpoint::{Incarnation, incarnations};
use crate::seal::error::EvidenceError;
use crate::seal::log::{LeafRow, Log};
use crate::storage::Storage;

/// A leaf, or a row of heads, is a step. A walk that finds little ends after so many: what it passed is passed for good, and the reader asks again.
const MOST_STEPS: u64 = 1_000_000;

pub struct Walk<'a> {
    pub storage: &'a Rc<Storage>,
    pub filter: &'a StreamFilter,
    /// Not beyond it.
    pub until: Option<Place>,
}

/// How far a walk has come.
struct Standing<V> {
    place: Place,
    steps: u64,
    visit: V,
}

type Visited = Result<ControlFlow<()>, Error>;

impl Walk<'_> {
    /// Visits the events from a place on, until `visit` breaks behind one. Gives the place behind the last.
    pub fn from(&self, place: Place, visit: impl FnMut(WorkspaceId, EventId) -> Visited) -> Result<Place, Error> {
        let mut standing = Standing { place, steps: 0, visit };
        for incarnation in incarnations(self.storage) {
            if incarnation.number < standing.place.incarnation {
                continue;
            }
            if incarnation.number > standing.place.incarnation {
                standing.place = Place::of_head(incarnation.number, 0);
            }
            if self.root_log(&incarnation, &mut standing)?.is_break() {
                break;
            }
        }
        Ok(standing.place)
    }

    fn root_log(
        &self,
        incarnation: &Incarnation,
        standing: &mut Standing<impl FnMut(WorkspaceId, EventId) -> Visited>,
    ) -> Visited {
        let root = incarnation.log(self.storage);
        while let Some(row) = root.row_at(standing.place.head) {
            standing.steps += 1;
            let heads = heads(&root, &row)?;
            let begun = (standing.place.head - row.first) as usize;
            for (head, index) in heads.iter().zip(row.first..).skip(begun) {
                if self.is_over(standing) {
                    return Ok(ControlFlow::Break(()));
                }
                if self.filter.admits_workspace(head.workspace)
                    && self.leaves(incarnation.number, index, head, standing)?.is_break()
                {
                    return Ok(ControlFlow::Break(()));
                }
                standing.place = Place::of_head(incarnation.number, index + 1);
            }
        }
        match self.is_at_end(standing.place) {
            true => Ok(ControlFlow::Break(())),
            false => Ok(ControlFlow::Continue(())),
        }
    }

    fn is_over<V>(&self, standing: &Standing<V>) -> bool {
        self.is_at_end(standing.place) || self.until.is_none() && standing.steps >= MOST_STEPS
    }

    fn is_at_end(&self, place: Place) -> bool {
        self.until.is_some_and(|until| place >= until)
    }

    /// The leaves that a head added.
    fn leaves(
        &self,
        incarnation: i32,
        index: u64,
        head: &HeadRef,
        standing: &mut Standing<impl FnMut(WorkspaceId, EventId) -> Visited>,
    ) -> Visited {
        let log = Log::of(self.storage, head.workspace);
        let rest = standing.place.rest(incarnation, index, head.from, head.size);
        let mut next = rest.start;
        while next < rest.end {
            let unreadable = EvidenceError::LogUnreadable { log: log.id };
            let row = log.row_at(next).ok_or(unreadable.clone())?;
            let ids = refs::events(&row.refs).filter(|ids| ids.len() as u64 == row.count()).ok_or(unreadable)?;
            for id in ids.into_iter().skip((next - row.first) as usize).take((rest.end - next) as usize) {
                pgrx::check_for_interrupts!();
                let visited = (standing.visit)(WorkspaceId(head.workspace), EventId(id))?;
                standing.place = Place::behind(incarnation, index, next, head.size);
                standing.steps += 1;
                next += 1;
                if visited.is_break() || self.is_over(standing) {
                    return Ok(ControlFlow::Break(()));
                }
            }
        }
        Ok(ControlFlow::Continue(()))
    }
}

fn heads(root: &Log, row: &LeafRow) -> Result<Vec<HeadRef>, EvidenceError> {
    let heads = refs::heads(&row.refs).filter(|heads| heads.len() as u64 == row.count());
    heads.ok_or(EvidenceError::LogUnreadable { log: root.id })
}
