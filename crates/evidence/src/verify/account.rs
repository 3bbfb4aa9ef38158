//! Every id is accounted for: its places in the log, its row, and the deletions that name it must fit each other.

use uuid::Uuid;

use super::finding::{Code, Finding};
use super::ledger::{Grounds, Judged};
use super::report::Report;
use crate::deletion::Operation;
use crate::hash::Hash;

/// The columns that tell of a deletion on the row itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Marks {
    /// A bundle does not show them.
    NotShown,
    None,
    Some {
        deleted_at: Option<String>,
        deleted_by_user_id: Option<String>,
        deletion_reason: Option<String>,
    },
}

/// What is there of an event, beside its leaf.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Row {
    /// The key is whole.
    Live(Marks),
    /// The key is that of an erased payload, and the payload is gone.
    Erased(Marks),
    /// The payload is withheld; nothing can be said about it.
    Withheld,
    /// There is no row.
    Gone,
}

/// A place of an id in the log of its workspace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    pub index: u64,
    pub leaf: Hash,
    pub row: Row,
    /// The entry that is said to have taken it.
    pub claimed: Option<Uuid>,
}

/// A line in the list of a deletion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Listing {
    pub entry: Uuid,
    pub leaf: Option<Hash>,
}

/// All that is known of one id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    pub id: Uuid,
    pub places: Vec<Place>,
    pub listings: Vec<Listing>,
}

/// Judges one id of a workspace.
pub fn judge(account: &Account, workspace: Uuid, grounds: &Grounds, report: &mut Report) {
    let find = |code, place: &Place, detail: &str| {
        Finding::new(code, detail).of(Some(workspace)).at(place.index).event(account.id)
    };
    if let [_, second, ..] = &account.places[..] {
        report.add(find(Code::IdTwice, second, &format!("{} places have this id", account.places.len())));
    }
    let holding: Vec<(Listing, &Judged)> = account
        .listings
        .iter()
        .filter_map(|listing| Some((*listing, grounds.entries.get(&listing.entry).filter(|entry| entry.holds)?)))
        .collect();
    for place in &account.places {
        let covers = |operations: &[Operation]| {
            let fits = |(listing, entry): &&(Listing, &Judged)| {
                operations.contains(&entry.operation)
                    && listing.leaf == Some(place.leaf)
                    && place.index >= entry.from
                    && place.claimed.is_none_or(|claimed| claimed == listing.entry)
            };
            holding.iter().filter(fits).collect::<Vec<_>>()
        };
        let is_listed =
            |operations: &[Operation]| holding.iter().any(|(_, entry)| operations.contains(&entry.operation));
        let erasing = [Operation::Erasure, Operation::Adoption];
        match &place.row {
            Row::Gone => judge_removed(place, &covers(&[Operation::Purge, Operation::ColdRelease]), report, &find),
            Row::Withheld => (),
            Row::Live(marks) => {
                let covering = covers(&erasing);
                if is_listed(&erasing) {
                    report.add(find(Code::DeletionIncomplete, place, "an erasure names it, and its payload is there"));
                }
                if matches!(marks, Marks::Some { .. }) {
                    let (code, detail) = match covering.is_empty() {
                        true => (Code::ErasedWithoutEntry, "marked as deleted, and no deletion names it"),
                        false => (Code::MarksMismatch, "marked as deleted, and its payload is there"),
                    };
                    report.add(find(code, place, detail));
                }
            }
            Row::Erased(marks) => judge_erased(place, marks, &covers(&erasing), report, &find),
        }
        if place.row != Row::Gone && is_listed(&[Operation::Purge]) {
            report.add(find(Code::DeletionIncomplete, place, "a purge names it, and it is there"));
        }
    }
}

type Covering<'a, 'g> = [&'a (Listing, &'g Judged)];
type Find<'f> = &'f dyn Fn(Code, &Place, &str) -> Finding;

fn judge_removed(place: &Place, covering: &Covering, report: &mut Report, find: Find) {
    match covering.iter().min_by_key(|(_, entry)| entry.operation) {
        None => report.add(find(Code::RowMissing, place, "sealed, not there, and no deletion names it")),
        Some((listing, _)) => report.summary.taken.entry(listing.entry).or_default().removed += 1,
    }
}

fn judge_erased(place: &Place, marks: &Marks, covering: &Covering, report: &mut Report, find: Find) {
    let Some((first, _)) = covering.first() else {
        report.add(find(Code::ErasedWithoutEntry, place, "its payload is erased, and no deletion names it"));
        return;
    };
    report.summary.taken.entry(first.entry).or_default().erased += 1;
    let fit = |entry: &Judged| match marks {
        Marks::NotShown => true,
        Marks::None => false,
        _ if entry.operation == Operation::Adoption => true,
        Marks::Some { deleted_at, deleted_by_user_id, deletion_reason } => {
            *deleted_at == entry.deleted_at
                && *deleted_by_user_id == entry.deleted_by_user_id
                && *deletion_reason == entry.deletion_reason
        }
    };
    if !covering.iter().any(|(_, entry)| fit(entry)) {
        report.add(find(Code::MarksMismatch, place, "its marks are not those of the deletion that names it"));
    }
}
