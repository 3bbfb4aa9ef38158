//! A bundle of one workspace: its events in their order, what was deleted of them, and the heads of its log.
//!
//! The log is rebuilt while the events pass. What has to be looked at twice goes to files without a name: leaf hashes, for heads of earlier incarnations,
//! and ids, which are sorted to find what names them.

use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Seek, Write};

use uuid::Uuid;

use super::accounts::Accounts;
use super::cold::{self, ColdFiles};
use super::heads::{Problem, ShownHeads};
use super::lines::{Lines, Unreadable};
use super::root_log::{Heads, KnownHead};
use crate::bundle::{Deletion, Event, Header, Line, Removed};
use crate::deletion::{Operation, read_part};
use crate::disclosure::{Shown, of_export};
use crate::field::Field;
use crate::hash::Hash;
use crate::tree::{Frontier, verify_inclusion};
use crate::verify::{Code, Finding, Ledger, ListSum, Marks, Place, Report, Row, Trust};

/// What a bundle is verified with.
#[derive(Clone, Copy)]
pub struct Beside<'a> {
    pub trust: &'a Trust,
    /// Files of cold storage, if they are given.
    pub cold: Option<&'a dyn ColdFiles>,
}

/// Verifies the rest of a bundle. With the root log's heads, every head of the workspace is compared, and the last must be its newest.
pub fn verify<R: BufRead>(
    mut lines: Lines<R>,
    header: Header,
    beside: &Beside,
    known: Option<&mut Heads>,
    report: &mut Report,
) -> Result<(), Unreadable> {
    let workspace = header.workspace.unwrap_or_default();
    let log = Frontier::from_roots(header.first, header.prefix);
    let log = log.ok_or_else(|| lines.problem("a prefix has a hash for each perfect subtree"))?;
    let mut bundle = Bundle {
        workspace,
        trust: beside.trust,
        is_whole: header.fields.is_none(),
        prefix: log.clone(),
        log,
        leaves: BufWriter::new(tempfile::tempfile()?),
        seal_start: 0,
        accounts: Accounts::new(beside.cold.is_some()),
        cold: beside.cold,
        ledger: Ledger::of_file(workspace),
        heads: ShownHeads::new(workspace, beside.trust),
        known,
        newest_known: None,
        report,
    };
    bundle.reached()?;
    let mut stage = 0;
    while let Some(line) = lines.next()? {
        let (at, taken) = match line {
            Line::Event(event) => (1, bundle.event(&event)?),
            Line::Removed(removed) => (1, bundle.removed(&removed)?),
            Line::Deletion(deletion) => (2, bundle.deletion(deletion)?),
            Line::Head(head) => (3, bundle.heads.add(head, bundle.report)),
            Line::Consistency { old, path, checkpoint } => (4, bundle.heads.consistency(old, path, &checkpoint)),
            _ => (0, Some("out of place".into())),
        };
        if let Some(problem) = taken.or((at < stage).then(|| "out of order".into())) {
            return Err(lines.problem(problem));
        }
        stage = at;
    }
    if stage < 3 {
        return Err(lines.problem("the bundle is cut off"));
    }
    bundle.finish()
}

struct Bundle<'b, 'r> {
    workspace: Uuid,
    trust: &'b Trust,
    /// Whether all columns were asked for.
    is_whole: bool,
    prefix: Frontier,
    log: Frontier,
    leaves: BufWriter<File>,
    /// The size of the log before the seal that holds what comes next, as far as the root log tells.
    seal_start: u64,
    accounts: Accounts,
    cold: Option<&'b dyn ColdFiles>,
    ledger: Ledger,
    heads: ShownHeads<'b>,
    known: Option<&'b mut Heads>,
    newest_known: Option<KnownHead>,
    report: &'b mut Report<'r>,
}

impl Bundle<'_, '_> {
    /// Compares the log as it is now with the heads of this size.
    fn reached(&mut self) -> Result<(), Unreadable> {
        let size = self.log.size();
        self.heads.reached(&self.log, self.report);
        let Some(known) = self.known.as_mut() else { return Ok(()) };
        while let Some(head) = known.peek(self.workspace)?.filter(|head| head.head.size <= size) {
            let at = head.head.size;
            if at < self.seal_start || (at == size && self.log.root() != head.head.root) {
                let detail = format!("place {} of {} is another head", head.head.index, head.origin);
                self.report.add(Finding::new(Code::HeadMismatch, detail).of(Some(self.workspace)));
            }
            self.seal_start = at;
            self.newest_known = Some(head);
            known.pass()?;
        }
        Ok(())
    }

    fn push(&mut self, id: Uuid, place: &Place) -> Result<(), Unreadable> {
        self.log.push(place.leaf);
        self.leaves.write_all(&place.leaf.0)?;
        self.accounts.place(id, place)?;
        self.reached()
    }

    /// An event that was cut out is missing; what follows it cannot be compared with anything.
    fn gap(&mut self, index: u64) -> Option<String> {
        let next = self.log.size();
        if next < index {
            let detail = format!("the export goes on at {index}");
            self.report.add(Finding::new(Code::RowMissing, detail).of(Some(self.workspace)).at(next));
        }
        (next != index).then(|| "not the next place of the log".into())
    }

    fn event(&mut self, event: &Event) -> Result<Problem, Unreadable> {
        if let Some(problem) = self.gap(event.index) {
            return Ok(Some(problem));
        }
        let shown = match of_export(&event.disclosures, &event.digests) {
            Ok(shown) => shown,
            Err(problem) => return Ok(Some(problem.to_string())),
        };
        let is_erased = event.deletion_log_id.is_some();
        if is_erased && (shown.has_payload || shown.hidden == 0) {
            return Ok(Some("an erased event with a payload".into()));
        }
        let is_withheld = shown.hidden > usize::from(is_erased) || shown.hidden_in_payload > 0;
        let row = match (is_erased, is_withheld, shown.has_payload) {
            (true, ..) => Row::Erased(Marks::NotShown),
            (false, _, true) => Row::Live(Marks::NotShown),
            // In an export of all columns, a payload that is not shown is one that is not there.
            (false, ..) if self.is_whole => Row::Erased(Marks::NotShown),
            (false, ..) => Row::Withheld,
        };
        let at = |code, detail| Finding::new(code, detail).of(Some(self.workspace)).at(event.index).event(shown.id);
        if shown.workspace != self.workspace {
            self.report.add(at(Code::RowModified, "it belongs to another workspace than its log"));
        }
        if is_withheld && self.is_whole && (shown.has_payload || is_erased) {
            self.report.add(at(Code::RowModified, "columns are missing in an export of all columns"));
        }
        self.report.summary.events += 1;
        self.report.summary.erased += u64::from(is_erased);
        self.report.summary.withheld += u64::from(is_withheld);
        self.vouch(&shown, Some(event.index), self.seal_start);
        let place = Place { index: event.index, leaf: shown.leaf, row, claimed: event.deletion_log_id };
        self.push(shown.id, &place).map(|()| None)
    }

    fn vouch(&mut self, shown: &Shown, index: Option<u64>, seal_start: u64) {
        let is_vouching = |action: &String| Operation::is_vouching(action);
        if let Some(action) = shown.text(Field::ActionType).filter(is_vouching) {
            let (named, id) = (shown.text(Field::ResourceType), shown.text(Field::ResourceId));
            self.ledger.event(shown.id, [Some(&action), named.as_deref(), id.as_deref()], index, seal_start);
        }
    }

    fn removed(&mut self, removed: &Removed) -> Result<Problem, Unreadable> {
        if let Some(problem) = self.gap(removed.index) {
            return Ok(Some(problem));
        }
        self.report.summary.removed += 1;
        let Removed { index, id, leaf, deletion_log_id } = *removed;
        self.push(id, &Place { index, leaf, row: Row::Gone, claimed: Some(deletion_log_id) }).map(|()| None)
    }

    fn deletion(&mut self, deletion: Deletion) -> Result<Problem, Unreadable> {
        let id = deletion.entry.id();
        let mut count = 0;
        for part in &deletion.parts {
            let Some(listed) = read_part(part) else { return Ok(Some("an odd part of a list".into())) };
            count += listed.len() as i64;
            for one in listed {
                self.accounts.listed(one, id)?;
            }
        }
        let list = (count > 0).then(|| ListSum { count, digest: Hash::of(&deletion.parts.concat()) });
        if let Some(event) = &deletion.vouching {
            let Ok(shown) = of_export(&event.disclosures, &event.digests) else {
                return Ok(Some("an odd event".into()));
            };
            let (size, root) = (self.log.size(), self.log.root());
            // An event that is said to be in the log and is not vouches for nothing.
            let is_there = event.index.is_none_or(|index| {
                index < self.prefix.size() && verify_inclusion(&shown.leaf, index, size, &event.path, &root).is_ok()
            });
            if is_there && shown.workspace == self.workspace {
                self.vouch(&shown, event.index, 0);
            }
        }
        self.ledger.entry(deletion.entry, None, list);
        Ok(None)
    }

    /// Of a folder all is asked for, but what whoever kept a head has seen before.
    fn judge_beginning(&mut self) {
        let first = self.prefix.size();
        self.report.summary.unshown_logs += u64::from(first > 0);
        self.report.summary.unshown_places += first;
        let is_asked = self.known.is_some() && self.trust.asks_for(self.workspace);
        if first > 0 && is_asked && !self.heads.is_bound() {
            let detail = format!("places 0 to {} are not shown", first - 1);
            self.report.add(Finding::new(Code::EventsNotShown, detail).of(Some(self.workspace)));
        }
    }

    /// What a whole incarnation had besides is not shown where the root log leaves it out. One that begins at a place is of the present incarnation alone, and is
    /// judged by its beginning.
    fn judge_incarnations(&mut self) {
        let is_asked = self.trust.asks_for(self.workspace);
        let Some(known) = self.known.as_ref().filter(|known| is_asked && known.beginning().1 == 0) else { return };
        for origin in self.heads.origins().filter(|origin| !known.shows(origin)) {
            let detail = format!("the bundle has a head of {origin}, which the root log does not show");
            self.report.add(Finding::new(Code::EventsNotShown, detail).of(Some(self.workspace)));
        }
    }

    fn finish(mut self) -> Result<(), Unreadable> {
        self.leaves.flush()?;
        let mut leaves = self.leaves.get_ref().try_clone()?;
        leaves.rewind()?;
        self.heads.judge_log(&self.prefix, &self.log, BufReader::new(leaves), self.report)?;
        // A head that the root log has beyond the bundle's end is its newest.
        if let Some(known) = self.known.as_mut() {
            while let Some(head) = known.peek(self.workspace)? {
                self.newest_known = Some(head);
                known.pass()?;
            }
        }
        self.judge_beginning();
        self.judge_incarnations();
        let newest = self.known.is_some().then_some(self.newest_known);
        self.heads.judge_binding(newest, self.log.size(), self.report);
        let mut grounds = self.ledger.settle(self.report);
        if let Some(cold) = self.cold {
            let newest = self.heads.newest().filter(|_| self.prefix.size() == 0);
            grounds.files = cold::read(cold, self.workspace, newest, &mut self.accounts, self.report)?;
        }
        self.accounts.judge(self.workspace, &grounds, self.report)?;
        grounds.tell(self.workspace, self.report);
        Ok(())
    }
}
