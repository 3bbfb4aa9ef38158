//! The bundle of the root log: all heads of all workspaces, an incarnation after the other.

use std::rc::Rc;

use audit_evidence::bundle::{Header, Line};

use super::lines::{Asked, Lines, Printed};
use crate::error::Error;
use crate::seal::checkpoint::{self, Incarnation, Sealed, within};
use crate::seal::error::EvidenceError;
use crate::seal::heads;
use crate::seal::log::Log;
use crate::storage::Storage;

pub struct RootLines {
    storage: Rc<Storage>,
    /// Those whose heads are not shown yet, the next one last.
    left: Vec<(Incarnation, Sealed)>,
    /// The one whose heads are being shown.
    open: Option<Section>,
    first: u64,
    since: Option<u64>,
}

struct Section {
    incarnation: Incarnation,
    sealed: Sealed,
    log: Log,
    next: u64,
}

impl RootLines {
    pub fn begin(storage: &Rc<Storage>, asked: &Asked) -> Result<RootLines, Error> {
        let (present, newest) = checkpoint::incarnation(storage, None)?;
        let first = within(asked.first, "p_first", newest.size)?;
        let since = asked.since.map(|since| within(since, "p_since_size", newest.size)).transpose()?;
        let left = if first > 0 {
            // From a place on, only one log can be meant.
            vec![(present, newest)]
        } else {
            let sealed = |one: Incarnation| Some((one.newest(storage)?, one)).map(|(sealed, one)| (one, sealed));
            checkpoint::incarnations(storage).into_iter().rev().filter_map(sealed).collect()
        };
        Ok(RootLines { storage: Rc::clone(storage), left, open: None, first, since })
    }

    fn open_next(&mut self, printed: &mut Printed) -> Result<bool, EvidenceError> {
        let Some((incarnation, sealed)) = self.left.pop() else { return Ok(false) };
        let log = incarnation.log(&self.storage);
        let is_first = self.first != u64::MAX;
        let next = if is_first { self.first } else { 0 };
        if is_first {
            let header = Header { workspace: None, first: next, fields: None, prefix: log.prefix(next)? };
            printed.push(&Line::Header(header));
            self.first = u64::MAX;
        }
        printed.push(&Line::Incarnation(incarnation.origin.clone()));
        self.open = Some(Section { incarnation, sealed, log, next });
        Ok(true)
    }

    fn close(&mut self, section: &Section, printed: &mut Printed) -> Result<(), EvidenceError> {
        let checkpoint = section.incarnation.note(&self.storage, section.sealed).to_string();
        printed.push(&Line::Checkpoint(checkpoint.clone()));
        if let Some(old) = self.since.filter(|_| self.left.is_empty()) {
            let path = section.log.consistency(old, section.sealed.size)?;
            printed.push(&Line::Consistency { old, path, checkpoint });
        }
        Ok(())
    }
}

impl Lines for RootLines {
    fn more(&mut self, printed: &mut Printed) -> Result<bool, Error> {
        let Some(mut section) = self.open.take() else { return Ok(self.open_next(printed)?) };
        while section.next < section.sealed.size && !printed.is_enough() {
            let row = section.log.row_at(section.next);
            let row = row.ok_or(EvidenceError::LogUnreadable { log: section.log.id })?;
            let shown = section.next..section.sealed.size;
            for head in heads::of_row(&self.storage, &row)?.into_iter().filter(|head| shown.contains(&head.index)) {
                printed.push(&Line::RootHead(head));
            }
            section.next = row.end();
        }
        if section.next < section.sealed.size {
            self.open = Some(section);
        } else {
            self.close(&section, printed)?;
        }
        Ok(true)
    }
}
