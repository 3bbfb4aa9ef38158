//! All events of all workspaces, in the order of the sorting.

use uuid::Uuid;

use super::account::Stored;
use super::record::{Record, key, read};
use crate::verify::{Code, Finding, Grounds, Ledger, Report};

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

/// What is told once of a workspace, however many events it is about.
#[derive(Default)]
pub struct Told {
    without_key: Option<(Uuid, u64)>,
    late: Option<(Uuid, u64, u64)>,
}

impl Told {
    pub fn without_key(&mut self, id: Uuid) {
        self.without_key.get_or_insert((id, 0)).1 += 1;
    }

    pub fn late(&mut self, id: Uuid, index: u64) {
        self.late.get_or_insert((id, index, 0)).2 += 1;
    }

    fn tell(self, workspace: Uuid, report: &mut Report) {
        if let Some((id, count)) = self.without_key {
            let detail = format!("{count} events have no key or no transaction: audit_adopt_events() gives them one");
            report.add(Finding::new(Code::EventNotSealed, detail).of(Some(workspace)).event(id));
        }
        if let Some((id, index, count)) = self.late {
            let detail = format!("{count} events were sealed over a day after they were recorded");
            report.add(Finding::new(Code::SealedLate, detail).of(Some(workspace)).at(index).event(id));
        }
    }
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
                ledger.entry(stored.entry, Some(stored.id), stored.list);
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
