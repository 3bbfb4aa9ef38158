//! All events of all workspaces, in the order of the sorting.

use uuid::Uuid;

use super::account::Stored;
use super::record::{Record, key, read};
use super::told::Told;
use crate::verify::{Grounds, Ledger, Report};

/// Records in their order.
pub trait Sorted {
    fn next(&mut self) -> Option<Vec<u8>>;

    /// Remembers the place before the next record.
    fn mark(&mut self);

    /// Goes back there.
    fn go_back(&mut self);
}

/// Judges a trail whose records are sorted.
pub struct Trail<S> {
    sorted: S,
    next: Option<Vec<u8>>,
}

impl<S: Sorted> Trail<S> {
    pub fn new(mut sorted: S) -> Self {
        let next = sorted.next();
        Self { sorted, next }
    }

    /// Judges every workspace.
    pub fn judge(mut self, report: &mut Report) {
        while let Some((workspace, ..)) = self.next.as_deref().and_then(key) {
            let grounds = self.settle(workspace, report);
            let mut told = Told::default();
            while let Some(stored) = self.event(workspace) {
                stored.judge(workspace, &grounds, &mut told, report);
            }
            grounds.tell(workspace, report);
            told.tell(workspace, report);
        }
    }

    /// Judges the deletions of a workspace. Events that vouch for them are among the events, which are therefore read twice where there are such.
    fn settle(&mut self, workspace: Uuid, report: &mut Report) -> Grounds {
        let mut ledger = Ledger::new(workspace);
        let mut is_empty = true;
        while self.next.as_deref().and_then(key).is_some_and(|(of, is_entry, _)| of == workspace && is_entry) {
            if let Some(Record::Entry(stored)) = self.take() {
                let id = ledger.entry(stored.entry, Some(stored.id), stored.list);
                if !stored.has_object {
                    ledger.without_object(id);
                }
            }
            is_empty = false;
        }
        if !is_empty {
            self.sorted.mark();
            let first = self.next.clone();
            while let Some(stored) = self.event(workspace) {
                stored.vouch(&mut ledger);
            }
            self.sorted.go_back();
            self.next = first;
        }
        ledger.settle(report)
    }

    /// All that there is of the next event of a workspace.
    fn event(&mut self, workspace: Uuid) -> Option<Stored> {
        let (_, _, id) = self.next.as_deref().and_then(key).filter(|(of, ..)| *of == workspace)?;
        let mut stored = Stored::of(id);
        while self.next.as_deref().and_then(key) == Some((workspace, false, id)) {
            self.take().into_iter().for_each(|record| stored.add(record));
        }
        Some(stored)
    }

    fn take(&mut self) -> Option<Record> {
        let taken = self.next.take();
        self.next = self.sorted.next();
        taken.as_deref().and_then(read)
    }
}
