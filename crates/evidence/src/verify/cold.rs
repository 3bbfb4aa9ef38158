//! Rows in files of cold storage, beside the leaves and deletions of their events.
//!
//! A file may be older than an erasure of its events, and then stands beside the one that replaced it until it is removed.

use uuid::Uuid;

use super::account::{Account, Deletions, ERASING, Listing, Marks, Place, Row};
use super::filed::{Filed, MarksDigest};
use super::finding::{Code, Finding};
use super::ledger::{Grounds, Judged};
use super::report::{Missing, Report};
use crate::deletion::Operation;

/// Judges an event that is in cold storage, as an entry says that holds.
pub(super) fn judge_released(account: &Account, place: &Place, entry: Uuid, report: &mut Report) {
    let taken = report.summary.taken.entry(entry).or_default();
    let Some(filed) = &account.filed else {
        taken.cold += 1;
        return;
    };
    if filed.iter().any(|row| row.leaf == Some(place.leaf)) {
        taken.in_files += 1;
        report.summary.in_files += 1;
    } else if filed.is_empty() {
        // A file that is missing is told once, and not event by event.
        let missing = taken.missing.get_or_insert(Missing { count: 0, index: place.index, event: account.id });
        missing.count += 1;
    }
}

/// Judges the rows of an event in files, wherever else it is.
pub(super) fn judge(account: &Account, workspace: Uuid, deletions: &Deletions, grounds: &Grounds, report: &mut Report) {
    for row in account.filed.iter().flatten() {
        let file = grounds.files.get(row.file as usize);
        let name = file.map_or("", |file| file.name.as_str());
        let mut tell = |code, index, detail: String| {
            let finding = Finding::new(code, detail).of(Some(workspace)).event(account.id);
            report.add(Finding { index, ..finding });
        };
        let Some(place) = account.places.iter().find(|place| row.leaf == Some(place.leaf)) else {
            match (account.places.first(), file.is_some_and(|file| file.covers_more)) {
                (Some(place), _) => {
                    let detail = format!("its columns or its key in {name} are not those that were sealed");
                    tell(Code::RowModified, Some(place.index), detail);
                }
                (None, false) => tell(Code::RowNotInLog, None, format!("{name} has it, and the log does not")),
                (None, true) => report.summary.beyond.entry(row.file).or_insert((0, account.id)).0 += 1,
            }
            continue;
        };
        // What the row's own line claims took it is no matter of the file.
        let place = &Place { claimed: None, ..place.clone() };
        if place.row == Row::Gone && deletions.has(&[Operation::Purge]) {
            tell(Code::DeletionIncomplete, Some(place.index), format!("a purge names it, and {name} has it"));
        }
        if let Some((code, detail)) = problem(row, place, deletions) {
            tell(code, Some(place.index), format!("in {name}: {detail}"));
        }
    }
}

/// Whether the row is as its erasures leave it.
fn problem(row: &Filed, place: &Place, deletions: &Deletions) -> Option<(Code, &'static str)> {
    let covering = deletions.covering(place, &ERASING);
    let is_marked = row.marks != MarksDigest::default();
    match row.is_erased {
        true if covering.is_empty() => {
            Some((Code::ErasedWithoutEntry, "its payload is erased, and no deletion names it"))
        }
        true => {
            let fits = |(_, entry): &&&(Listing, &Judged)| {
                entry.operation == Operation::Adoption && is_marked || row.marks == digest_of(entry)
            };
            let is_told = covering.iter().any(|one| fits(&one));
            (!is_told).then_some((Code::MarksMismatch, "its marks are not those of the deletion that names it"))
        }
        false if deletions.has(&ERASING) => {
            Some((Code::DeletionIncomplete, "an erasure names it, and its payload is there"))
        }
        false if is_marked => Some((Code::MarksMismatch, "marked as deleted, and its payload is there")),
        false => None,
    }
}

fn digest_of(entry: &Judged) -> MarksDigest {
    MarksDigest::of([&entry.deleted_at, &entry.deleted_by_user_id, &entry.deletion_reason].map(|text| text.as_deref()))
}

impl From<&Marks> for MarksDigest {
    fn from(marks: &Marks) -> Self {
        match marks {
            Marks::Some { deleted_at, deleted_by_user_id, deletion_reason } => {
                Self::of([deleted_at, deleted_by_user_id, deletion_reason].map(|text| text.as_deref()))
            }
            Marks::NotShown | Marks::None => Self::default(),
        }
    }
}
