//! Every id is accounted for: its places in the log, its row, and the deletions that name it must fit each other.

use uuid::Uuid;

use super::account::{Account, Deletions, ERASING, Marks, Place, Row};
use super::cold;
use super::finding::{Code, Finding};
use super::ledger::{Grounds, Judged};
use super::report::Report;
use crate::deletion::Operation;

/// Judges one id of a workspace.
pub fn judge(account: &Account, workspace: Uuid, grounds: &Grounds, report: &mut Report) {
    let find = |code, place: &Place, detail: &str| {
        Finding::new(code, detail).of(Some(workspace)).at(place.index).event(account.id)
    };
    if let [_, second, ..] = &account.places[..] {
        report.add(find(Code::IdTwice, second, &format!("{} places have this id", account.places.len())));
    }
    let deletions = Deletions::of(&account.listings, grounds);
    for place in &account.places {
        match &place.row {
            Row::Gone => judge_removed(account, place, &deletions, report, &find),
            Row::Withheld => (),
            Row::Live(marks) => {
                let covering = deletions.covering(place, &ERASING);
                if deletions.has(&ERASING) {
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
            Row::Erased(marks) => judge_erased(place, marks, &deletions, report, &find),
        }
        if place.row != Row::Gone && deletions.has(&[Operation::Purge]) {
            report.add(find(Code::DeletionIncomplete, place, "a purge names it, and it is there"));
        }
    }
    cold::judge(account, workspace, &deletions, grounds, report);
}

type Find<'f> = &'f dyn Fn(Code, &Place, &str) -> Finding;

fn judge_removed(account: &Account, place: &Place, deletions: &Deletions, report: &mut Report, find: Find) {
    let cold = deletions.covering(place, &[Operation::ColdRelease]);
    // What was purged in cold storage is named by both entries.
    let purged = if cold.is_empty() { place } else { &Place { claimed: None, ..place.clone() } };
    if let Some((listing, _)) = deletions.covering(purged, &[Operation::Purge]).first() {
        report.summary.taken.entry(listing.entry).or_default().removed += 1;
        return;
    }
    match cold.iter().find(|(_, entry)| entry.has_object) {
        Some((listing, _)) => cold::judge_released(account, place, listing.entry, report),
        None if cold.is_empty() && deletions.is_pending => {
            let detail =
                "sealed, not there, and the deletion that names it is not sealed: export again after the next seal";
            report.add(find(Code::RowMissing, place, detail));
        }
        None if cold.is_empty() => {
            report.add(find(Code::RowMissing, place, "sealed, not there, and no deletion names it"));
        }
        None => {
            let detail = "released to cold storage, and no object there holds it";
            report.add(find(Code::RowMissing, place, detail));
        }
    }
}

fn judge_erased(place: &Place, marks: &Marks, deletions: &Deletions, report: &mut Report, find: Find) {
    let covering = deletions.covering(place, &ERASING);
    let Some((first, _)) = covering.first() else {
        let detail = match deletions.is_pending {
            true => {
                "its payload is erased, and the deletion that names it is not sealed: export again after the next seal"
            }
            false => "its payload is erased, and no deletion names it",
        };
        report.add(find(Code::ErasedWithoutEntry, place, detail));
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
