//! The deletions of a workspace: which entries hold, judged before any event is excused by one.
//!
//! An entry holds when its id is made of its content, its list has the digest it names, and a sealed event of its workspace with the action that fits its
//! operation names both id and digest.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::filed::File;
use super::finding::{Code, Finding};
use super::report::{Missing, Report};
use crate::deletion::{Entry, Operation, named_entry};
use crate::hash::Hash;

/// What a stored list came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListSum {
    pub count: i64,
    /// Over all parts in their order.
    pub digest: Hash,
}

/// An entry as far as events are excused by it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judged {
    pub operation: Operation,
    /// Whether it covers anything.
    pub holds: bool,
    /// Whether it covers nothing only because the event that names it is not sealed yet.
    pub is_pending: bool,
    /// Of an adoption: it covers leaves from here on, those sealed with its event or later.
    pub from: u64,
    pub deleted_at: Option<String>,
    pub deleted_by_user_id: Option<String>,
    pub deletion_reason: Option<String>,
    /// Of a release to cold storage: whether an object there holds its events, as far as can be known.
    pub has_object: bool,
}

struct Voucher {
    digest: String,
    action: String,
    index: Option<u64>,
    seal_start: u64,
    event: Uuid,
}

/// Whether an event vouches for an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Vouched {
    /// A sealed one, whose seal begins at this place of the log.
    From(u64),
    NotYet,
}

struct Claim {
    entry: Entry,
    list: Option<ListSum>,
    stored_id: Option<Uuid>,
    has_object: bool,
}

/// Collects the entries of a workspace and the events that vouch for them.
pub struct Ledger {
    workspace: Uuid,
    /// Whether an event that is not sealed yet vouches for nothing.
    is_strict: bool,
    claims: BTreeMap<Uuid, Claim>,
    vouchers: BTreeMap<Uuid, Vec<Voucher>>,
}

/// The entries of a workspace, judged.
#[derive(Clone, Debug, Default)]
pub struct Grounds {
    pub entries: BTreeMap<Uuid, Judged>,
    /// The files of cold storage that are given.
    pub files: Vec<File>,
}

impl Grounds {
    /// What the reader of a sound log still has to know of its deletions.
    pub fn tell(&self, workspace: Uuid, report: &mut Report) {
        for (id, entry) in &self.entries {
            let taken = report.summary.taken.get(id).copied().unwrap_or_default();
            let told = match entry.operation {
                Operation::Adoption if taken.erased > 0 => Some((
                    Code::Adopted,
                    format!("entry {id}: {} events were erased before they got a key", taken.erased),
                )),
                Operation::ColdRelease if taken.cold > 0 => {
                    Some((Code::Cold, format!("entry {id}: {} events are in cold storage", taken.cold)))
                }
                _ => None,
            };
            if let Some((code, detail)) = told {
                report.add(Finding::new(code, detail).of(Some(workspace)));
            }
            if let Some(Missing { count, index, event }) = taken.missing {
                let detail =
                    format!("entry {id} released {count} events to cold storage that no file has; this is the first");
                report.add(Finding::new(Code::RowMissing, detail).of(Some(workspace)).at(index).event(event));
            }
        }
        for (file, (count, event)) in std::mem::take(&mut report.summary.beyond) {
            let name = self.files.get(file as usize).map_or("", |file| &file.name);
            let detail =
                format!("{name} has {count} events that the log which is shown does not reach; this is the first");
            report.add(Finding::new(Code::EventNotSealed, detail).of(Some(workspace)).event(event));
        }
    }
}

impl Ledger {
    pub fn new(workspace: Uuid) -> Self {
        Self { workspace, is_strict: false, claims: BTreeMap::new(), vouchers: BTreeMap::new() }
    }

    /// Of a file, where an event that is not sealed is a line that whoever had the file could write: it vouches for nothing.
    pub fn of_file(workspace: Uuid) -> Self {
        Self { is_strict: true, ..Self::new(workspace) }
    }

    /// Takes an entry with what its list came to; `stored_id` is the id it is stored under, where it is stored. Gives the id of its content.
    pub fn entry(&mut self, entry: Entry, stored_id: Option<Uuid>, list: Option<ListSum>) -> Uuid {
        let id = entry.id();
        self.claims.insert(id, Claim { entry, list, stored_id, has_object: true });
        id
    }

    /// No object in cold storage holds what this entry released.
    pub fn without_object(&mut self, entry: Uuid) {
        self.claims.entry(entry).and_modify(|claim| claim.has_object = false);
    }

    /// Takes a sealed, unaltered event. `seal_start` is the size of the log before the seal that holds it, 0 if that is not known. Between a deletion and the next
    /// seal its event has no place yet: then the entry holds in the database as long as somebody is told, and not in a file.
    pub fn event(&mut self, event: Uuid, kept: [Option<&str>; 3], index: Option<u64>, seal_start: u64) {
        let [action, resource_type, resource_id] = kept;
        let Some(action) = action.filter(|action| Operation::is_vouching(action)) else { return };
        if let Some((id, digest)) = named_entry(resource_id, resource_type) {
            let voucher = Voucher { digest, action: action.into(), index, seal_start, event };
            self.vouchers.entry(id).or_default().push(voucher);
        }
    }

    /// Judges all entries.
    pub fn settle(self, report: &mut Report) -> Grounds {
        let mut grounds = Grounds::default();
        let workspace = Some(self.workspace);
        for (id, vouchers) in self.vouchers.iter().filter(|(id, _)| !self.claims.contains_key(id)) {
            for voucher in vouchers {
                let finding =
                    Finding::new(Code::EntryAltered, format!("entry {id}, which the event names, is not there"));
                report.add(Finding { index: voucher.index, ..finding.of(workspace).event(voucher.event) });
            }
        }
        for (id, claim) in self.claims {
            let vouchers = self.vouchers.get(&id).map_or(&[][..], Vec::as_slice);
            let verdict = claim.judge(id, self.workspace, vouchers);
            let operation = claim.entry.operation().unwrap_or(Operation::Move);
            let is_pending = self.is_strict && verdict == Ok(Vouched::NotYet);
            let holds = verdict.is_ok() && !is_pending && operation != Operation::Move;
            if let Err((code, detail)) = &verdict {
                report.add(Finding::new(*code, format!("entry {id} {detail}")).of(workspace));
            }
            let text = |column| claim.entry.text(column).map(String::from);
            if verdict == Ok(Vouched::NotYet) {
                let so = if is_pending { " and covers nothing: export again after the next seal" } else { "" };
                let detail = format!("entry {id} is named by an event that is not sealed yet{so}");
                report.add(Finding::new(Code::EventNotSealed, detail).of(workspace));
            }
            let from = match verdict {
                Ok(Vouched::From(from)) => from,
                _ => u64::MAX,
            };
            let judged = Judged {
                operation,
                holds,
                is_pending,
                from: if operation == Operation::Adoption { from } else { 0 },
                deleted_at: text("deleted_at"),
                deleted_by_user_id: text("deleted_by_user_id"),
                deletion_reason: text("deletion_reason"),
                has_object: claim.has_object,
            };
            grounds.entries.insert(id, judged);
        }
        grounds
    }
}

impl Claim {
    /// Who vouches for the entry, or why it covers nothing.
    fn judge(&self, id: Uuid, workspace: Uuid, vouchers: &[Voucher]) -> Result<Vouched, (Code, String)> {
        let altered = |detail: &str| Err((Code::EntryAltered, detail.into()));
        if self.stored_id.is_some_and(|stored| stored != id) {
            return Err((
                Code::EntryAltered,
                format!("is the content of what is stored as {}", self.stored_id.unwrap_or_default()),
            ));
        }
        let Some(operation) = self.entry.operation() else { return altered("has an effect that is not known") };
        if self.entry.workspace() != Some(workspace) {
            return altered("is another workspace's");
        }
        let Some(action) = operation.action() else { return Ok(Vouched::From(0)) };
        if let Some(list) = self.list.filter(|list| Some(list.count) != self.entry.count()) {
            return Err((Code::EntryAltered, format!("counts other events than the {} of its list", list.count)));
        }
        let digest = self.list.map(|list| list.digest.to_hex());
        if digest.as_deref() != self.entry.list_digest() {
            return Err((Code::ListAltered, "has another list".into()));
        }
        if self.list.is_none() && self.entry.count() != Some(0) {
            return altered("counts events and has no list");
        }
        let full = self.entry.digest().to_hex();
        let mut of_this = vouchers.iter().filter(|voucher| voucher.digest == full).peekable();
        if of_this.peek().is_none() {
            return Err((Code::EntryNotSealed, "has no sealed event that names it".into()));
        }
        let of_this: Vec<&Voucher> = of_this.filter(|voucher| voucher.action == action).collect();
        if of_this.is_empty() {
            return altered("has another effect than the event that names it");
        }
        let sealed = of_this.iter().filter(|voucher| voucher.index.is_some());
        // What an event that is not sealed yet adopts is not sealed either.
        Ok(sealed.map(|voucher| voucher.seal_start).min().map_or(Vouched::NotYet, Vouched::From))
    }
}
